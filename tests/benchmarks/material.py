"""Signed events to measure with: real ones, of a register's usual size, made before the clock runs."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ledger.entry import Event, build_event, parse_event
from ledger.epoch import is_map_full
from ledger.log import Log, Submission
from ledger.map import COMMIT_MAP, Commitment
from ledger.notes.cosignature import MLDSA44Signer
from ledger.notes.note import Ed25519Signer
from ledger.signing.jws import Ed25519EventSigner, parse_jws, sign_event, verify_event
from ledger.signing.keyring import OPEN_LOG, key_body
from ledger.store import Transaction

ORIGIN = "bench.example.cn/log"
SIGNER = Ed25519EventSigner("bench-maker/k1", b"\x03" * 32)
LOG_SIGNERS = [Ed25519Signer(ORIGIN, b"\x01" * 32), MLDSA44Signer(ORIGIN, b"\x02" * 32)]


@dataclass(frozen=True)
class Sent:
    """An event as it comes in: bytes and signature, nothing checked."""

    event: bytes
    jws: str


def make_log() -> Log:
    """A log that signs with Ed25519 and ML-DSA-44."""
    return Log(ORIGIN, LOG_SIGNERS)


def make_events(count: int, *, batteries: int = 20_000, start: int = 0) -> list[Sent]:
    """`count` signed reports of state of health; with `start` 0 the first one opens the log."""
    return [_sent(number, batteries) for number in range(start, start + count)]


def check(sent: Sent) -> Submission:
    """What admission does to an event before the lock: parse, check, verify."""
    event = parse_event(sent.event)
    verify_event(event.data, parse_jws(sent.jws), SIGNER.public_key)
    return Submission(event, sent.jws)


def keep_map(log: Log, tx: Transaction) -> int:
    """What the service does before a batch: commit to the map when much came since the last one. Entries added."""
    if not is_map_full(tx.state()):
        return 0
    log.append_map(tx, datetime.now(UTC), _commit)
    return 1


def trust(sent: Sent) -> Submission:
    """An event whose signature was verified elsewhere."""
    return Submission(parse_event(sent.event), sent.jws)


def _commit(commitment: Commitment, _: datetime) -> Submission:
    event = build_event(make_members(1 << 31 | commitment.size, COMMIT_MAP, [], commitment.body()))
    return Submission(event, sign_event(event.data, SIGNER))


def _sent(number: int, batteries: int) -> Sent:
    event = _opening() if number == 0 else _report(number, batteries)
    return Sent(event.data, sign_event(event.data, SIGNER))


def _opening() -> Event:
    body = {
        "authority_key": key_body(SIGNER.header, SIGNER.public_key),
        "log_keys": [signer.vkey for signer in LOG_SIGNERS],
    }
    return build_event(make_members(0, OPEN_LOG, [], body))


def _report(number: int, batteries: int) -> Event:
    subject = f"001PE12ABCDEFGG2T{number * 7919 % batteries:07d}"
    body = {
        "full_cycles": number % 3000,
        "method": "bms",
        "note": "scheduled service, no fault codes, coolant exchanged",
        "remaining_capacity_mah": 150_000 - number % 40_000,
        "soce_ppm": 1_000_000 - number % 300_000,
        "temperature_mc": 25_000,
    }
    return build_event(make_members(number, "report_soh", [subject], body))


def make_members(number: int, kind: str, subjects: list[str], body: dict[str, object]) -> dict[str, object]:
    """An event's members; `number` makes its id."""
    return {
        "actor": "bench-maker",
        "body": body,
        "id": f"01907c5e-{number >> 16 & 0xFFFF:04x}-7{number >> 4 & 0xFFF:03x}-8{number & 15:x}4f-0123456789ab",
        "log": ORIGIN,
        "occurred_at": "2026-05-01T12:30:01.123Z",
        "subjects": subjects,
        "type": kind,
        "v": 1,
    }
