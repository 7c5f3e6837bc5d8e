"""The option `--policy` of packtrail verify: whether those cosigned who had to."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from ledger.bundle import parse_bundle
from ledger.errors import LedgerError
from ledger.export import checkpoint_path
from ledger.notes.policy import Policy, parse_policy
from ledger.receipt import HEADER, parse_receipt
from ledger.verification.audit import Failure, Report
from ledger.verification.contradiction import START, parse_contradiction
from service.verification.remote import RemoteLog


@dataclass(frozen=True, slots=True)
class Policing:
    """A policy file that was read."""

    file: Path
    policy: Policy

    def keys(self) -> tuple[str, ...]:
        """The verifier keys of the log that the policy names, none for no log. Raises UsageError for several logs."""
        if len({log.origin for log in self.policy.logs}) > 1:
            raise click.UsageError(f"{self.file} names several logs: give the verifier keys (--key)")
        return tuple(log.verifier.vkey for log in self.policy.logs)

    def check(self, report: Report, note: bytes) -> tuple[Report, str]:
        """The report with what the policy says of the checkpoint it is about, and a line that names the witnesses."""
        try:
            names = self.policy.check(note)
        except LedgerError as error:
            return failing(report, f"policy {self.file}: {error}"), ""
        counted = replace(report, checked=report.checked | {"cosignatures": len(names)})
        return counted, f"witnessed by {', '.join(names) or 'nobody, and nobody is asked for'}"


@dataclass(frozen=True, slots=True)
class WatchedLog(RemoteLog):
    """A register at an address; keeps in `seen` the checkpoint that it was judged by."""

    seen: dict[str, bytes] = field(default_factory=dict)

    def fetch(self, path: str) -> bytes:
        body = RemoteLog.fetch(self, path)
        if path == "checkpoint":
            self.seen[path] = body
        return body


def read_policing(file: object) -> Policing | None:
    """The policy in FILE, if one was given. Raises MalformedError."""
    return Policing(file, parse_policy(file.read_bytes())) if isinstance(file, Path) else None


def notes_of_file(target: Path) -> tuple[bytes, ...]:
    """The checkpoint in a receipt or a bundle, or beside an export; both checkpoints of a contradiction."""
    with target.open("rb") as file:
        start = file.read(max(len(HEADER), len(START)))
    if start.startswith(HEADER.encode()):
        return (parse_receipt(target.read_bytes()).checkpoint,)
    if start.startswith(START):
        one, other = parse_contradiction(target.read_bytes()).signed
        return one.checkpoint, other.checkpoint
    if checkpoint_path(target).exists():
        return (checkpoint_path(target).read_bytes(),)
    return (parse_bundle(target.read_bytes()).checkpoint,)


def failing(report: Report, what: str) -> Report:
    """The report with one failure more, of the whole."""
    return replace(report, failures=(*report.failures, Failure(None, what)))
