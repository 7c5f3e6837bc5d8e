"""packtrail restore-check and epoch: is this database the newest there is, and how to go on when it is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from api.cli.log_keys import publish
from api.cli.task import CHECK_FAILED, Task, in_columns, open_register, say, show
from service.keys.epochs import begin_epoch, read_lost
from service.operators import current_registry
from service.settings import Settings
from service.verification.restoring import Finding, Standing, Verdict, check_standing

GUIDE = "docs/operating.md#restore"


@click.command("restore-check", cls=Task, undone="not compared", example="restore-check --checkpoint last-known")
@click.option(
    "--checkpoint",
    "checkpoints",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    metavar="FILE",
    help="A checkpoint that was kept elsewhere, e.g. from a receipt or an export. May be given several times.",
)
def restore_check(settings: Settings, as_json: bool, checkpoints: tuple[Path, ...]) -> None:
    """Say whether the database is the newest there is.

    Compares it with the rollback pin, with the checkpoints given, and with the witnesses. Works where the register
    refuses to serve, and changes nothing. Ends with exit code 1 if entries are missing, or others than were signed.
    """
    with open_register(settings, pinned=False) as register:
        standing = check_standing(register, [(str(file), file.read_bytes()) for file in checkpoints])
    tell_standing(standing, as_json=as_json)


def tell_standing(standing: Standing, *, as_json: bool) -> None:
    """Print it, and end with exit code 1 unless the database is the newest that anybody knows of."""
    show(_members(standing), list(_words(standing)), as_json=as_json)
    if not standing.ok:
        raise click.exceptions.Exit(CHECK_FAILED)


@click.command(
    cls=Task,
    undone="no epoch was begun",
    example="epoch --lost-checkpoint last-known --reason fire",
)
@click.option(
    "--lost-checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="The newest checkpoint known that signs more than is left; or the rollback pin, log.pin.",
)
@click.option("--reason", required=True, help="Stands in the entry, for everybody.")
def epoch(settings: Settings, as_json: bool, lost_checkpoint: Path, reason: str) -> None:
    """Go on without entries that are lost for ever: under a new origin, with new keys, by a signed entry that says so.

    There is no way back. Run restore-check first, and stop every server of this register.
    """
    with open_register(settings, pinned=False) as register:
        current_registry(register)
        batch, registry = begin_epoch(register, read_lost(register, lost_checkpoint), reason)
        publish(register)
    begun = registry.ring.epochs[-1]
    value = {
        "epoch": begun.number,
        "origin": begun.origin,
        "previous_origin": registry.ring.epochs[-2].origin,
        "index": batch.first,
        "kept": begun.start,
        "lost": begun.lost,
        "vkeys": list(registry.log_keys.vkeys),
    }
    lines = [
        f"epoch {begun.number} begins with entry {begun.start}, as {begun.origin}",
        f"kept: {begun.start} entries, lost: {begun.lost}",
        "new verifier keys:",
        *registry.log_keys.vkeys,
    ]
    show(value, lines, as_json=as_json)
    say("Publish the new keys, tell the witnesses the new origin, and ask operators to sign again what was lost.")


def _members(standing: Standing) -> dict[str, Any]:
    return {
        "ok": standing.ok,
        "origin": standing.origin,
        "size": standing.size,
        "newest_at": standing.newest_at,
        "checkpoint": standing.checkpoint.decode(),
        "missing": standing.missing,
        "compared": [
            {
                "source": each.source,
                "verdict": each.verdict.value,
                "size": each.size,
                "missing": each.missing,
                "checkpoint": each.note.decode() or None,
                "told": each.told or None,
            }
            for each in standing.findings
        ],
    }


def _words(standing: Standing) -> Iterator[str]:
    yield f"{standing.origin}: {standing.size} entries here, the newest received at {standing.newest_at or 'no time'}"
    yield from in_columns([(each.source, _say(each)) for each in standing.findings])
    if standing.is_forked:
        yield "FORKED: two different histories were signed under one origin. --json prints the heads that prove it."
        yield "Keep database and checkpoint as evidence, record nothing, and run packtrail verify on each copy."
    elif not standing.ok:
        first, last = standing.size, standing.size + standing.missing - 1
        if standing.missing:
            yield f"BEHIND: entries {first} to {last} were signed and are not here: all after {standing.newest_at}."
        else:
            yield "NOT KNOWN: the pin is damaged, and cannot say whether entries are missing."
        yield "Restore a newer copy or a standby. Receipts that were handed out prove what is missing."
        yield f"If there is none for ever: packtrail epoch --lost-checkpoint FILE --reason TEXT. See {GUIDE}."
    else:
        yield "FINE: nothing that was asked knows of more, or of anything else, than is here."


def _say(found: Finding) -> str:
    if found.verdict is Verdict.FINE:
        return f"fine: knows of {found.size} entries, and they are these"
    if found.verdict is Verdict.BEHIND and found.missing:
        return f"behind by {found.missing}: knows of {found.size} entries"
    if found.verdict is Verdict.FORKED:
        return f"forked: the first {found.size} entries are others"
    if found.verdict is Verdict.TOLD:
        return f"knows of {found.size} entries of an earlier epoch; the log itself says that they are lost"
    return found.told
