"""Lines of the log: one each, bounded, and without what opens anything."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.log_lines import LONGEST, LONGEST_TRACEBACK, JsonLines, clean, write_line

KEY = "pt_abcdefghijkl_" + "S" * 43


@pytest.fixture
def told(tmp_path: Path) -> Iterator[tuple[logging.Logger, Path]]:
    """A logger, and the file that its lines go to."""
    file = tmp_path / "log"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    logger = logging.Logger("service.test")
    logger.addHandler(JsonLines(lambda: "7" * 32, descriptor=descriptor))
    yield logger, file
    os.close(descriptor)


def lines(file: Path) -> list[dict[str, Any]]:
    return [orjson.loads(each) for each in file.read_bytes().splitlines()]


def test_what_modules_tell_is_one_line_each_with_the_trace_of_its_request(told: tuple[logging.Logger, Path]) -> None:
    logger, file = told
    logger.warning("first\r\nevent: %s", '"},{"level":"x"\x1b[31m\u2028')
    logger.error("second", extra={"trace_id": "8" * 32})
    first, second = lines(file)
    assert (first["level"], first["trace_id"], first["logger"]) == ("warning", "7" * 32, "service.test")
    assert first["event"] == 'first\r\nevent: "},{"level":"x"\x1b[31m\u2028'
    assert second["trace_id"] == "8" * 32
    assert file.read_bytes().isascii()
    assert b"\x1b" not in file.read_bytes()


def test_a_traceback_is_told_with_its_end_and_without_the_secret_in_it(told: tuple[logging.Logger, Path]) -> None:
    logger, file = told
    try:
        raise ValueError(f"x{'y' * 1_000_000} {KEY} postgresql://register:hunter22@db/register in the end")
    except ValueError:
        logger.exception("failed")
    [line] = lines(file)
    assert line["exception"].startswith("Traceback (most recent call last)")
    assert line["exception"].rstrip().endswith("in the end")
    assert len(file.read_bytes()) < LONGEST_TRACEBACK + 1024
    assert b"SSSS" not in file.read_bytes() and b"hunter22" not in file.read_bytes()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (f"/v1/operators/{KEY}", "/v1/operators/pt_abcdefghijkl_(removed)"),
        ("Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer (removed)"),
        ("postgresql://u:secret@h/d", "postgresql://u:(removed)@h/d"),
        ("PRIVATE+KEY+log+1234+AbCd", "PRIVATE+KEY+(removed)"),
        ("whsec_C2FVsBQIhrscChlQIMV", "whsec_(removed)"),
        ("001PE12ABCDEFGG2T0000001", "001PE12ABCDEFGG2T0000001"),
    ],
)
def test_what_opens_something_is_left_out_and_what_names_it_stays(text: str, written: str) -> None:
    assert clean({"path": text}) == {"path": written}


@given(st.dictionaries(st.sampled_from(("path", "event", "exception")), st.text(max_size=3_000)))
def test_no_member_is_longer_than_stated_and_every_line_is_one(members: dict[str, str]) -> None:
    cleaned = clean(members)
    for name, value in cleaned.items():
        assert len(value.encode()) <= (LONGEST_TRACEBACK if name == "exception" else LONGEST)
    line = write_line(cleaned)
    assert line.isascii() and not any(byte < 32 or byte == 127 for byte in line.replace(b"\x7f", b""))
    assert orjson.loads(line) == cleaned


def test_a_secret_across_the_place_of_the_cut_does_not_show() -> None:
    for start in range(LONGEST - 60, LONGEST + 5):
        text = "a" * start + KEY + "b" * 5_000
        assert "SSSSSSSS" not in clean({"event": text})["event"]
