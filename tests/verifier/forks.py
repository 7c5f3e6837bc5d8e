"""Proofs that a log signed two histories, and files that look like them and prove nothing."""

import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from ledger.notes.note import Signer
from tests.verifier import scenes
from tests.verifier.case import Case, bundle_case
from tests.verifier.forms import disturb
from tests.verifier.scenes import FIRST, FIRST_KEYS, FRESH_KEYS, MAKER, PACK, Scene, life, scene
from tests.verifier.script import Members, changed, dump_bundle, sign_text
from tests.verifier.script import contradiction as between

FORK = 4
"""The first entry in which the two histories differ."""


@cache
def histories() -> tuple[Scene, Scene]:
    """The short log, and one with the same keys that differs from entry FORK on and is longer."""
    other = [*changed(scenes.short(), FORK, body={"soce_ppm": 1}), life(8, MAKER, PACK), life(9, MAKER, PACK)]
    return scene(scenes.short(), FIRST_KEYS), scene(other, FIRST_KEYS)


def contradiction_case(name: str, index: int = FORK, notes: tuple[bytes, ...] = ()) -> Case:
    """What the two histories say of this entry, under their own checkpoints or under `notes`."""
    one, other = histories()
    sides = list(zip((one.log, other.log), notes or (one.note, other.note), strict=True))
    return Case(name, "contradiction", dump(between(index, sides)), b"", one.vkeys)


def dump(members: Any) -> bytes:
    """As `packtrail monitor` writes it: without white space, so that it starts as it must."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def goldens() -> Iterator[Case]:
    """What proves that the log signed two histories."""
    for index in range(FORK, 7):
        yield contradiction_case(f"two histories, entry {index}", index)
    golden = contradiction_case("two histories")
    members = json.loads(golden.file)
    yield golden.but("turned round", file=dump(members | {"signed": members["signed"][::-1]}))
    yield golden.but("escaped", file=json.dumps(members, separators=(",", ":")).encode())
    yield golden.but("with a line feed", file=golden.file + b"\n")
    yield golden.but("with white space inside", file=golden.file.replace(b',"index":', b',\n "index" : '))
    yield golden.but("by one of two keys", vkeys=golden.vkeys.splitlines()[0])
    notes = tuple(signed(each, [*FIRST_KEYS, scenes.WITNESS, scenes.PQ_WITNESS]) for each in histories())
    yield contradiction_case("two histories, cosigned", FORK, notes)


def signed(of: Scene, keys: list[Signer]) -> bytes:
    """The checkpoint of a scene, by other keys."""
    return of.log.note(keys)


def broken() -> Iterator[Case]:
    """What proves nothing, and what is no contradiction in form."""
    for index in range(FORK):
        yield contradiction_case(f"one history up to there, entry {index}", index)
    golden = contradiction_case("two histories")
    yield from _signed_otherwise()
    yield from _with_other_values(golden)
    yield from _spelled_otherwise(golden)


def _signed_otherwise() -> Iterator[Case]:
    one, other = histories()
    text = other.note.decode().partition("\n\n")[0]
    line = other.note.decode().splitlines()[-1]
    for name, note in {
        "a note by others": signed(other, FRESH_KEYS),
        "a note by others as well": signed(other, [*FIRST_KEYS, *FRESH_KEYS]),
        "a note by one key": signed(other, FIRST_KEYS[:1]),
        "a note without signatures": f"{text}\n\n".encode(),
        "a note with an extension line": sign_text(f"{text}\nmore\n", FIRST_KEYS),
        "a note of another origin": sign_text(text.replace(FIRST, scenes.SECOND) + "\n", FIRST_KEYS),
        "a note of a smaller size": sign_text(text.replace("\n9\n", f"\n{FORK}\n") + "\n", FIRST_KEYS),
        "a note that is none": b"words",
        "an empty note": b"",
        "100 signatures": f"{text}\n\n{_lines(other.note)}{98 * _stranger()}".encode(),
        "101 signatures": f"{text}\n\n{_lines(other.note)}{99 * _stranger()}".encode(),
        "a signature that is cut": other.note.replace(line.encode(), line[:-40].encode()),
        "the same note": one.note,
    }.items():
        yield contradiction_case(name, FORK, (one.note, note))


def _lines(note: bytes) -> str:
    return note.decode().partition("\n\n")[2]


def _stranger() -> str:
    return "— stranger AAAAAAAA\n"


def _with_other_values(golden: Case) -> Iterator[Case]:
    members = json.loads(golden.file)
    one, other = members["signed"]
    for name, signed_ in {
        "one side twice": [one, one],
        "one side": [one],
        "three sides": [one, other, one],
        "no side": [],
        "null for a side": [one, None],
        "leaf hashes exchanged": [one | {"leaf_hash": other["leaf_hash"]}, other | {"leaf_hash": one["leaf_hash"]}],
        "proofs exchanged": [one | {"proof": other["proof"]}, other | {"proof": one["proof"]}],
        "checkpoints exchanged": [
            one | {"checkpoint": other["checkpoint"]},
            other | {"checkpoint": one["checkpoint"]},
        ],
        "no hashes": [one | {"proof": []}, other],
        "63 hashes": [one | {"proof": one["proof"][:1] * 63}, other],
        "64 hashes": [one | {"proof": one["proof"][:1] * 64}, other],
        "an empty hash": [one | {"proof": ["", *one["proof"][1:]]}, other],
        "an empty leaf hash": [one | {"leaf_hash": ""}, other],
        "a short leaf hash": [one | {"leaf_hash": "AAAA"}, other],
        "more in a side": [one | {"size": 7}, other],
        "a checkpoint that is no text": [one | {"checkpoint": 1}, other],
    }.items():
        yield golden.but(name, file=dump(members | {"signed": signed_}))
    for index in (0, 3, 5, 6, 7, 8, 9, 2**53 - 1, 2**53, 2**63, 2**64, -1, 4.0, "4", True, None):
        yield golden.but(f"index {index!r}", file=dump(members | {"index": index}))
    yield golden.but("more", file=dump(members | {"more": 1}))
    yield golden.but("a member called __proto__", file=dump(members | {"__proto__": {}}))
    for name in members:
        yield golden.but(f"without {name}", file=dump({key: value for key, value in members.items() if key != name}))


def _spelled_otherwise(golden: Case) -> Iterator[Case]:
    members, start = json.loads(golden.file), b'"index":'
    for name, file in {
        "indented": json.dumps(members, indent=1).encode(),
        "of version 2": golden.file.replace(b"-v1", b"-v2", 1),
        "of no format": golden.file.replace(b"packtrail-contradiction-v1", b"", 1),
        "of evidence": golden.file.replace(b"packtrail-contradiction-v1", b"packtrail-evidence-v2", 1),
        "with a member twice": golden.file.replace(start, b'"index":1,"index":', 1),
        "with a member of a side twice": golden.file.replace(b'"leaf_hash":', b'"leaf_hash":"","leaf_hash":', 1),
        "with the format twice": golden.file.replace(start, b'"format":"packtrail-contradiction-v1","index":', 1),
        "with minus zero": golden.file.replace(start + b"4", start + b"-0", 1),
        "with an exponent": golden.file.replace(start + b"4", start + b"4e0", 1),
        "with a zero before": golden.file.replace(start + b"4", start + b"04", 1),
        "with something behind": golden.file + b"{}",
        "with a byte order mark": b"\xef\xbb\xbf" + golden.file,
        "with a space before": b" " + golden.file,
        "with half a character": golden.file.replace(b"\\n", b"\\ud800", 1),
        "nested": golden.file.replace(start + b"4", start + b"[" * 90 + b"]" * 90, 1),
        "cut": golden.file[:-1],
        "long": golden.file[:-1] + b" " * 3_000_000 + b"}",
    }.items():
        yield golden.but(name, file=file)


def drawn(rng: random.Random) -> Case:
    """One value of a contradiction changed."""
    golden = contradiction_case("two histories", rng.randrange(FORK, 7))
    members: Members = json.loads(golden.file)
    try:
        done = disturb(members, rng)
        return golden.but(done, file=dump(members))
    except (KeyError, TypeError, ValueError):
        return drawn(rng)


def absences(of: Scene) -> Iterator[Case]:
    """Evidence that a subject is absent, and what does not prove it. `of` has a map."""
    golden = bundle_case("absence", of, "ABSENT")
    members = json.loads(golden.file)
    known = json.loads(bundle_case("evidence", of, PACK).file)
    yield golden
    for name, change in {
        "of a subject that is there": {"subject": PACK},
        "of a subject in another bucket": {"subject": "ABSENTTOO"},
        "with the lookup of one that is there": {"map": known["map"]},
        "without a map": {"map": None},
        "without keys": {"keys": []},
        "with an entry of another": {"entries": known["entries"][:1]},
        "with an empty bucket": {"map": members["map"] | {"lookup": {"bucket": [], "path": []}}},
        "with another commitment": {"map": members["map"] | {"commitment": of.log.proven(0)}},
    }.items():
        yield golden.but(name, file=dump_bundle(members | change))
