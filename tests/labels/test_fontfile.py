"""Files of few letters: made once, with what was asked for, and not for ever more of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from labels.fontfile import font_file


def test_a_file_has_the_letters_asked_for_and_ascii_and_no_others() -> None:
    with TTFont(font_file("sans", frozenset("重庆"))) as font:
        assert set(map(chr, font.getBestCmap())) == {*map(chr, range(0x20, 0x7F)), "重", "庆"}


def test_labels_that_differ_in_ascii_only_share_a_file() -> None:
    assert font_file("mono", frozenset("AB·")) == font_file("mono", frozenset("CD·"))


def test_threads_that_ask_at_once_get_each_its_letters() -> None:
    letters = [frozenset(chr(0x4E00 + number)) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        files = list(pool.map(lambda each: font_file("mono", each), letters))
    assert len(set(files)) == len(letters)


def test_old_files_are_removed_and_the_last_ones_stay_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labels.fontfile.MOST_FILES", 2)
    monkeypatch.setattr("labels.fontfile._shelves", [])
    files = [font_file("mono", frozenset({chr(0x3B1 + number)})) for number in range(6)]
    assert [file.exists() for file in files] == [False, False, True, True, True, True]
