"""Logs told as scripts: lists of steps that are written out as entries, chained, signed and put under a checkpoint.

It writes by ledger/README.md what it is told, also what no log would write: that is what verifiers are tested with.
The code that appends to real logs is not used.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from ledger.errors import MalformedError
from ledger.map import MapTree, Row, key_of
from ledger.notes.note import Signer
from ledger.signing.jws import EventSigner
from tests.ledger.oracle import mth, path

Members = dict[str, Any]
Body = Members | Callable[["Written"], Members]
Change = Callable[[Members], None]


def dump(value: object) -> bytes:
    """Canonical JSON of a value inside the profile; of others something like it."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def dump_bundle(members: Members) -> bytes:
    """A bundle with its members in the order of the specification."""
    return json.dumps(members, ensure_ascii=False).encode("utf-8", "surrogatepass")


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\0" + data).digest()


@dataclass(frozen=True)
class Step:
    """One entry to be. `event` changes the event before it is signed, `header` the signature's header before it is
    made, `entry` the whole entry after, `line` its bytes."""

    signer: EventSigner
    type: str
    body: Body
    subjects: tuple[str, ...] = ()
    event: Change | None = None
    entry: Change | None = None
    header: Change | None = None
    line: Callable[[bytes], bytes] | None = None


@dataclass
class Written:
    """A log so far. `lines` are the bytes of its entries; `map` is what `commit_map` commits to."""

    origin: str
    lines: list[bytes] = field(default_factory=list)
    map: MapTree = field(default_factory=MapTree)
    links: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        return tuple(map(leaf_hash, self.lines))

    def note(self, signers: Sequence[Signer], *, origin: str = "", size: int | None = None) -> bytes:
        """The checkpoint of the first `size` entries."""
        size = len(self.lines) if size is None else size
        root = b64(mth(self.hashes[:size]))
        return sign_text(f"{origin or self.origin}\n{size}\n{root}\n", signers)

    def proven(self, index: int) -> Members:
        proof = [b64(node) for node in path(index, self.hashes)]
        return {"index": index, "entry": json.loads(self.lines[index]), "proof": proof}


def sign_text(text: str, signers: Sequence[Signer]) -> bytes:
    """A note. A signer that refuses the text gives 2,428 zero bytes."""
    lines = [f"— {each.name} {b64(each.key_id + _sign(each, text.encode()))}\n" for each in signers]
    return f"{text}\n{''.join(lines)}".encode()


def _sign(signer: Signer, text: bytes) -> bytes:
    try:
        return signer.sign(text)
    except MalformedError:
        return bytes(2428)


def write(steps: Sequence[Step], origin: str) -> Written:
    """Write the script out."""
    log = Written(origin)
    for index, step in enumerate(steps):
        _append(log, index, step)
    return log


def _append(log: Written, index: int, step: Step) -> None:
    body = step.body(log) if callable(step.body) else step.body
    if step.type == "new_epoch":
        log.origin = body["origin"]
    event = {
        "actor": step.signer.header.operator,
        "body": body,
        "id": f"01907c5e-7b1a-7c3d-8e4f-{index:012x}",
        "log": log.origin,
        "occurred_at": "2026-05-01T12:30:01.123Z",
        "subjects": list(step.subjects),
        "type": step.type,
        "v": 1,
    }
    if step.event:
        step.event(event)
    chain = []
    for subject in event["subjects"]:
        links = log.links.get(subject, [])
        chain.append([subject, len(links) + 1, links[-1][1] if links else ""])
    previous = b64(leaf_hash(log.lines[-1])) if log.lines else ""
    part = {"at": f"2026-05-01T12:31:{index // 2:02}.000Z", "chain": chain, "prev": previous}
    entry = {"event": event, "jws": sign(event, step), "log": part}
    if step.entry:
        step.entry(entry)
    line = step.line(dump(entry)) if step.line else dump(entry)
    log.lines.append(line)
    for subject, seq, _ in chain:
        log.links.setdefault(subject, []).append((index, b64(leaf_hash(line))))
        log.map.set(Row(key_of(subject), seq, leaf_hash(line)))


def sign(event: Members, step: Step) -> str:
    """The detached JWS over the event."""
    header = step.signer.header
    members: Members = {"alg": header.alg, "b64": False, "crit": ["b64"], "kid": header.kid}
    members["typ"] = "application/vnd.packtrail.event+json"
    if header.custodial:
        members["custody"] = "service"
    if step.header:
        step.header(members)
    encoded = base64url(dump(members))
    return f"{encoded}..{base64url(step.signer.sign(encoded.encode() + b'.' + dump(event)))}"


def bundle(log: Written, subject: str, note: bytes, keys: Sequence[int], commitment: int | None = None) -> Members:
    """The evidence of a subject, with a map if `commitment` is the index of its entry and the last of its kind."""
    entries = [log.proven(index) for index, _ in log.links.get(subject, [])]
    found: Members = {"format": "packtrail-evidence-v2", "subject": subject, "checkpoint": note.decode()}
    found |= {"entries": entries, "keys": [log.proven(index) for index in keys], "map": None}
    if commitment is not None:
        lookup = map_before(log, commitment).lookup(subject)
        rows = [[b64(row.key), row.seq, b64(row.leaf_hash)] for row in lookup.rows]
        path_ = [b64(node) for node in lookup.path]
        found["map"] = {"commitment": log.proven(commitment), "lookup": {"bucket": rows, "path": path_}}
    return found


def contradiction(index: int, sides: Sequence[tuple[Written, bytes]]) -> Members:
    """What two logs say of the entry `index`, each under a note."""
    signed = [
        {
            "checkpoint": note.decode(),
            "leaf_hash": b64(log.hashes[index]),
            "proof": [b64(node) for node in path(index, log.hashes)],
        }
        for log, note in sides
    ]
    return {"format": "packtrail-contradiction-v1", "index": index, "signed": signed}


def map_before(log: Written, size: int) -> MapTree:
    """The map of the first `size` entries."""
    tree = MapTree()
    for line in log.lines[:size]:
        for subject, seq, _ in json.loads(line)["log"]["chain"]:
            tree.set(Row(key_of(subject), seq, leaf_hash(line)))
    return tree


def receipt(log: Written, index: int, note: bytes) -> bytes:
    """The receipt of an entry under the checkpoint of the whole log."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(b64(node) for node in path(index, log.hashes))]
    return ("\n".join(lines) + "\n\n").encode() + note


def changed(steps: Sequence[Step], index: int, **changes: Any) -> list[Step]:
    """The script with one step changed."""
    return [*steps[:index], replace(steps[index], **changes), *steps[index + 1 :]]
