"""Evidence bundles: what one file proves of one battery, and that no byte of it can be bent."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.bundle import (
    FORMAT,
    Bundle,
    BundleError,
    Complete,
    MapProof,
    Proven,
    format_bundle,
    parse_bundle,
    verify_bundle,
)
from ledger.entry import format_time, parse_entry, parse_time
from ledger.epoch import look_up
from ledger.errors import LedgerError, MalformedError, SignatureError
from ledger.log import Log, Submission, tile_reader
from ledger.memory import MemoryStore
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.note import Ed25519Signer, Verifier, parse_vkey
from ledger.proof import prove_inclusion
from ledger.signing.jws import Ed25519EventSigner, sign_event
from ledger.signing.keyring import key_body
from ledger.tree import hash_leaf
from tests.ledger.conftest import Exported
from tests.ledger.golden import AUTHORITY, MAKER, MAKER_NEXT, ORIGIN, OTHER, PACK, event, opening
from tests.ledger.test_log import NOW
from tests.service.town import ORIGIN as TOWN

SIGNER = Ed25519Signer(ORIGIN, b"e" * 32)
VERIFIERS = [parse_vkey(SIGNER.vkey)]


def submit(signer: Ed25519EventSigner, type_: str, body: dict[str, Any], number: int, **more: Any) -> Submission:
    said = event(signer, type_, body, id=f"01907c5e-7b1a-7c3d-8e4f-{number:012x}", **more)
    return Submission(said, sign_event(said.data, signer))


def story() -> MemoryStore:
    """Keys at 0, 1, 4 and 6 (a revocation), the pack at 2, 5 and 7, another one at 3."""
    store = MemoryStore()
    items = [
        submit(AUTHORITY, "open_log", opening(AUTHORITY, SIGNER.vkey), 0),
        submit(AUTHORITY, "register_key", key_body(MAKER.header, MAKER.public_key), 1),
        submit(MAKER, "register", {"mass_g": 1}, 2, subjects=[PACK]),
        submit(MAKER, "register", {"mass_g": 2}, 3, subjects=["OTHER1"]),
        submit(MAKER, "register_key", key_body(MAKER_NEXT.header, MAKER_NEXT.public_key), 4),
        submit(MAKER, "report_soh", {"soce_ppm": 900_000}, 5, subjects=[PACK, "OTHER1"]),
        submit(AUTHORITY, "revoke_key", {"kid": "maker/k1", "reason": "x"}, 6),
        submit(MAKER_NEXT, "report_soh", {"soce_ppm": 800_000}, 7, subjects=[PACK]),
    ]
    with store.append() as tx:
        Log(ORIGIN, [SIGNER]).append(tx, items, NOW)
    return store


def bundle_of(store: MemoryStore, entries: list[int], keys: list[int], *, subject: str = PACK) -> Bundle:
    with store.read() as reader:
        nodes = tile_reader(reader, reader.size()).nodes

        def proven(index: int) -> Proven:
            entry = reader.entry(index)
            assert entry is not None
            return Proven(index, entry, tuple(prove_inclusion(index, reader.size(), nodes)))

        return Bundle(subject, reader.checkpoint(), tuple(map(proven, entries)), tuple(map(proven, keys)))


STORE = story()
GOOD = bundle_of(STORE, [2, 5, 7], [0, 1, 4, 6])


def verify(bundle: Bundle) -> Checkpoint:
    return verify_bundle(bundle, VERIFIERS, origin=ORIGIN).checkpoint


def fault(bundle: Bundle) -> int:
    """The entry that is named."""
    with pytest.raises(BundleError) as error:
        verify(bundle)
    return error.value.index


def test_a_whole_bundle_holds() -> None:
    assert verify(GOOD).size == 8


def test_a_bundle_reads_as_it_was_written() -> None:
    data = format_bundle(GOOD)
    assert parse_bundle(data) == GOOD
    assert json.loads(data)["format"] == FORMAT
    assert data.endswith(b"}\n")


def test_a_bundle_of_the_real_register_holds(exported: Exported) -> None:
    bundle = parse_bundle(exported.bundle.read_bytes())
    assert verify_bundle(bundle, exported.verifiers, origin=TOWN, require_all=True).checkpoint == exported.signed
    assert len(bundle.entries) == 6
    assert bundle.subject == exported.code


def test_indented_otherwise_a_bundle_says_the_same() -> None:
    assert parse_bundle(json.dumps(json.loads(format_bundle(GOOD)), indent=7, ensure_ascii=True).encode()) == GOOD


# --- what is left out, added, moved


@pytest.mark.parametrize(("entries", "named"), [([2, 7], 7), ([5, 7], 5), ([7], 7), ([5, 2, 7], 5), ([2, 7, 5], 7)])
def test_a_gap_in_the_battery_s_life_is_named(entries: list[int], named: int) -> None:
    assert fault(bundle_of(STORE, entries, [0, 1, 4, 6])) == named


def test_a_bundle_proves_nothing_about_what_comes_after_its_last_entry() -> None:
    verify(bundle_of(STORE, [2, 5], [0, 1]))


def test_an_entry_of_another_battery_is_named() -> None:
    assert fault(bundle_of(STORE, [2, 3, 5, 7], [0, 1, 4, 6])) == 3
    assert fault(bundle_of(STORE, [2, 5, 7], [0, 1, 4, 6], subject="OTHER1")) == 2


def test_a_bundle_without_entries_is_refused() -> None:
    with pytest.raises(MalformedError, match="proves nothing"):
        verify(bundle_of(STORE, [], [0, 1, 4, 6]))


@pytest.mark.parametrize(("missing", "named"), [(0, 1), (1, 2), (4, 7)])
def test_a_key_that_is_not_shown_signs_nothing(missing: int, named: int) -> None:
    assert fault(bundle_of(STORE, [2, 5, 7], [index for index in (0, 1, 4, 6) if index != missing])) == named


def test_an_entry_given_twice_must_be_the_same_both_times() -> None:
    """A forged entry must not slip through because the genuine one stands among the keys."""
    forged = replace(GOOD.entries[-1], entry=GOOD.entries[-1].entry.replace(b"800000", b"990000"))
    assert forged != GOOD.entries[-1]
    hidden = replace(GOOD, entries=(*GOOD.entries[:-1], forged), keys=(*GOOD.keys, GOOD.entries[-1]))
    assert fault(hidden) == 7
    assert fault(replace(GOOD, entries=(*GOOD.entries[:-1], forged))) == 7
    assert fault(replace(GOOD, keys=(*GOOD.keys, GOOD.entries[-1]))) == 7


def test_an_entry_given_twice_in_the_battery_s_life_is_named() -> None:
    assert fault(replace(GOOD, entries=(*GOOD.entries, GOOD.entries[-1]))) == 7


# --- what is forged


@pytest.mark.parametrize("place", range(3))
def test_an_edited_entry_is_named(place: int) -> None:
    entries = list(GOOD.entries)
    entries[place] = replace(
        entries[place], entry=entries[place].entry.replace(b"_ppm", b"_ppn").replace(b'g":1', b'g":9')
    )
    assert fault(replace(GOOD, entries=tuple(entries))) == entries[place].index


def test_another_index_or_proof_is_named() -> None:
    last = GOOD.entries[-1]
    for wrong in (
        replace(last, index=6),
        replace(last, index=8),
        replace(last, index=2**62),
        replace(last, proof=last.proof[:-1]),
        replace(last, proof=(*last.proof, b"\0" * 32)),
        replace(last, proof=tuple(reversed(last.proof))),
        replace(last, proof=()),
    ):
        with pytest.raises(LedgerError):
            verify(replace(GOOD, entries=(*GOOD.entries[:-1], wrong)))


def test_the_checkpoint_must_be_signed_by_the_log() -> None:
    text = GOOD.checkpoint.partition(b"\n\n")[0] + b"\n"
    impostor = Ed25519Signer(ORIGIN, b"i" * 32)
    size, root = 8, verify(GOOD).root
    for note in (
        sign_checkpoint(Checkpoint(ORIGIN, size, root), [impostor]),
        sign_checkpoint(Checkpoint("other.test/log", size, root), [Ed25519Signer("other.test/log", b"e" * 32)]),
        GOOD.checkpoint[:-8] + b"AAAAAA=\n",
    ):
        with pytest.raises((SignatureError, MalformedError)):
            verify(replace(GOOD, checkpoint=note))
    assert GOOD.checkpoint.startswith(text)


def test_all_keys_must_have_signed_where_all_are_asked_for() -> None:
    stranger: Verifier = parse_vkey(Ed25519Signer(ORIGIN, b"2" * 32).vkey)
    verify_bundle(GOOD, [*VERIFIERS, stranger], origin=ORIGIN)
    with pytest.raises(SignatureError):
        verify_bundle(GOOD, [*VERIFIERS, stranger], origin=ORIGIN, require_all=True)


def test_events_that_were_signed_for_another_log_prove_nothing() -> None:
    """A whole genuine register, put under the checkpoint of another log."""
    store, thief = MemoryStore(), Ed25519Signer("thief.test/log", b"t" * 32)
    with STORE.read() as reader:
        entries = [parse_entry(entry) for entry in reader.entries(0, 8)]
        texts = [entry.split(b'"jws":"')[1].split(b'"')[0].decode() for entry in reader.entries(0, 8)]
    with store.append() as tx:
        items = [Submission(entry.event, jws) for entry, jws in zip(entries, texts, strict=True)]
        Log("thief.test/log", [thief]).append(tx, items, NOW)
    stolen = bundle_of(store, [2, 5, 7], [0, 1, 4, 6])
    with pytest.raises(SignatureError, match=r"golden\.test/log"):
        verify_bundle(stolen, [parse_vkey(thief.vkey)], origin="thief.test/log")


def test_a_revoked_key_and_a_stranger_s_key_sign_nothing() -> None:
    for signer in (MAKER, OTHER):
        store = story()
        with store.append() as tx:
            late = submit(signer, "report_soh", {"soce_ppm": 1}, 99, subjects=[PACK])
            Log(ORIGIN, [SIGNER]).append(tx, [late], NOW)
        assert fault(bundle_of(store, [2, 5, 7, 8], [0, 1, 4, 6])) == 8


# --- the file


@pytest.mark.parametrize("wrong", [1, -1])
def test_every_changed_byte_of_a_bundle_fails_or_leaves_its_meaning(wrong: int) -> None:
    small = bundle_of(STORE, [2, 5], [0, 1])
    data = format_bundle(small)
    unchanged = 0
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1 if wrong == 1 else 0x20]) + data[at + 1 :]
        if changed == data:
            continue
        try:
            parsed = parse_bundle(changed)
            verify(parsed)
        except LedgerError:
            continue
        assert parsed == small, f"byte {at}"
        unchanged += 1
    assert unchanged < len(data) / 4  # white space between the members


@given(st.binary(max_size=100))
def test_any_bytes_give_a_bundle_or_malformed_error(data: bytes) -> None:
    whole = format_bundle(GOOD)
    for attempt in (data, whole[:300] + data + whole[300:], whole.replace(b"null", data)):
        try:
            parse_bundle(attempt)
        except MalformedError:
            continue


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "packtrail-evidence-v1"}, {"subject": 5}, {"checkpoint": None}, {"entries": {}}, {"keys": "x"},
        {"entries": [5]}, {"entries": [{}]}, {"more": 1},
        {"keys": [{"index": -1, "entry": {}, "proof": []}]},
        {"keys": [{"index": 2**63, "entry": {}, "proof": []}]},
        {"keys": [{"index": True, "entry": {}, "proof": []}]},
        {"keys": [{"index": 1.0, "entry": {}, "proof": []}]},
        {"keys": [{"index": 1, "entry": {"a": 1.5}, "proof": []}]},
        {"keys": [{"index": 1, "entry": {"a": None}, "proof": []}]},
        {"keys": [{"index": 1, "entry": {}, "proof": ["AAAA"]}]},
        {"keys": [{"index": 1, "entry": {}, "proof": "x"}]},
        {"keys": [{"index": 1, "entry": {}, "proof": ["A" * 43 + "="] * 64}]},
        {"keys": [{"index": 1, "entry": {}, "proof": [], "more": 1}]},
    ],
)  # fmt: skip
def test_every_other_shape_is_malformed(changes: dict[str, Any]) -> None:
    document = json.loads(format_bundle(GOOD)) | changes
    with pytest.raises(MalformedError):
        parse_bundle(json.dumps(document).encode())


def test_what_is_no_hash_in_a_proof_never_verifies() -> None:
    document = json.loads(format_bundle(GOOD))
    document["entries"][0]["proof"][0] = ""
    with pytest.raises(LedgerError):
        verify(parse_bundle(json.dumps(document).encode()))


def test_the_leaf_hash_is_that_of_the_canonical_entry() -> None:
    document = json.loads(format_bundle(GOOD))
    again = parse_bundle(json.dumps(document, sort_keys=False, indent=1).encode())
    assert [hash_leaf(each.entry) for each in again.entries] == [hash_leaf(each.entry) for each in GOOD.entries]


# --- what the map adds


def mapped_story() -> MemoryStore:
    """The same story, a map at 8, and two more entries of the pack."""
    store = story()
    log = Log(ORIGIN, [SIGNER])
    with store.append() as tx:
        log.append_map(tx, NOW, lambda commitment, _: submit(AUTHORITY, "commit_map", commitment.body(), 8))
    with store.append() as tx:
        log.append(tx, [submit(MAKER_NEXT, "report_soh", {"soce_ppm": 1}, n, subjects=[PACK]) for n in (9, 10)], NOW)
    return store


MAPPED = mapped_story()
KEYS = [0, 1, 4, 6]


def with_map(entries: list[int], *, subject: str = PACK, asked: str = "") -> Bundle:
    bundle = bundle_of(MAPPED, [*entries, 8], KEYS, subject=subject)
    with MAPPED.read() as reader:
        answer = look_up(reader, asked or subject)
    assert answer is not None
    return replace(bundle, entries=bundle.entries[:-1], map=MapProof(bundle.entries[-1], answer.lookup))


def complete(bundle: Bundle) -> Complete | None:
    return verify_bundle(bundle, VERIFIERS, origin=ORIGIN).complete


def test_a_map_proves_a_history_complete_up_to_it() -> None:
    assert complete(with_map([2, 5, 7, 9, 10])) == Complete(8, parse_time(format_time(NOW)))
    assert complete(with_map([3, 5], subject="OTHER1")) == Complete(8, parse_time(format_time(NOW)))
    assert complete(GOOD) is None


def test_a_map_proves_that_the_register_did_not_know_a_battery() -> None:
    assert complete(with_map([], subject="STRANGER")) == Complete(8, parse_time(format_time(NOW)))


@pytest.mark.parametrize("entries", [[], [2], [2, 5]])
def test_an_entry_withheld_from_before_the_map_shows(entries: list[int]) -> None:
    assert fault(with_map(entries)) == 8


def test_entries_after_the_map_may_be_missing_and_the_verdict_says_up_to_where_it_holds() -> None:
    assert complete(with_map([2, 5, 7])) == complete(with_map([2, 5, 7, 9]))


def test_a_commitment_by_another_than_the_authority_proves_nothing() -> None:
    store = story()
    log = Log(ORIGIN, [SIGNER])
    with store.append() as tx:
        log.append_map(tx, NOW, lambda commitment, _: submit(MAKER_NEXT, "commit_map", commitment.body(), 8))
    bundle = bundle_of(store, [2, 5, 7, 8], KEYS)
    with store.read() as reader:
        answer = look_up(reader, PACK)
    assert answer is not None
    assert fault(replace(bundle, entries=bundle.entries[:-1], map=MapProof(bundle.entries[-1], answer.lookup))) == 8


def test_an_entry_that_commits_to_nothing_is_no_map() -> None:
    good = with_map([2, 5, 7])
    assert good.map is not None
    assert fault(replace(good, map=replace(good.map, commitment=good.entries[1]))) == 5


def test_a_map_is_committed_to_by_an_entry_of_that_kind_and_of_the_entries_before_it() -> None:
    """The register's own words, said by another kind of entry or about fewer entries, prove nothing."""
    with MAPPED.read() as reader:
        told = parse_entry(reader.entry(8) or b"").event.body
    for kind, body in (("publish_model", told), ("commit_map", told | {"size": 7}), ("commit_map", told | {"size": 9})):
        store = story()
        with store.append() as tx:
            Log(ORIGIN, [SIGNER]).append(tx, [submit(AUTHORITY, kind, dict(body), 8)], NOW)
        given = bundle_of(store, [2, 5, 7, 8], KEYS)
        good = with_map([2, 5, 7])
        assert good.map is not None
        proof = MapProof(given.entries[-1], good.map.lookup)
        assert fault(replace(given, entries=given.entries[:-1], map=proof)) == 8


@pytest.mark.parametrize("change", [{"bucket": []}, {"path": ["AAAA"]}, {"more": 1}, {"bucket": [["x", 1, ""]]}])
def test_a_bent_lookup_is_refused(change: dict[str, Any]) -> None:
    document = json.loads(format_bundle(with_map([2, 5, 7])))
    document["map"]["lookup"] |= change
    with pytest.raises(LedgerError):
        verify(parse_bundle(json.dumps(document).encode()))


def test_a_bundle_with_a_map_reads_as_it_was_written() -> None:
    bundle = with_map([2, 5, 7, 9])
    assert parse_bundle(format_bundle(bundle)) == bundle
