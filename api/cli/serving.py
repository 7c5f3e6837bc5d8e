"""packtrail serve: the register's API and pages."""

import click

from api.cli.task import Task, say, show
from service.keys.logkeys import read_signing_keys
from service.settings import Settings


@click.command(cls=Task, undone="the register is not served", example="serve --data var --port 8000")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="Threads of each.")
def serve(settings: Settings, as_json: bool, host: str, port: int, workers: int, threads: int) -> None:
    """Serve the register's API and pages until SIGTERM."""
    # Not above: the server and all it loads are needed by this command only.
    from api.server import Place
    from api.server import serve as run

    read_signing_keys(settings)
    place = Place(host, port, workers, threads)
    show({"address": f"http://{place.bind}", "data": str(settings.data)}, [f"http://{place.bind}"], as_json=as_json)
    say(f"Serving {settings.data}; Ctrl-C ends it.")
    run(settings, place)
