"""packtrail export and rebuild: what follows from the entries, and the entries themselves."""

import time
from pathlib import Path

import click

from api.cli.progress import progress
from api.cli.task import Task, open_register, say, show
from ledger.export import checkpoint_path
from service.domain.words import Act
from service.exporting import export_register
from service.maintenance import record_done
from service.recording.rebuilding import rebuild
from service.recording.recorder import Recorder
from service.settings import Settings


@click.command(cls=Task, undone="nothing was exported", example="export --out register.ndjson")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE", help="The file.")
@click.option("--witnessed", is_flag=True, help="Only as far as enough witnesses have cosigned.")
def export(settings: Settings, as_json: bool, out: Path, witnessed: bool) -> None:
    """Write all entries to a file.

    One a line, byte for byte as stored, in index order; the checkpoint goes to FILE.checkpoint, with the cosignatures
    that it has."""
    with open_register(settings) as register, progress("exporting") as tick:
        count = export_register(register, out, witnessed=witnessed, tick=tick)
    value = {"entries": count, "file": str(out), "checkpoint": str(checkpoint_path(out))}
    show(value, [f"{count} entries in {out}, checkpoint in {checkpoint_path(out)}"], as_json=as_json)


@click.command("rebuild", cls=Task, undone="nothing was rebuilt", example="rebuild --data var")
def rebuild_tables(settings: Settings, as_json: bool) -> None:
    """Derive all tables anew from the entries.

    In one transaction, after damage to anything but the entries."""
    started = time.perf_counter()
    with open_register(settings, pinned=False) as register, progress("rebuilding") as tick:
        count = rebuild(register, tick=tick)
        record_done(Recorder(register), Act.REBUILD, f"from {count} entries")
    show({"entries": count}, [f"rebuilt from {count} entries"], as_json=as_json)
    say(f"{time.perf_counter() - started:.1f} s; `packtrail verify` compares the result.")
