"""packtrail backup and restore: a copy of a register in SQLite, and a register from a copy."""

from pathlib import Path

import click

from api.cli.progress import progress
from api.cli.restoring import tell_standing
from api.cli.task import Task, open_register, say, show
from service.backup import back_up, put_back
from service.settings import Settings
from service.verification.restoring import check_standing


@click.command(cls=Task, undone="nothing was copied", example="backup backups/2026-11-23")
@click.argument("target", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
def backup(settings: Settings, as_json: bool, target: Path) -> None:
    """Copy a register in SQLite into FOLDER, as of one moment, while it is served.

    With a manifest: the checkpoint, and the SHA-256 of each file. Keys and rollback pin are not copied: keep these
    elsewhere. A register in PostgreSQL is copied by pg_dump.
    """
    with open_register(settings) as register, progress("copying") as tick:
        manifest = back_up(register, target, tick=tick)
    total = sum(each.bytes for each in manifest.files.values())
    value = {
        "folder": str(target),
        "origin": manifest.origin,
        "size": manifest.size,
        "checkpoint": manifest.checkpoint,
        "files": len(manifest.files),
        "bytes": total,
    }
    line = f"{manifest.size} entries of {manifest.origin} in {target}: {len(manifest.files)} files, {total:,} bytes"
    show(value, [line], as_json=as_json)
    say("Keys and pin are not in it. packtrail verify FOLDER/register.db --key VKEYS checks the copy.")


@click.command(cls=Task, undone="not restored", example="restore backups/2026-11-23 --data var")
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER")
@click.option(
    "--checkpoint",
    "checkpoints",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    metavar="FILE",
    help="A checkpoint that was kept elsewhere, e.g. from a receipt or an export. May be given several times.",
)
def restore(settings: Settings, as_json: bool, source: Path, checkpoints: tuple[Path, ...]) -> None:
    """Put the copy in FOLDER into a data folder that has its keys and no register; then do what restore-check does.

    Ends with exit code 1 if the copy was changed, and nothing is restored, or if it is not the newest there is.
    """
    manifest = put_back(source, settings)
    say(f"Restored as of {manifest.made_at}. Serve it only if what follows is fine.")
    with open_register(settings, pinned=False) as register:
        standing = check_standing(register, [(str(file), file.read_bytes()) for file in checkpoints])
    tell_standing(standing, as_json=as_json)
