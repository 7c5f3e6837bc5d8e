"""packtrail monitor: registers that stand still, and checkpoints that witnesses have not seen."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.notes.cosignature import Ed25519Cosigner
from ledger.notes.note import format_signatures, sign_text, split_note
from service.monitoring.state import MonitorState, read_head, write_head
from tests.service.monitoring.conftest import Outcome
from tests.service.monitoring.rechecking import recheck
from tests.service.monitoring.served import Address, OpenRegister, replaced
from tests.service.witnessing.places import policy_text

Watching = Callable[..., Outcome]
CITY = Ed25519Cosigner("city.test/w", b"c" * 32, timestamp=0)
RIVAL = Ed25519Cosigner("rival.test/w", b"r" * 32, timestamp=0)


@pytest.fixture
def policy(opened: OpenRegister, tmp_path: Path) -> Path:
    """Asks for both witnesses."""
    file = tmp_path / "policy"
    logs = [signer.vkey for signer in opened.signers()]
    file.write_text(policy_text(logs, {"city": CITY.vkey, "rival": RIVAL.vkey}, "all"))
    return file


def cosigned(*signers: Ed25519Cosigner) -> Callable[[bytes], bytes]:
    """Adds cosignatures to a checkpoint."""
    return lambda note: note + format_signatures(sign_text(split_note(note)[0], signers))


def aged(tmp_path: Path, seconds: float) -> None:
    """Let the monitor remember that the last news are so old."""
    state = MonitorState(tmp_path / "state")
    with state.write() as connection:
        held = read_head(connection)
        older = replace(held, grown_at=held.grown_at - seconds, complete_at=held.complete_at - seconds)
        write_head(connection, older)
    state.close()


def evidence_of(outcome: Outcome, kind: str) -> Path:
    assert (outcome.exit_code, outcome.found["kind"]) == (1, kind), outcome
    return Path(outcome.found["evidence"])


def test_a_register_where_nothing_happens_stalls(opened: OpenRegister, watch: Watching, tmp_path: Path) -> None:
    assert watch("--stall", "3600").exit_code == 0
    aged(tmp_path, 3500)
    assert watch("--stall", "3600").exit_code == 0
    aged(tmp_path, 200)
    folder = evidence_of(watch("--stall", "3600"), "stall")
    assert recheck(folder).exit_code == 0
    assert watch().exit_code == 0
    opened.grow([500])
    assert watch("--stall", "3600").exit_code == 0


def test_fresh_cosignatures_of_the_quorum_are_news(
    opened: OpenRegister, address: Address, watch: Watching, policy: Path, tmp_path: Path
) -> None:
    now = int(time.time())
    strict = ("--policy", policy, "--stall", "3600")
    address.application = replaced(opened.application, "checkpoint", cosigned(CITY.at(now), RIVAL.at(now)))
    outcome = watch(*strict)
    assert (outcome.exit_code, outcome.found["witnesses"]) == (0, ["city", "rival"])
    aged(tmp_path, 7200)
    assert watch(*strict).exit_code == 0
    one_is_old = cosigned(CITY.at(now), RIVAL.at(now - 7200))
    address.application = replaced(opened.application, "checkpoint", one_is_old)
    evidence_of(watch(*strict), "stall")


def test_a_checkpoint_that_too_few_have_cosigned_is_not_taken_in(
    opened: OpenRegister, address: Address, watch: Watching, policy: Path
) -> None:
    now = int(time.time())
    address.application = replaced(opened.application, "checkpoint", cosigned(CITY.at(now)))
    folder = evidence_of(watch("--policy", policy), "unwitnessed")
    again = recheck(folder)
    assert again.exit_code == 1
    assert "quorum" in again.stdout


def test_with_a_time_allowed_a_monitor_waits_for_the_witnesses(
    opened: OpenRegister, address: Address, watch: Watching, policy: Path, tmp_path: Path
) -> None:
    now = int(time.time())
    strict = ("--policy", policy, "--stall", "3600")
    address.application = replaced(opened.application, "checkpoint", cosigned(CITY.at(now), RIVAL.at(now)))
    size = watch(*strict).found["size"]
    opened.grow([500])
    address.application = replaced(opened.application, "checkpoint", cosigned(CITY.at(now)))
    outcome = watch(*strict)
    assert (outcome.exit_code, outcome.found["size"]) == (0, size)
    assert "quorum" in outcome.found["waiting"]


def test_a_wrong_cosignature_is_found_at_once(
    opened: OpenRegister, address: Address, watch: Watching, policy: Path
) -> None:
    def change(note: bytes) -> bytes:
        other = split_note(note)[0].replace(b"\n2", b"\n3", 1)
        return note + format_signatures(sign_text(other, [CITY.at(1), RIVAL.at(1)]))

    address.application = replaced(opened.application, "checkpoint", change)
    outcome = watch("--policy", policy, "--stall", "3600")
    again = recheck(evidence_of(outcome, "unwitnessed"))
    assert again.exit_code == 1
    assert "signature is wrong" in again.stdout


def test_showing_a_checkpoint_and_withholding_its_entries_is_a_stall_in_the_end(
    opened: OpenRegister, address: Address, watch: Watching, tmp_path: Path
) -> None:
    assert watch("--stall", "3600").exit_code == 0
    opened.grow([500])
    path = f"tile/entries/001.p/{opened.size() - 256}"

    def withheld(environ, start):  # type: ignore[no-untyped-def]
        if environ["PATH_INFO"].endswith(path):
            start("404 Not Found", [("Content-Length", "0")])
            return []
        return opened.application(environ, start)

    address.application = withheld
    assert watch("--stall", "3600").exit_code == 3
    aged(tmp_path, 7200)
    outcome = watch("--stall", "3600")
    evidence_of(outcome, "stall")
    assert path in outcome.found["what"]
