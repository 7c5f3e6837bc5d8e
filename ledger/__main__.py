"""python -m ledger verify|inspect: check a register, a bundle or a receipt offline, with nothing but a file and a key.

Needs neither the service nor a database. Exit codes: 0 holds, 1 does not hold, 2 usage or malformed input.
"""

import argparse
import base64
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from ledger import inspection
from ledger.bundle import FORMAT, Bundle, BundleError, Held, parse_bundle, verify_bundle
from ledger.entry import format_time
from ledger.erasure import with_erasures
from ledger.errors import LedgerError, MalformedError
from ledger.export import checkpoint_path, read_export
from ledger.notes.checkpoint import Checkpoint
from ledger.notes.note import Verifier, parse_vkey
from ledger.receipt import parse_receipt, verify_receipt
from ledger.signing.keys import read_head
from ledger.verification import contradiction
from ledger.verification.audit import Failure, Report
from ledger.verification.findings import Anchor
from ledger.verification.source import ExportSource
from ledger.verification.verified import StateFile, interruptible
from ledger.verification.verifying import Wishes, verify_register


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "inspect":
            print(json.dumps(inspection.inspect(_read(Path(options.file))), indent=2, ensure_ascii=False))
            return 0
        report = _verify(options)
    except KeyboardInterrupt:
        print("ledger: interrupted", file=sys.stderr)
        return 130
    except (LedgerError, OSError) as error:
        print(f"ledger: {error}", file=sys.stderr)
        return 2
    print(json.dumps(report_members(report)) if options.json else describe(report))
    return 0 if report.ok else 1


def _verify(options: argparse.Namespace) -> Report:
    verifiers = load_verifiers(options.key)
    anchors = () if options.since is None else (older_checkpoint(Path(options.since)),)
    with interruptible(), StateFile(Path(options.state)) if options.state else nullcontext() as kept:
        return verify_file(
            Path(options.target),
            verifiers,
            entry=options.entry and Path(options.entry),
            checkpoint=options.checkpoint and Path(options.checkpoint),
            wishes=Wishes(
                signatures=not options.no_signatures,
                anchors=anchors,
                verified=kept.found if kept else None,
                save=kept.save if kept else None,
                workers=options.cores,
            ),
        )


def older_checkpoint(file: Path) -> Anchor:
    """What an older checkpoint says that the register must still hold to. Raises MalformedError.

    Who signed it is judged with the entries, which tell the keys in force at its size.
    """
    note = file.read_bytes()
    older = read_head(note)
    return Anchor(older.size, older.root, "the older checkpoint signs", note)


def verify_file(
    target: Path,
    verifiers: Sequence[Verifier],
    *,
    entry: Path | None = None,
    checkpoint: Path | None = None,
    signatures: bool = True,
    wishes: Wishes | None = None,
) -> Report:
    """Verify an export, a bundle, or a receipt with its entry. Raises MalformedError for anything else.

    `wishes` are for an export, and then go before `signatures`.
    """
    with target.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"c2sp.org/tlog-proof@v1\n"):
        return _verify_receipt(target, entry, verifiers)
    if start.startswith(contradiction.START):
        return contradiction.report_contradiction(_read(target), verifiers)
    alone = checkpoint is None and not checkpoint_path(target).exists()
    if (alone or FORMAT.encode() in start) and not start.startswith(b'{"event":'):
        return _verify_bundle(target, verifiers)
    wishes = wishes or Wishes(signatures=signatures)
    note = _read(checkpoint or checkpoint_path(target))
    report = verify_register(ExportSource(target), lambda: _lines(target), note, verifiers, wishes)
    return with_erasures(report, lambda: _lines(target)) if wishes.signatures else report


def _lines(target: Path) -> Iterator[bytes]:
    with target.open("rb") as file:
        yield from read_export(file)


def load_verifiers(keys: Sequence[str]) -> list[Verifier]:
    """Verifier keys given as text or as files that hold one a line; all must be of one log."""
    lines: list[str] = []
    for key in keys:
        lines += _read_keys(Path(key)) if "+" not in key or _is_file(Path(key)) else [key]
    verifiers = [parse_vkey(line) for line in lines if line.strip()]
    if not verifiers or len({verifier.name for verifier in verifiers}) != 1:
        raise MalformedError("give the verifier keys of one log")
    return verifiers


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a key of 1,800 characters is no possible name of a file
        return False


def _read_keys(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        raise MalformedError(f"{file} does not hold verifier keys") from None


def report_members(report: Report) -> dict[str, Any]:
    """The report as JSON members."""
    return {
        "ok": report.ok,
        "size": report.size,
        "root": base64.b64encode(report.root).decode(),
        "checked": report.checked,
        "failures": [{"index": each.index, "battery": each.battery, "what": each.what} for each in report.failures],
        "notes": list(report.notes),
    }


def describe(report: Report) -> str:
    """The report in a line, or the first entry that is wrong."""
    if report.ok:
        done = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.checked.items() if count)
        told = "".join(f"; {note}" for note in report.notes)
        return f"ok: {done}; checkpoint of size {report.size}, root {base64.b64encode(report.root).decode()}{told}"
    first = report.failures[0]
    where = "" if first.index is None else f"entry {first.index}: "
    more = "" if len(report.failures) == 1 else f" (and {len(report.failures) - 1} more)"
    return f"FAILED: {where}{first.what}{more}"


def describe_completeness(bundle: Bundle, held: Held) -> str:
    """What a bundle proves about entries that it does not hold."""
    if held.complete is None:
        return "nothing proves that the history is complete"
    as_of = f"as of the first {held.complete.size} entries, {format_time(held.complete.at)}"
    if bundle.entries:
        return f"complete {as_of}"
    later = held.checkpoint.size - held.complete.size - 1  # behind the entry that commits to the map
    rest = f"; of the {later} entries after that map nothing is proven" if later else ""
    return f"absent {as_of}: none of them names {bundle.subject}{rest}"


def _verify_receipt(target: Path, entry: Path | None, verifiers: Sequence[Verifier]) -> Report:
    receipt = parse_receipt(_read(target))
    if entry is None:
        raise MalformedError("a receipt is checked together with its entry: give --entry FILE")
    try:
        data = _read(entry).removesuffix(b"\n")
        checkpoint = verify_receipt(receipt, data, verifiers, origin=verifiers[0].name, require_all=True)
    except LedgerError as error:
        return Report(0, b"", {"receipts": 1}, (Failure(receipt.index, str(error)),))
    return _held(checkpoint, {"receipts": 1})


def _verify_bundle(target: Path, verifiers: Sequence[Verifier]) -> Report:
    bundle = parse_bundle(_read(target))
    checked = {"entries": len(bundle.entries), "keys": len(bundle.keys)}
    try:
        held = verify_bundle(bundle, verifiers, origin=verifiers[0].name, require_all=True)
    except LedgerError as error:
        index = error.index if isinstance(error, BundleError) else None
        return Report(0, b"", checked, (Failure(index, str(error)),))
    return replace(_held(held.checkpoint, checked), notes=(describe_completeness(bundle, held),))


def _held(checkpoint: Checkpoint, checked: dict[str, int]) -> Report:
    return Report(checkpoint.size, checkpoint.root, checked, ())


def _read(path: Path) -> bytes:
    return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ledger", description="Check a battery register offline.")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="check an export, an evidence bundle or a receipt")
    verify.add_argument("target", help="the file; an export's checkpoint stands beside it as FILE.checkpoint")
    verify.add_argument("--key", action="append", required=True, help="verifier key of the log, or a file of them")
    verify.add_argument("--entry", help="the entry that a receipt belongs to")
    verify.add_argument("--checkpoint", help="another checkpoint than FILE.checkpoint")
    verify.add_argument("--since", help="an older checkpoint that an export must still hold to")
    verify.add_argument("--state", help="file that keeps how far an export was verified, for the next run")
    verify.add_argument("--cores", type=int, help="how many processes to use; all cores without it")
    verify.add_argument("--no-signatures", action="store_true", help="hashes and chains only")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    inspect = commands.add_parser("inspect", help="show what a file of the log says")
    inspect.add_argument("file", help="an entry, a checkpoint, a receipt or a bundle; - for standard input")
    return parser


if __name__ == "__main__":
    sys.exit(main())
