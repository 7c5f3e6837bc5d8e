"""Is this database the newest there is? Its size and root against everything else that tells what was signed.

Told are the rollback pin, checkpoints that were kept elsewhere, and the sizes that witnesses hold. The database is
looked at as it is, also where it refuses to serve; nothing is written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ledger.errors import RollbackError
from ledger.notes.checkpoint import open_checkpoint
from ledger.notes.note import Verifier, parse_vkey
from ledger.signing.keyring import KeyRing
from ledger.signing.keys import log_verifiers, read_head
from ledger.store import Reader
from service.keys.logkeys import read_signing_keys
from service.pin import Pin, find_pin, root_of
from service.verification.kept import time_of
from service.witnessing.asking import WitnessError
from service.witnessing.guard import witness_sizes
from service.work import Register


class Verdict(StrEnum):
    """What one source says of the database."""

    FINE = "fine"
    BEHIND = "behind"
    FORKED = "forked"
    TOLD = "told"
    """Entries that are missing, and that a new epoch declared lost."""
    SILENT = "silent"
    """Nothing was learnt, e.g. because a witness did not answer. No reason for alarm, and none for relief."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What `source` says: it knows of `size` entries, of which `missing` are not here. `note`: its signed head."""

    source: str
    verdict: Verdict
    size: int = 0
    missing: int = 0
    note: bytes = b""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """The database as it is, and what the sources say of it. `newest_at` is the time of its newest entry."""

    origin: str
    size: int
    newest_at: str
    checkpoint: bytes
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not any(each.verdict in (Verdict.BEHIND, Verdict.FORKED) for each in self.findings)

    @property
    def missing(self) -> int:
        """How many entries are missing at least."""
        return max((each.missing for each in self.findings), default=0)

    @property
    def is_forked(self) -> bool:
        return any(each.verdict is Verdict.FORKED for each in self.findings)


def check_standing(register: Register, notes: Sequence[tuple[str, bytes]] = ()) -> Standing:
    """Compare the database with pin, `notes` (name, signed checkpoint) and witnesses.

    Raises MalformedError or SignatureError for a note that is no checkpoint of this log.
    """
    with register.read() as reader:
        ring = register.current_registry(reader.connection).ring
        size, note = reader.size(), reader.checkpoint()
        newest = reader.entry(size - 1)
        findings = [_of_pin(register, reader, ring)]
        trusted = [parse_vkey(signer.vkey) for signer in read_signing_keys(register.settings)]
        findings += [_of_note(name, data, reader, ring, trusted) for name, data in notes]
    findings += _of_witnesses(register, size)
    newest_at = time_of(newest) if newest is not None else ""
    return Standing(ring.origin, size, newest_at, note, tuple(each for each in findings if each is not None))


def _of_pin(register: Register, reader: Reader, ring: KeyRing) -> Finding | None:
    try:
        pin = find_pin(register.settings.pin_file)
    except RollbackError as error:
        return Finding("pin", Verdict.BEHIND, told=str(error))
    if pin is None:
        return Finding("pin", Verdict.SILENT, told="there is no pin: nothing was signed here, or it was deleted")
    return _compare("pin", pin, reader, ring)


def _of_note(name: str, note: bytes, reader: Reader, ring: KeyRing, trusted: Iterable[Verifier]) -> Finding:
    """A checkpoint is worth as much as its signature: by a key that entries or key file know under its origin."""
    head = read_head(note)
    known = [each for keys in ring.log_keys if keys.origin == head.origin for each in log_verifiers(keys)]
    known += [each for each in trusted if each.name == head.origin]
    signed = open_checkpoint(note, known, origin=head.origin)
    number = next((each.number for each in ring.epochs if each.origin == head.origin), len(ring.epochs) + 1)
    return _compare(name, Pin(number, signed), reader, ring, note)


def _compare(source: str, head: Pin, reader: Reader, ring: KeyRing, note: bytes = b"") -> Finding:
    pinned, size = head.checkpoint, reader.size()
    ended = next((each for each in ring.epochs if each.number == head.epoch + 1), None)
    if ended is not None and pinned.size > ended.start:  # of an epoch that ended before it
        missing = pinned.size - ended.start - ended.lost
        verdict = Verdict.BEHIND if missing > 0 else Verdict.TOLD
        return Finding(source, verdict, pinned.size, max(missing, 0), note)
    if pinned.size > size:
        return Finding(source, Verdict.BEHIND, pinned.size, pinned.size - size, note)
    same = not pinned.size or root_of(reader, pinned.size) == pinned.root
    return Finding(source, Verdict.FINE if same else Verdict.FORKED, pinned.size, 0, note)


def _of_witnesses(register: Register, size: int) -> list[Finding]:
    findings = []
    for name, found in witness_sizes(register):
        if isinstance(found, WitnessError):
            findings.append(Finding(f"witness {name}", Verdict.SILENT, told=str(found)))
        else:
            missing = max(found - size, 0)
            findings.append(Finding(f"witness {name}", Verdict.BEHIND if missing else Verdict.FINE, found, missing))
    return findings
