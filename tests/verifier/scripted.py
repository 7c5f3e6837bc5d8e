"""Faults that an honest-looking log could hold: the script is changed, then written, chained and signed anew.

Neither hashes nor the checkpoint show them; only who reads the entries as ledger/README.md says finds them.
"""

import random
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from ledger.signing.jws import Ed25519EventSigner, EventSigner
from tests.verifier import scenes
from tests.verifier.case import Case, export_case
from tests.verifier.forms import STAMPS, disturb, nested
from tests.verifier.scenes import (
    AUTHORITY,
    AUTHORITY_NEXT,
    CARD,
    CUSTODIAL,
    FIRST,
    FIRST_KEYS,
    FRESH_KEYS,
    MAKER,
    MAKER_NEXT,
    OTHER,
    PACK,
    SECOND,
    SECOND_KEYS,
    STRANGER,
    VALUE,
    dispute,
    epoch,
    key,
    life,
    lost_note,
    mapping,
    opening,
    registration,
    rotation,
    scene,
    vkeys,
)
from tests.verifier.script import Members, Step, b64, changed
from tests.verifier.spellings import SPELLINGS

Steps = list[Step]
OTHER_VALUE, UNSAID = (b64(sha256(text).digest()) for text in (b"other", b"unsaid"))
EMPTY = len(scenes.scene([*scenes.short()[:5], Step(MAKER, "x", {"a": ""}, (PACK,))], FIRST_KEYS).log.lines[-1])
"""Bytes of an entry whose body holds an empty text."""


def respelled() -> Iterator[Case]:
    """Each spelling for the entry in the middle of the short log."""
    for name, spell in SPELLINGS.items():
        yield export_case(f"entry 4: {name}", scene(changed(scenes.short(), 4, line=spell), FIRST_KEYS))


def disturbed(rng: random.Random) -> Case:
    """One value changed in an event before it was signed, in a signature's header, or in an entry after."""
    long = rng.random() < 0.3
    steps = scenes.long() if long else scenes.short()
    part, index = rng.choice(["event", "event", "event", "header", "entry"]), rng.randrange(len(steps))
    done: list[str] = []

    def change(document: Members) -> None:
        done.append(disturb(document, rng))

    try:
        written = scene(changed(steps, index, **{part: change}), scenes.SECOND_KEYS if long else FIRST_KEYS)
    except (KeyError, TypeError, AttributeError, ValueError):  # the script itself needs what was changed
        return disturbed(rng)
    return export_case(f"{'long' if long else 'short'} log, {part} {index}: {done[0]}", written)


def about_events() -> Iterator[Case]:
    """Events that are signed and chained as they should be, and are at the edge of what an event may be."""
    first = "01907c5e-7b1a-7c3d-8e4f-000000000002"
    for name, changes in {
        "an id that was used before": {"id": first},
        "an id of version 4": {"id": first.replace("-7c3d", "-4c3d")},
        "an id of another variant": {"id": first.replace("-8e4f", "-ce4f")},
        "an id in capitals": {"id": first.upper()},
        "a text that is not in NFC": {"body": {"site": "e\u0301"}},
        "a letter that came with Unicode 15": {"body": {"site": "a\u0301\U00010efd"}},
        "a letter that came with Unicode 16": {"body": {"site": "\U00011382\U000113c9"}},
        "a noncharacter": {"body": {"site": "\ufffe\U0010ffff"}},
        "a commitment that is none": {"body": {"vin_commitment": "x"}},
        "a member called __proto__": {"body": {"__proto__": {"a": 1}, "constructor": 1, "to_string": []}},
        "the largest numbers": {"body": {"a": 2**53 - 1, "b": 1 - 2**53}},
        "a number too large": {"body": {"a": 2**53}},
        "14 levels": {"body": {"a": nested(12)}},
        "16 levels": {"body": {"a": nested(13)}},
        "17 levels": {"body": {"a": nested(14)}},
        "64 subjects": {"subjects": [f"S{number}" for number in range(64)]},
        "65 subjects": {"subjects": [f"S{number}" for number in range(65)]},
        "a subject twice": {"subjects": ["S1", "S2", "S1"]},
        "a long subject": {"subjects": ["S" * 64]},
        "a longer subject": {"subjects": ["S" * 65]},
        "58,000 bytes": {"body": {"a": "a" * 58_000}},
        "as many bytes as may be": {"body": {"a": "a" * (60_000 - EMPTY)}},
        "one byte more": {"body": {"a": "a" * (60_001 - EMPTY)}},
        "type of 40 letters": {"type": "a" * 40},
        "type of 41 letters": {"type": "a" * 41},
    }.items():
        step = Step(MAKER, "x", {}, (PACK,), event=lambda event, c=changes: event.update(c))  # type: ignore[misc]
        yield told(name, [*scenes.short()[:5], step])
    for name, chain in {
        "a chain of another subject": [["S9", 1, ""]],
        "a chain that lacks a subject": [],
        "a chain with four things in a row": [["S8", 1, "", ""]],
    }.items():
        step = Step(MAKER, "x", {}, ("S8",), entry=lambda entry, c=chain: entry["log"].update(chain=c))  # type: ignore[misc]
        yield told(name, [*scenes.short()[:5], step])
    for stamp in STAMPS:
        step = Step(MAKER, "x", {}, event=lambda event, s=stamp: event.update(occurred_at=s))  # type: ignore[misc]
        yield told(f"occurred at {stamp!r}", [*scenes.short()[:5], step])
        step = Step(MAKER, "x", {}, entry=lambda entry, s=stamp: entry["log"].update(at=s))  # type: ignore[misc]
        yield told(f"received at {stamp!r}", [*scenes.short()[:5], step])


def told(name: str, steps: Steps, keys: list[Any] = FIRST_KEYS) -> Case:
    return export_case(name, scene(steps, keys))


def with_body(step: Step, **changes: Any) -> Step:
    """The step with other members of its body; those that become None are left out."""
    assert isinstance(step.body, dict)
    body = {name: value for name, value in {**step.body, **changes}.items() if value is not None}
    return Step(step.signer, step.type, body, step.subjects)


def about_keys() -> Iterator[Case]:
    """Who may do what with keys."""
    short = scenes.short()
    revoke = Step(MAKER, "revoke_key", {"kid": "maker/k1", "reason": "x"})
    card = Step(MAKER, "register_key", key(CARD))
    rotate = rotation(MAKER, MAKER_NEXT)
    endings: dict[str, Steps] = {
        "signed by a key not registered": [life(9, STRANGER, PACK)],
        "signed by a key registered in the same entry": [registration(STRANGER, by=STRANGER)],
        "a key registers one of its own operator": [registration(MAKER_NEXT, by=MAKER), life(9, MAKER_NEXT, PACK)],
        "a key registers one of another operator": [registration(STRANGER, by=MAKER)],
        "a key name is used again": [registration(MAKER)],
        "a key name is used again by a card": [Step(AUTHORITY, "register_key", key(CARD) | {"kid": "maker/k1"})],
        "a card is registered twice": [card],
        "a key revokes itself": [revoke],
        "a key signs after it revoked itself": [revoke, life(9, MAKER, PACK)],
        "a key is revoked twice": [revoke, Step(AUTHORITY, "revoke_key", {"kid": "maker/k1", "reason": "x"})],
        "a key that is not there is revoked": [Step(AUTHORITY, "revoke_key", {"kid": "maker/k9", "reason": "x"})],
        "a key is revoked by a stranger": [Step(MAKER, "revoke_key", {"kid": "lab/card-1", "reason": "x"})],
        "a revocation without a reason": [Step(MAKER, "revoke_key", {"kid": "maker/k1"})],
        "a revocation with an empty reason": [Step(MAKER, "revoke_key", {"kid": "maker/k1", "reason": ""})],
        "the authority ends its last key": [Step(AUTHORITY, "revoke_key", {"kid": "authority/k1", "reason": "x"})],
        "the authority ends its last but one key": [
            registration(AUTHORITY_NEXT),
            Step(AUTHORITY_NEXT, "revoke_key", {"kid": "authority/k1", "reason": "x"}),
            Step(AUTHORITY_NEXT, "revoke_key", {"kid": "authority/k2", "reason": "x"}),
        ],
        "the authority ends a key and keeps one": [
            registration(AUTHORITY_NEXT),
            Step(AUTHORITY_NEXT, "revoke_key", {"kid": "authority/k1", "reason": "x"}),
        ],
        "a key entry with a subject": [Step(AUTHORITY, "register_key", key(MAKER_NEXT), (PACK,))],
        "a log is opened twice": [opening()],
        "a rotation": [rotate, life(9, MAKER_NEXT, PACK)],
        "the old key signs after a rotation": [rotate, life(9, MAKER, PACK)],
        "a rotation for another origin": [rotation(MAKER, MAKER_NEXT, SECOND)],
        "a rotation signed by another key": [Step(AUTHORITY, "rotate_key", rotate.body)],
        "a rotation to another operator": [rotation(MAKER, STRANGER)],
        "a rotation to a key name used before": [rotation(MAKER, MAKER)],
        "a rotation of a key that has ended": [revoke, rotate],
        "a rotation twice": [rotate, rotation(MAKER_NEXT, MAKER)],
        "a custodial key": [registration(CUSTODIAL), life(9, CUSTODIAL, PACK)],
        "custody not said in the header": [registration(CUSTODIAL), Step(
            CUSTODIAL, "report_soh", {}, (PACK,), header=lambda header: header.pop("custody"))],
        "custody said that is not": [Step(MAKER, "x", {}, header=lambda header: header.update(custody="service"))],
        "custody of the operator said": [Step(MAKER, "x", {}, header=lambda header: header.update(custody="operator"))],
        "an algorithm that is not the key's": [Step(MAKER, "x", {}, header=lambda header: header.update(alg="ES256"))],
        "a signature by the actor's neighbour": [Step(MAKER, "x", {}, event=lambda event: event.update(actor="lab"))],
    }  # fmt: skip
    for member in ("alg", "custody", "kid", "public_key"):
        for value in (None, "", "EdDSA", "service", 1, "A" * 44, "AQ==", "/", "maker/", "maker/K", f"maker/{'k' * 41}"):
            endings[f"a key whose {member} is {value!r}"] = [with_body(registration(MAKER_NEXT), **{member: value})]
    for member in ("alg", "kid", "public_key", "possession", "replaces"):
        endings[f"a rotation without {member}"] = [with_body(rotate, **{member: None})]
        endings[f"a rotation with another {member}"] = [with_body(rotate, **{member: "maker/k1"})]
    for name, steps in endings.items():
        yield told(name, [*short, *steps])
    yield told("nothing", [])
    yield told("a log that is not opened", short[1:])
    yield told("the authority's key is another one", changed(short, 0, signer=AUTHORITY_NEXT))
    yield told("the authority's key is another operator's", changed(short, 0, signer=MAKER))


def about_disputes() -> Iterator[Case]:
    for name, by, kid, start, end in (
        ("an own key", MAKER_NEXT, "maker/k1", 0, 3),
        ("up to the entry itself", MAKER_NEXT, "maker/k1", 0, 8),
        ("past the entry itself", MAKER_NEXT, "maker/k1", 0, 9),
        ("nothing", MAKER_NEXT, "maker/k1", 3, 3),
        ("backwards", MAKER_NEXT, "maker/k1", 3, 2),
        ("from before the beginning", MAKER_NEXT, "maker/k1", -1, 2),
        ("its own key", MAKER_NEXT, "maker/k2", 0, 3),
        ("another operator's key", MAKER_NEXT, "lab/card-1", 0, 3),
        ("a key that is not there", MAKER_NEXT, "maker/k3", 0, 3),
        ("any key, by the authority", AUTHORITY, "lab/card-1", 0, 3),
        ("the authority's own key", AUTHORITY, "authority/k1", 0, 3),
    ):
        yield told(f"a dispute about {name}", [*scenes.short(), registration(MAKER_NEXT), dispute(by, kid, start, end)])


def about_maps() -> Iterator[Case]:
    """Maps that are wrong, at different numbers of subjects."""
    packs = [Step(MAKER, "register", {}, (f"P{number}",)) for number in range(40)]
    yield told("no battery", [*scenes.short()[:2], mapping()])
    for count in (0, 5, 6, 7, 13, 14, 15, 30, 40):
        yield told(f"{count + 2} batteries", [*scenes.short(), *packs[:count], mapping(), *packs[count:], mapping()])

    def wrong(change: Any) -> Steps:
        def body(log: Any) -> Members:
            members: Members = log.map.commitment(len(log.lines)).body()
            change(members)
            return members

        return [*scenes.short(), *packs, Step(AUTHORITY, "commit_map", body)]

    root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    for member, values in {
        "batteries": (0, 40, 41, 43, 44, 47, 48, -1, True, "42"),
        "buckets": (0, 5, 7, 2**31 + 1, 2**53 - 1, -6),
        "root": (root, "", root[:-1], None),
        "size": (0, 46, 48, None),
        "extra": (1,),
    }.items():
        for value in values:
            yield told(f"a map whose {member} is {value!r}", wrong(lambda body, m=member, v=value: body.update({m: v})))
    yield told("a map without a root", wrong(lambda body: body.pop("root")))
    yield told("a map by somebody else", [*scenes.short(), mapping(MAKER)])
    yield told("a map about a subject", changed(scenes.short(), 3, subjects=(PACK,)))


def about_log_keys() -> Iterator[Case]:
    """Announcements, and who must have signed the checkpoint."""
    first, fresh, second = vkeys(FIRST_KEYS), vkeys(FRESH_KEYS), vkeys(SECOND_KEYS)
    both: list[Any] = [*FIRST_KEYS, *FRESH_KEYS]
    for name, log_keys, signers in (
        ("both old and new", first + fresh, both),
        ("both, signed by the old", first + fresh, FIRST_KEYS),
        ("both, signed by the new", first + fresh, FRESH_KEYS),
        ("the new alone", fresh, FRESH_KEYS),
        ("the new alone, signed by both", fresh, both),
        ("the new alone, signed by the old", fresh, FIRST_KEYS),
        ("one key", first[:1], FIRST_KEYS[:1]),
        ("one key, signed by two", first[:1], FIRST_KEYS),
        ("no Ed25519 key", first[1:], FIRST_KEYS[1:]),
        ("another origin's", second, SECOND_KEYS),
        ("none", [], FIRST_KEYS),
        ("nine", [*first, *(vkeys(scenes.signers(FIRST, bytes([n])))[0] for n in range(7))], FIRST_KEYS),
        ("one twice", [first[0], *first], FIRST_KEYS),
        ("one with a wrong id", [first[0], first[1].replace("+", "+0", 1)], FIRST_KEYS),
        ("a witness's", [*first, scenes.WITNESS.vkey], FIRST_KEYS),
        ("something else", [*first, 1], FIRST_KEYS),
    ):
        yield told(f"announced: {name}", [*scenes.short(), announced(AUTHORITY, log_keys)], list(signers))
        if log_keys:
            opened = [with_body(opening(), log_keys=log_keys), *scenes.short()[1:]]
            yield told(f"opened with: {name}", opened, list(signers))
    yield told("announced by somebody else", [*scenes.short(), announced(MAKER, first)])
    given = told("announced: both", [*scenes.short(), announced(AUTHORITY, first + fresh)], both)
    one, two = first[:1], first + second
    for name, keys in (("old", first), ("new", fresh), ("one old", one), ("two sorts", two), ("none", [])):
        yield given.but(f"keys given: {name}", vkeys="".join(f"{each}\n" for each in keys))


def about_erasures() -> Iterator[Case]:
    """Who may say that what was destroyed."""
    held = Step(MAKER, "register", {"vin_commitment": VALUE, "other_commitment": OTHER_VALUE}, ("P1", "P2"))
    body = {"basis": "GDPR 17(1)(b)", "commitments": [VALUE], "reason": "asked for"}
    start = [*scenes.short(), held, Step(CARD, "x", {"use_commitment": UNSAID}, ("P1",))]

    def erased(by: EventSigner, *subjects: str, **changes: Any) -> Step:
        return with_body(Step(by, "erase_values", body, subjects), **changes)

    for name, steps in {
        "by the authority": [erased(AUTHORITY, "P1")],
        "by who made it": [erased(MAKER, "P1")],
        "by somebody else": [erased(CARD, "P1")],
        "of the other subject": [erased(MAKER, "P2")],
        "of another subject": [erased(AUTHORITY, PACK)],
        "of two subjects": [erased(AUTHORITY, "P1", "P2")],
        "of no subject": [erased(AUTHORITY)],
        "twice": [erased(AUTHORITY, "P1"), erased(MAKER, "P1")],
        "of two values": [erased(MAKER, "P1", commitments=[VALUE, OTHER_VALUE])],
        "of two operators' values": [erased(MAKER, "P1", commitments=[VALUE, UNSAID])],
        "of two operators' values, by the authority": [erased(AUTHORITY, "P1", commitments=[VALUE, UNSAID])],
        "of a value twice": [erased(MAKER, "P1", commitments=[VALUE, VALUE])],
        "of what is not there": [erased(AUTHORITY, "P1", commitments=[key(CARD)["public_key"][:40] + "AAA="])],
        "of nothing": [erased(AUTHORITY, "P1", commitments=[])],
        "of what is no hash": [erased(AUTHORITY, "P1", commitments=["AAAA"])],
        "of an empty text": [erased(AUTHORITY, "P1", commitments=[""])],
        "of a text": [erased(AUTHORITY, "P1", commitments=VALUE)],
        "without a basis": [erased(AUTHORITY, "P1", basis=None)],
        "with an empty basis": [erased(AUTHORITY, "P1", basis="")],
        "with an empty reason": [erased(AUTHORITY, "P1", reason="")],
        "with a number for a reason": [erased(AUTHORITY, "P1", reason=1)],
        "with more": [erased(AUTHORITY, "P1", more=1)],
        "with 256 values": [*many_values(256)],
        "with 257 values": [*many_values(257)],
    }.items():
        yield told(f"an erasure {name}", [*start, *steps])
    yield told("an erasure before the value", [*scenes.short(), erased(AUTHORITY, "P1"), held])


def many_values(count: int) -> Steps:
    """An entry with so many commitments, and the erasure of all of them."""
    made = {
        f"v{number}_commitment": b64(sha256(bytes([number % 256, number // 256])).digest()) for number in range(count)
    }
    body = {"basis": "a law", "commitments": list(made.values()), "reason": "asked for"}
    return [Step(MAKER, "x", made, ("P1",)), Step(MAKER, "erase_values", body, ("P1",))]


def announced(by: Ed25519EventSigner, log_keys: list[Any]) -> Step:
    return Step(by, "announce_log_keys", {"log_keys": log_keys})


def about_epochs() -> Iterator[Case]:
    lost = lost_note(9, FIRST_KEYS)
    short = scenes.short()

    def ending(step: Step) -> Case:
        return told("", [*short, step, Step(MAKER, "x", {}, (OTHER,))], SECOND_KEYS)

    for name, step in {
        "an epoch": epoch(AUTHORITY, lost),
        "by somebody else": epoch(MAKER, lost),
        "with number 3": epoch(AUTHORITY, lost, number=3),
        "after another origin": epoch(AUTHORITY, lost, before=SECOND),
        "under the same origin": epoch(AUTHORITY, lost, origin=FIRST),
        "with nothing lost": epoch(AUTHORITY, lost_note(7, FIRST_KEYS)),
        "with one lost": epoch(AUTHORITY, lost_note(8, FIRST_KEYS)),
        "with a checkpoint signed by one key": epoch(AUTHORITY, lost_note(9, FIRST_KEYS[:1])),
        "with a checkpoint signed by others": epoch(AUTHORITY, lost_note(9, FRESH_KEYS)),
        "with a checkpoint signed also by others": epoch(AUTHORITY, lost_note(9, [*FIRST_KEYS, *FRESH_KEYS])),
        "with a checkpoint of the new origin": epoch(AUTHORITY, lost_note(9, SECOND_KEYS)),
        "with a checkpoint wrongly signed": epoch(AUTHORITY, lost.replace(b"\n9\n", b"\n10\n")),
        "with a broken checkpoint": epoch(AUTHORITY, lost[:-1]),
    }.items():
        yield ending(step).but(name)
    subject = epoch(AUTHORITY, lost)
    yield ending(Step(AUTHORITY, "new_epoch", subject.body, (PACK,))).but("with a subject")
    again = epoch(AUTHORITY, lost, number=3, origin=FIRST, before=SECOND)
    yield told("back to the first origin", [*short, epoch(AUTHORITY, lost), again])
    for member, value in (("reason", ""), ("reason", 1), ("kept", 8), ("kept", 6), ("extra", 1), ("log_keys", [])):

        def body(log: Any, m: str = member, v: Any = value) -> Members:
            assert callable(subject.body)
            return subject.body(log) | {m: v}

        yield ending(Step(AUTHORITY, "new_epoch", body)).but(f"{member} is {value!r}")
