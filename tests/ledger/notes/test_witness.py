"""What is asked of a witness, and what it decides: the order of its checks, and a history that only grows."""

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.notes.checkpoint import Checkpoint, format_checkpoint
from ledger.notes.cosignature import Ed25519Cosigner, MLDSA44Signer
from ledger.notes.note import (
    Ed25519Signer,
    NoteSignature,
    Signer,
    format_note,
    format_signatures,
    parse_vkey,
    sign_note,
    sign_text,
)
from ledger.notes.witness import (
    MAX_REQUEST,
    NOTHING_KEPT,
    Kept,
    Verdict,
    checked_note,
    decide,
    format_add_checkpoint,
    origin_hash,
    parse_add_checkpoint,
    parse_cosignatures,
)
from ledger.strict import format_base64
from ledger.tree import EMPTY_ROOT, hash_leaf
from tests.ledger import oracle

ORIGIN = "log.example"
LOG = Ed25519Signer(ORIGIN, b"L" * 32)
LOG_MLDSA = MLDSA44Signer(ORIGIN, b"L" * 32)
KEYS = [parse_vkey(LOG.vkey), parse_vkey(LOG_MLDSA.vkey)]
STRANGER = Ed25519Signer(ORIGIN, b"S" * 32)
LEAVES = tuple(hash_leaf(bytes([number])) for number in range(40))
OTHER_LEAVES = (*LEAVES[:3], *(hash_leaf(bytes([number, 1])) for number in range(3, 40)))

sizes = st.integers(0, 40)


def head(size: int, leaves: oracle.Leaves = LEAVES) -> Checkpoint:
    return Checkpoint(ORIGIN, size, oracle.mth(leaves[:size]))


def proof_from(old: int, leaves: oracle.Leaves) -> list[bytes]:
    return oracle.consistency(old, leaves) if old else []


def signed(checkpoint: Checkpoint) -> bytes:
    return sign_note(format_checkpoint(checkpoint), [LOG])


def kept(size: int) -> Kept:
    return Kept(size, oracle.mth(LEAVES[:size]))


def ask(old: int, new: int, *, leaves: oracle.Leaves = LEAVES, proof: Sequence[bytes] | None = None) -> bytes:
    found = proof_from(old, leaves[:new]) if proof is None else proof
    return format_add_checkpoint(old, found, signed(head(new, leaves)))


def answer(state: Kept, body: bytes) -> Verdict:
    return decide(KEYS, state, parse_add_checkpoint(body))


@given(sizes, st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_a_request_comes_back(old: int, proof: list[bytes]) -> None:
    request = parse_add_checkpoint(format_add_checkpoint(old, proof, signed(head(5))))
    assert (request.old, list(request.proof)) == (old, proof)
    assert format_note(request.text, request.signatures) == signed(head(5))
    assert request.checkpoint == head(5)


def test_a_request_is_written_as_the_specification_has_it() -> None:
    note = signed(head(2))
    assert format_add_checkpoint(1, [LEAVES[1]], note) == f"old 1\n{format_base64(LEAVES[1])}\n\n".encode() + note


NOTE = signed(head(2))
HASH = format_base64(LEAVES[1]).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        NOTE,
        b"old 1\n" + NOTE,
        b"old 01\n\n" + NOTE,
        b"old -1\n\n" + NOTE,
        b"old\n\n" + NOTE,
        b"old \n\n" + NOTE,
        b"Old 1\n\n" + NOTE,
        b" old 1\n\n" + NOTE,
        b"old 1 \n\n" + NOTE,
        b"old 1\r\n\r\n" + NOTE,
        b"old 9223372036854775808\n\n" + NOTE,
        b"old \xd9\xa1\n\n" + NOTE,
        b"old 1\n" + HASH[:-4] + b"\n\n" + NOTE,
        b"old 1\n" + HASH.rstrip(b"=") + b"\n\n" + NOTE,
        b"old 1\n" + (HASH + b"\n") * 64 + b"\n" + NOTE,
        b"old 1\n\n",
        b"old 1\n\n" + NOTE[: NOTE.index(b"\n\n") + 1],
        b"old 1\n\n" + b"not a checkpoint\n\n" + NOTE.partition(b"\n\n")[2],
        b"old 1\n\n" + NOTE.rstrip(b"\n"),
        b"old 1\n\n" + NOTE + b"x" * MAX_REQUEST,
    ],
)
def test_anything_else_is_no_request(body: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_add_checkpoint(body)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"old 1\n\n" + NOTE[:60] + rest))
def test_any_bytes_are_a_request_or_malformed(body: bytes) -> None:
    with suppress(MalformedError):
        parse_add_checkpoint(body)


@given(st.binary(max_size=300))
def test_any_bytes_are_cosignatures_or_malformed(body: bytes) -> None:
    with suppress(MalformedError):
        parse_cosignatures(body)


def test_the_cosignatures_of_an_answer_come_back() -> None:
    witness: list[Signer] = [Ed25519Cosigner("w", b"w" * 32, timestamp=5), MLDSA44Signer("w", b"w" * 32, timestamp=5)]
    made = sign_text(format_checkpoint(head(5)), witness)
    assert parse_cosignatures(format_signatures(made)) == list(made)


@given(sizes, sizes)
def test_every_tree_that_extends_the_kept_one_is_cosigned(old: int, new: int) -> None:
    old, new = sorted((old, new))
    assert answer(kept(old), ask(old, new)) is Verdict.COSIGN


@given(sizes, sizes, sizes)
def test_an_old_size_other_than_the_kept_one_is_a_conflict(at: int, old: int, new: int) -> None:
    verdict = answer(kept(at), ask(old, max(old, new)))
    assert verdict is (Verdict.COSIGN if at == old else Verdict.CONFLICT)


@given(st.integers(4, 40), st.integers(4, 40))
def test_no_other_history_is_cosigned(old: int, new: int) -> None:
    old, new = sorted((old, new))
    assert answer(kept(old), ask(old, new, leaves=OTHER_LEAVES)) is Verdict.INCONSISTENT


@given(st.integers(1, 40), sizes, st.lists(st.sampled_from(LEAVES), max_size=6))
def test_no_other_proof_is_accepted(old: int, new: int, proof: list[bytes]) -> None:
    old, new = sorted((old, new))
    right = (old == 0 and not proof) or proof == proof_from(old, LEAVES[:new])
    verdict = answer(kept(old), ask(old, new, proof=proof))
    assert verdict is (Verdict.COSIGN if right else Verdict.INCONSISTENT)


def test_a_witness_that_never_cosigned_starts_at_any_size_without_proof() -> None:
    assert answer(NOTHING_KEPT, ask(0, 40)) is Verdict.COSIGN
    assert answer(NOTHING_KEPT, ask(0, 40, proof=[LEAVES[0]])) is Verdict.INCONSISTENT
    assert answer(NOTHING_KEPT, ask(7, 40)) is Verdict.CONFLICT


def test_the_empty_tree_has_one_root() -> None:
    assert answer(NOTHING_KEPT, ask(0, 0)) is Verdict.COSIGN
    wrong = format_add_checkpoint(0, [], signed(Checkpoint(ORIGIN, 0, bytes(32))))
    assert answer(NOTHING_KEPT, wrong) is Verdict.INCONSISTENT
    assert Kept(0, EMPTY_ROOT) == NOTHING_KEPT


def test_the_checks_come_in_the_order_of_the_specification() -> None:
    """Each request has all faults from its own check on: the first check is the one that answers."""
    text = format_checkpoint(Checkpoint(ORIGIN, 5, bytes(32)))
    by_stranger = parse_add_checkpoint(format_add_checkpoint(9, [], sign_note(text, [STRANGER])))
    assert decide([], kept(7), by_stranger) is Verdict.UNKNOWN_LOG
    assert decide(KEYS, kept(7), by_stranger) is Verdict.NOT_SIGNED
    too_old = parse_add_checkpoint(format_add_checkpoint(9, [], sign_note(text, [LOG])))
    assert decide(KEYS, kept(7), too_old) is Verdict.TOO_OLD
    conflict = parse_add_checkpoint(format_add_checkpoint(4, [], sign_note(text, [LOG])))
    assert decide(KEYS, kept(7), conflict) is Verdict.CONFLICT
    inconsistent = parse_add_checkpoint(format_add_checkpoint(4, [], sign_note(text, [LOG])))
    assert decide(KEYS, kept(4), inconsistent) is Verdict.INCONSISTENT


def test_one_known_key_is_enough_but_none_may_be_wrong() -> None:
    text = format_checkpoint(head(5))
    chosen: list[list[Signer]] = [[LOG], [LOG_MLDSA], [LOG, LOG_MLDSA], [STRANGER, LOG]]
    for signers in chosen:
        assert answer(NOTHING_KEPT, format_add_checkpoint(0, [], sign_note(text, signers))) is Verdict.COSIGN
    wrong = NoteSignature(ORIGIN, LOG_MLDSA.key_id, LOG_MLDSA.sign(format_checkpoint(head(6))))
    note = format_note(text, [*sign_text(text, [LOG]), wrong])
    assert answer(NOTHING_KEPT, format_add_checkpoint(0, [], note)) is Verdict.NOT_SIGNED


def test_only_signatures_that_were_checked_are_handed_on() -> None:
    text = format_checkpoint(head(5))
    checked = sign_text(text, [LOG, LOG_MLDSA])
    note = format_note(text, [*sign_text(text, [STRANGER]), *checked, *checked])
    request = parse_add_checkpoint(format_add_checkpoint(0, [], note))
    assert checked_note(KEYS, request) == format_note(text, checked)


def test_an_origin_is_addressed_by_its_hash() -> None:
    assert origin_hash("") == EMPTY_ROOT.hex()


@pytest.mark.parametrize("more", [0, 1])
def test_a_request_may_be_as_long_as_the_bound_and_not_a_byte_longer(more: int) -> None:
    def note(padding: int) -> bytes:
        padded = Checkpoint(ORIGIN, 3, oracle.mth(LEAVES[:3]), ("x" * padding,))
        return sign_note(format_checkpoint(padded), [LOG])

    room = MAX_REQUEST - len(format_add_checkpoint(0, [], note(1)))
    body = format_add_checkpoint(0, [], note(1 + room))
    assert len(body) == MAX_REQUEST
    if not more:
        assert parse_add_checkpoint(body).checkpoint.size == 3
        return
    with pytest.raises(MalformedError, match="too long"):
        parse_add_checkpoint(body + b"\n")
    with pytest.raises(MalformedError, match="too long"):
        format_add_checkpoint(0, [], note(2 + room))


@pytest.mark.parametrize("body", [b"old 0\xff\n\n", b"old \xd9\xa0\n\n", "old 0\né\n\n".encode(), b"old 0", b""])
def test_a_head_in_other_letters_or_without_an_end_is_no_request(body: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_add_checkpoint(body)
