"""What the register found when it verified itself, day by day."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from service.verification.days import FILE, LONGEST, Verified, note_day, read_days

DAY = date(2026, 5, 1)


def test_a_day_on_which_damage_was_found_stays_so(tmp_path: Path) -> None:
    for found in (Verified(5), Verified(failure="entry 3: changed"), Verified(9)):
        note_day(tmp_path, DAY, found)
    assert read_days(tmp_path) == {DAY: Verified(9, "entry 3: changed")}


def test_only_the_newest_days_are_kept(tmp_path: Path) -> None:
    kept = {(DAY - timedelta(before)).isoformat(): [1, ""] for before in range(LONGEST)}
    (tmp_path / FILE).write_text(json.dumps(kept))
    note_day(tmp_path, DAY + timedelta(1), Verified(2))
    days = read_days(tmp_path)
    assert len(days) == LONGEST and max(days) == DAY + timedelta(1) and min(days) == DAY - timedelta(LONGEST - 2)


@pytest.mark.parametrize("text", ["", "[]", '{"x": [1, ""]}', '{"2026-05-01": 1}', '{"2026-05-01": [1]}', "{"])
def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path, text: str) -> None:
    assert read_days(tmp_path) == {}
    (tmp_path / FILE).write_text(text)
    assert read_days(tmp_path) == {}
    note_day(tmp_path, DAY, Verified(2))
    assert read_days(tmp_path) == {DAY: Verified(2)}
