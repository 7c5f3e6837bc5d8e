"""The state of a verification: read as it was written, refused if it is anything else, never half written."""

import json
import signal
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.errors import MalformedError
from ledger.verification import verified
from ledger.verification.verified import State, StateFile, format_state, interruptible, parse_state, read_state

STATE = State("a.test/log", 7, b"\1" * 32)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "packtrail-verifier-state-v2"},
        {"origin": 5},
        {"origin": None},
        {"size": 0},
        {"size": -1},
        {"size": True},
        {"size": "7"},
        {"root": None},
        {"root": ""},
        {"root": "AQEB"},
        {"root": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"},
        {"root": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"},
        {"root": "!" * 44},
        {"more": 1},
    ],
)
def test_a_state_with_another_member_is_none(changes: dict[str, Any]) -> None:
    whole = json.loads(format_state(STATE))
    assert parse_state(json.dumps(whole).encode()) == STATE
    with pytest.raises(MalformedError):
        parse_state(json.dumps(whole | changes).encode())


@pytest.mark.parametrize("name", ["format", "origin", "size", "root"])
def test_a_state_without_a_member_is_none(name: str) -> None:
    whole = json.loads(format_state(STATE))
    del whole[name]
    with pytest.raises(MalformedError):
        parse_state(json.dumps(whole).encode())


def test_the_smallest_state_is_of_one_entry_and_its_anchor_says_what_it_says() -> None:
    small = State("a.test/log", 1, b"\1" * 32)
    assert parse_state(format_state(small)) == small
    assert (STATE.anchor.size, STATE.anchor.root) == (7, b"\1" * 32)
    assert STATE.anchor.what == "an earlier verification found"


def test_a_state_is_written_now_and_then_and_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(verified, "time", SimpleNamespace(monotonic=lambda: now))
    file = tmp_path / "state"
    assert read_state(file) is None
    with StateFile(file) as kept:
        assert kept.found is None
        kept.save(STATE)
        assert not file.exists()
        now = 110.0
        kept.save(State("a.test/log", 8, b"\2" * 32))
        assert parse_state(file.read_bytes()).size == 8
        now = 119.0
        kept.save(State("a.test/log", 9, b"\3" * 32))
        assert parse_state(file.read_bytes()).size == 8
    assert parse_state(file.read_bytes()).size == 9
    assert [each.name for each in tmp_path.iterdir()] == ["state"]
    with StateFile(file) as kept:
        assert kept.found == State("a.test/log", 9, b"\3" * 32)
    assert parse_state(file.read_bytes()).size == 9


def test_a_file_that_holds_something_else_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.write_text("a letter")
    with pytest.raises(MalformedError):
        StateFile(file)
    assert file.read_text() == "a letter"


def test_a_signal_to_end_interrupts_and_what_was_done_is_kept(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), StateFile(tmp_path / "state") as kept, interruptible():
        kept.save(STATE)
        signal.raise_signal(signal.SIGTERM)
    assert read_state(tmp_path / "state") == STATE
    assert signal.getsignal(signal.SIGTERM) is before


def test_only_the_main_thread_minds_signals() -> None:
    before, seen = signal.getsignal(signal.SIGTERM), list[object]()

    def work() -> None:
        with interruptible():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
