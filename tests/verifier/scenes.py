"""Two logs: a short one whose every byte is tried, and a long one in which everything happens that a log knows."""

import base64
from dataclasses import dataclass
from hashlib import sha256

from ledger.notes.cosignature import Ed25519Cosigner, MLDSA44Signer
from ledger.notes.note import Ed25519Signer, Signer
from ledger.signing.jws import Ed25519EventSigner, EventSigner
from tests.ledger.golden import Card
from tests.verifier.script import Members, Step, Written, b64, dump, sign_text, write

FIRST, SECOND = "verifier.test/log", "verifier.test/log-2"
AUTHORITY = Ed25519EventSigner("authority/k1", b"a" * 32)
AUTHORITY_NEXT = Ed25519EventSigner("authority/k2", b"b" * 32)
MAKER = Ed25519EventSigner("maker/k1", b"m" * 32)
MAKER_NEXT = Ed25519EventSigner("maker/k2", b"n" * 32)
STRANGER = Ed25519EventSigner("stranger/k1", b"s" * 32)
CARD = Card("lab/card-1", 0xC0FFEE)
CUSTODIAL = Ed25519EventSigner("trader/held", b"t" * 32, custodial=True)
PACK, OTHER = "001PE12ABCDEFGG2T0000001", "001ME12ABCDEFGG2R0000001"
WITNESS = Ed25519Cosigner("witness.test", b"w" * 32, timestamp=1_790_000_000)
PQ_WITNESS = MLDSA44Signer("witness.test/pq", b"v" * 32, timestamp=1_790_000_000)
VALUE = b64(sha256(b"a value with its salt").digest())


def signers(origin: str, seed: bytes = b"l") -> list[Signer]:
    """The two keys of a log."""
    return [Ed25519Signer(origin, seed * 32), MLDSA44Signer(origin, seed * 32)]


FIRST_KEYS, FRESH_KEYS, SECOND_KEYS = signers(FIRST), signers(FIRST, b"f"), signers(SECOND, b"g")


def vkeys(keys: list[Signer]) -> list[str]:
    return [key.vkey for key in keys]


def key(signer: EventSigner | Card) -> Members:
    """A key as an entry describes it."""
    header = signer.header
    public_key = signer.public_key  # type: ignore[union-attr]
    return {
        "alg": header.alg,
        "custody": "service" if header.custodial else "operator",
        "kid": header.kid,
        "public_key": base64.b64encode(public_key).decode(),
    }


def opening(signer: Ed25519EventSigner = AUTHORITY) -> Step:
    return Step(signer, "open_log", {"authority_key": key(signer), "log_keys": vkeys(FIRST_KEYS)})


def registration(signer: EventSigner | Card, by: EventSigner = AUTHORITY) -> Step:
    return Step(by, "register_key", key(signer))


def mapping(by: EventSigner = AUTHORITY) -> Step:
    return Step(by, "commit_map", lambda log: log.map.commitment(len(log.lines)).body())


def rotation(old: EventSigner, new: Ed25519EventSigner, origin: str = FIRST) -> Step:
    body = key(new) | {"replaces": old.header.kid}
    possession = new.sign(f"packtrail-possession-v1\n{origin}\n".encode() + dump(body))
    return Step(old, "rotate_key", body | {"possession": b64(possession)})


def dispute(by: EventSigner, kid: str, start: int, end: int) -> Step:
    return Step(by, "dispute_key", {"kid": kid, "from": start, "to": end, "reason": "stolen"})


def epoch(by: EventSigner, lost: bytes, *, number: int = 2, origin: str = SECOND, before: str = FIRST) -> Step:
    def body(log: Written) -> Members:
        found: Members = {"epoch": number, "kept": len(log.lines), "log_keys": vkeys(SECOND_KEYS), "origin": origin}
        return found | {"lost_checkpoint": lost.decode(), "previous_origin": before, "reason": "disk lost"}

    return Step(by, "new_epoch", body)


def lost_note(size: int, keys: list[Signer]) -> bytes:
    return sign_text(f"{FIRST}\n{size}\n{b64(sha256(b'lost').digest())}\n", keys)


def life(number: int, by: EventSigner, *subjects: str) -> Step:
    return Step(by, "report_soh", {"soce_ppm": 900_000 - number, "remark": '容量 ü \u0001"\\/\u007f 🔋'}, subjects)


def short() -> list[Step]:
    """Seven entries."""
    return [
        opening(),
        registration(MAKER),
        Step(MAKER, "register", {"mass_g": 1, "site": "重庆"}, (PACK, OTHER)),
        mapping(),
        life(1, MAKER, PACK),
        registration(CARD),
        life(2, CARD, OTHER, PACK),
    ]


def long() -> list[Step]:
    """Everything: three kinds of keys, rotations, a revocation, disputes, new log keys, maps, an erasure, an epoch."""
    steps = short()
    steps += [registration(CUSTODIAL), life(3, CUSTODIAL, PACK), rotation(MAKER, MAKER_NEXT), life(4, MAKER_NEXT, PACK)]
    steps += [dispute(MAKER_NEXT, MAKER.header.kid, 2, 5), dispute(AUTHORITY, CARD.header.kid, 0, 12)]
    steps += [Step(AUTHORITY, "revoke_key", {"kid": CARD.header.kid, "reason": "card lost"})]
    steps += [rotation(AUTHORITY, AUTHORITY_NEXT)]
    steps += [Step(AUTHORITY_NEXT, "announce_log_keys", {"log_keys": vkeys(FIRST_KEYS) + vkeys(FRESH_KEYS)})]
    steps += [Step(MAKER_NEXT, "register", {}, (f"PACK{number}",)) for number in range(15)]
    steps += [mapping(AUTHORITY_NEXT), Step(MAKER_NEXT, "register", {"vin_commitment": VALUE}, ("PACK15", "PACK16"))]
    body = {"basis": "GDPR 17(1)(b)", "commitments": [VALUE], "reason": "asked for"}
    steps += [Step(AUTHORITY_NEXT, "erase_values", body, ("PACK15",))]
    steps += [Step(AUTHORITY_NEXT, "announce_log_keys", {"log_keys": vkeys(FRESH_KEYS)})]
    steps += [epoch(AUTHORITY_NEXT, lost_note(99, FRESH_KEYS)), life(5, MAKER_NEXT, PACK), mapping(AUTHORITY_NEXT)]
    return steps


@dataclass(frozen=True)
class Scene:
    """A log with its checkpoint and the keys it was signed with; `keys` are the indexes of its key entries."""

    log: Written
    note: bytes
    signers: list[Signer]
    keys: list[int]

    @property
    def vkeys(self) -> str:
        return "".join(f"{vkey}\n" for vkey in vkeys(self.signers))


def scene(steps: list[Step], keys: list[Signer]) -> Scene:
    log = write(steps, FIRST)
    own = {"register_key", "revoke_key", "rotate_key", "dispute_key", "announce_log_keys", "open_log", "new_epoch"}
    return Scene(log, log.note(keys), keys, [index for index, step in enumerate(steps) if step.type in own])


def short_scene() -> Scene:
    return scene(short(), FIRST_KEYS)


def long_scene() -> Scene:
    return scene(long(), SECOND_KEYS)
