"""Contradictions: found between any two histories, believed only if the log signed both."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.__main__ import main
from ledger.errors import LedgerError, MalformedError, ProofError, SignatureError
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.note import Ed25519Signer, parse_vkey
from ledger.proof import Node
from ledger.tree import hash_leaf
from ledger.verification.contradiction import (
    Contradiction,
    find_contradiction,
    format_contradiction,
    parse_contradiction,
    report_contradiction,
    verify_contradiction,
)
from tests.ledger import oracle

ORIGIN = "log.example"
LOG, STRANGER = Ed25519Signer(ORIGIN, bytes(32)), Ed25519Signer(ORIGIN, b"s" * 32)
KEYS = [parse_vkey(LOG.vkey)]


class History:
    """A few entries, and the checkpoint over them."""

    def __init__(self, entries: Sequence[int], signer: Ed25519Signer = LOG) -> None:
        self.leaves = tuple(hash_leaf(b"entry %d" % entry) for entry in entries)
        self.note = sign_checkpoint(Checkpoint(ORIGIN, len(self.leaves), oracle.mth(self.leaves)), [signer])

    def read(self, wanted: Sequence[Node]) -> list[bytes]:
        return [oracle.mth(self.leaves[index << level : (index + 1) << level]) for level, index in wanted]


def between(one: History, other: History) -> Contradiction | None:
    return find_contradiction(one.note, one.read, other.note, other.read)


def found() -> Contradiction:
    contradiction = between(History(range(9)), History([*range(5), 77, 6]))
    assert contradiction is not None
    return contradiction


@given(st.lists(st.integers(0, 3), max_size=20), st.lists(st.integers(0, 3), max_size=20))
def test_the_first_difference_is_found_and_convinces(one: list[int], other: list[int]) -> None:
    common = list(zip(one, other, strict=False))
    first = next((index for index, (here, there) in enumerate(common) if here != there), None)
    contradiction = between(History(one), History(other))
    assert (contradiction.index if contradiction else None) == first
    if contradiction:
        again = parse_contradiction(format_contradiction(contradiction))
        assert again == contradiction
        sizes = [head.size for head in verify_contradiction(again, KEYS, origin=ORIGIN, require_all=True)]
        assert sizes == [len(one), len(other)]


def test_hashes_that_are_not_those_signed_make_none() -> None:
    one, other = History(range(9)), History([*range(5), 77])
    liar = History([*range(3), 55, 4])
    assert find_contradiction(one.note, one.read, other.note, liar.read) is None


def test_a_log_that_extends_itself_can_not_be_accused() -> None:
    shorter, longer = History(range(5)), History(range(9))
    assert between(shorter, longer) is None
    side = found().signed[0]
    for forged in (
        Contradiction(5, (side, side)),
        replace(found(), index=4),
        Contradiction(5, (side, replace(side, leaf_hash=bytes(32)))),
    ):
        with pytest.raises(ProofError):
            verify_contradiction(forged, KEYS, origin=ORIGIN)


def test_a_report_says_what_was_checked_whether_it_holds_or_not() -> None:
    data = format_contradiction(found())
    for vkey, holds in ((LOG.vkey, True), (STRANGER.vkey, False)):
        report = report_contradiction(data, [parse_vkey(vkey)])
        assert (report.ok, report.checked) == (holds, {"checkpoints": 2})


def test_a_side_that_somebody_else_signed_proves_nothing() -> None:
    contradiction = between(History(range(9)), History([*range(5), 77], STRANGER))
    assert contradiction is not None
    with pytest.raises(SignatureError):
        verify_contradiction(contradiction, KEYS, origin=ORIGIN)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_contradiction_or_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_contradiction(data)


@given(st.data())
def test_a_changed_byte_is_never_believed(data: st.DataObject) -> None:
    whole = format_contradiction(found())
    at = data.draw(st.integers(0, len(whole) - 2))
    changed = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    try:
        contradiction = parse_contradiction(changed)
        verify_contradiction(contradiction, KEYS, origin=ORIGIN, require_all=True)
    except LedgerError:
        return
    assert contradiction == found()  # another way to write the same JSON


def test_the_command_line_says_what_is_proven(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "contradiction.json"
    file.write_bytes(format_contradiction(found()))
    assert main(["verify", str(file), "--key", LOG.vkey]) == 0
    assert f"proven: {ORIGIN} signed two histories, with different entries 5" in capsys.readouterr().out
    assert main(["verify", str(file), "--key", STRANGER.vkey]) == 1
    members = json.loads(file.read_bytes())
    members["signed"].pop()
    file.write_text(json.dumps(members, separators=(",", ":")))
    assert main(["verify", str(file), "--key", LOG.vkey]) == 2
