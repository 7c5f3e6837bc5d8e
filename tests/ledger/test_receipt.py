"""Receipts: text form, verification, and every single-byte change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError, MalformedError, ProofError, SignatureError
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.cosignature import Ed25519Cosigner, MLDSA44Signer
from ledger.notes.note import Ed25519Signer, parse_vkey, split_note
from ledger.receipt import Receipt, format_receipt, parse_receipt, verify_receipt
from ledger.tree import hash_leaf
from tests.ledger import oracle

ORIGIN = "log.example"
ENTRIES = [b"entry %d" % n for n in range(21)]
LEAVES = tuple(map(hash_leaf, ENTRIES))
CLASSIC, QUANTUM = Ed25519Signer(ORIGIN, bytes(32)), MLDSA44Signer(ORIGIN, bytes(32))
WITNESS = Ed25519Cosigner("witness.example", bytes(32), timestamp=1)
KEYS = [parse_vkey(signer.vkey) for signer in (CLASSIC, QUANTUM)]
CHECKPOINT = Checkpoint(ORIGIN, len(LEAVES), oracle.mth(LEAVES))
NOTE = sign_checkpoint(CHECKPOINT, [CLASSIC, QUANTUM])
SHORT_NOTE = sign_checkpoint(CHECKPOINT, [CLASSIC])


def receipt_for(index: int, note: bytes = NOTE, extra: bytes | None = None) -> Receipt:
    return Receipt(index, tuple(oracle.path(index, LEAVES)), note, extra)


def test_a_receipt_is_written_as_the_specification_says() -> None:
    lines = format_receipt(receipt_for(20, extra=b"more")).split(b"\n")
    assert lines[:3] == [b"c2sp.org/tlog-proof@v1", b"extra bW9yZQ==", b"index 20"]
    assert [len(line) for line in lines[3:6]] == [44, 44, 0]
    assert lines[6] == b"log.example"


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_every_entry_can_be_proven_and_no_other_in_its_place(index: int) -> None:
    receipt = parse_receipt(format_receipt(receipt_for(index)))
    assert verify_receipt(receipt, ENTRIES[index], KEYS, origin=ORIGIN, require_all=True) == CHECKPOINT
    with pytest.raises(ProofError):
        verify_receipt(receipt, ENTRIES[index - 1], KEYS, origin=ORIGIN)


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.none() | st.binary(max_size=50),
)
def test_a_receipt_comes_back(index: int, proof: list[bytes], extra: bytes | None) -> None:
    receipt = Receipt(index, tuple(proof), NOTE, extra)
    assert parse_receipt(format_receipt(receipt)) == receipt


def test_a_receipt_by_another_log_or_under_another_key_is_refused() -> None:
    receipt = receipt_for(3)
    with pytest.raises(SignatureError):
        verify_receipt(receipt, ENTRIES[3], KEYS, origin="other.example")
    with pytest.raises(SignatureError):
        verify_receipt(receipt, ENTRIES[3], [parse_vkey(Ed25519Signer(ORIGIN, b"\1" * 32).vkey)], origin=ORIGIN)


def test_a_missing_signature_shows_when_all_are_required() -> None:
    receipt = receipt_for(3, SHORT_NOTE)
    verify_receipt(receipt, ENTRIES[3], KEYS, origin=ORIGIN)
    with pytest.raises(SignatureError):
        verify_receipt(receipt, ENTRIES[3], KEYS, origin=ORIGIN, require_all=True)


def test_a_receipt_may_carry_cosignatures_that_the_reader_does_not_know() -> None:
    note = sign_checkpoint(CHECKPOINT, [CLASSIC, WITNESS])
    assert verify_receipt(receipt_for(3, note), ENTRIES[3], KEYS, origin=ORIGIN) == CHECKPOINT


GOOD = format_receipt(receipt_for(5, SHORT_NOTE, b"x"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GOOD[1:],
        GOOD.replace(b"@v1", b"@v2"),
        GOOD.replace(b"index 5\n", b""),
        GOOD.replace(b"index 5\n", b"5\n"),
        GOOD.replace(b"index 5", b"index 05"),
        GOOD.replace(b"index 5", b"index -5"),
        GOOD.replace(b"index 5", b"index  5"),
        GOOD.replace(b"index 5", b"Index 5"),
        GOOD.replace(b"index 5", b"index 9223372036854775808"),
        GOOD.replace(b"index 5\n", b"index 5\nindex 5\n"),
        GOOD.replace(b"index 5\n", b"index 5\nAAAA\n"),
        GOOD.replace(b"index 5\n", b"index 5\n\n"),
        GOOD.replace(b"index 5\n", b"index 5\n" + (b"A" * 43 + b"=\n") * 64),
        GOOD.replace(b"extra eA==\n", b"extra eA==\nextra eA==\n"),
        GOOD.replace(b"extra eA==", b"extra eA="),
        GOOD.replace(b"extra eA==", b"extra"),
        GOOD.replace(b"extra eA==\nindex 5\n", b"index 5\nextra eA==\n"),
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"\n\n", b"\n"),
        GOOD + b"\n",
        GOOD[:-1],
        GOOD.replace(SHORT_NOTE, b""),
        GOOD.replace(SHORT_NOTE, b"hello\n\n" + SHORT_NOTE.split(b"\n\n")[1]),
        GOOD.replace(b"extra eA==", b"extra " + b"AAAA" * 500_000),
    ],
)
def test_what_is_not_a_receipt_is_refused(data: bytes) -> None:
    assert data != GOOD
    with pytest.raises(MalformedError):
        parse_receipt(data)


@pytest.mark.parametrize(
    "receipt",
    [
        Receipt(-1, (), NOTE),
        Receipt(2**63, (), NOTE),
        Receipt(0, (b"short",), NOTE),
        Receipt(0, (bytes(32),) * 64, NOTE),
        Receipt(0, (), b"not a note"),
        Receipt(0, (), b"\n" + NOTE),
        Receipt(0, (), NOTE, bytes(2_000_000)),
    ],
)
def test_what_could_not_be_read_back_is_not_written(receipt: Receipt) -> None:
    with pytest.raises(MalformedError):
        format_receipt(receipt)


@given(st.binary(max_size=60), st.integers(0, len(GOOD)), st.integers(0, 10))
def test_any_bytes_are_a_receipt_or_refused(noise: bytes, at: int, cut: int) -> None:
    data = GOOD[:at] + noise + GOOD[at + cut :]
    try:
        receipt = parse_receipt(data)
    except MalformedError:
        return
    assert format_receipt(receipt) == data


@pytest.mark.parametrize("require_all", [False, True])
def test_no_single_byte_change_alters_what_a_receipt_proves(require_all: bool) -> None:
    """What may change unseen is `extra` and, if one key is enough, whether the other key's line is a known one."""
    original = receipt_for(5, extra=b"x")
    data = format_receipt(original)
    silent = set()
    for at in range(len(data)):
        for flip in (0x01, 0x10, 0x80):
            changed = data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
            try:
                receipt = parse_receipt(changed)
                checkpoint = verify_receipt(receipt, ENTRIES[5], KEYS, origin=ORIGIN, require_all=require_all)
            except LedgerError:
                continue
            assert (receipt.index, receipt.proof, checkpoint) == (original.index, original.proof, CHECKPOINT)
            assert split_note(receipt.checkpoint)[0] == split_note(NOTE)[0]
            silent.add(at)
    extra = data.index(b"extra ")
    in_extra = set(range(extra + 6, extra + 10))
    assert silent & in_extra
    assert bool(silent - in_extra) is not require_all


def test_a_proof_of_63_hashes_is_the_longest() -> None:
    longest = Receipt(5, (bytes(32),) * 63, SHORT_NOTE)
    assert parse_receipt(format_receipt(longest)) == longest
