"""packtrail serve: the register's API and pages."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.task import Task, say, show
from api.tls import choose_files, prepare
from service.keys.logkeys import read_signing_keys
from service.settings import Settings

if TYPE_CHECKING:
    from api.server import Place

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=Task, undone="the register is not served", example="serve --data var --port 8000")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="Threads of each.")
@click.option("--tls", is_flag=True, help="Serve https; without --cert by a certificate that is made for it.")
@click.option("--cert", type=_FILE, help="Certificate with its chain, PEM.")
@click.option("--key", type=_FILE, help="Its key, PEM.")
def serve(
    settings: Settings,
    as_json: bool,
    host: str,
    port: int,
    workers: int,
    threads: int,
    tls: bool,
    cert: Path | None,
    key: Path | None,
) -> None:
    """Serve the register's API and pages until SIGTERM."""
    # Not above: the server and all it loads are needed by this command only.
    from api.server import Place
    from api.server import serve as run

    if (cert is None) != (key is None) or (cert is not None and not tls):
        raise click.UsageError("--cert and --key go together, and with --tls")
    read_signing_keys(settings)
    files = choose_files(settings, cert, key) if tls else None
    place = Place(host, port, workers, threads, files)
    _tell(settings, place, as_json=as_json)
    run(settings, place)


def _tell(settings: Settings, place: "Place", *, as_json: bool) -> None:
    address = f"{'https' if place.tls else 'http'}://{place.bind}"
    told, lines = {"address": address, "data": str(settings.data)}, [address]
    if place.tls is not None:
        shown = prepare(place.tls)
        until = shown.valid_until.date().isoformat()
        told |= {"certificate_sha256": shown.sha256, "certificate_until": until}
        lines.append(f"certificate until {until}, SHA-256 {shown.sha256}")
    show(told, lines, as_json=as_json)
    say(f"Serving {settings.data}; Ctrl-C ends it.")
