"""packtrail witness: be a witness for logs of others, and have witnesses for one's own."""

from pathlib import Path

import click

from api.cli import witnesses
from api.cli.task import Task, in_columns, say, show
from ledger.strict import format_base64
from service.errors import NotFoundError
from service.witness.keys import KINDS, open_keys
from service.witness.logs import add_log
from service.witness.store import WitnessStore

_data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("witness"),
    show_default=True,
    envvar="PACKTRAIL_WITNESS_DATA",
    metavar="DIR",
    help="Folder of the witness: its keys and its database.",
)
_name = click.option("--name", help="Name to cosign with, like witness.example.cn; makes the keys on first use.")


@click.group()
def witness() -> None:
    """Be a witness: cosign checkpoints of logs you know, and only what extends what you cosigned before.

    Or have witnesses: add, list and remove are about a register's own.
    """


for each in (witnesses.add, witnesses.list_, witnesses.remove):
    witness.add_command(each)


@witness.command(
    cls=Task,
    has_data=False,
    undone="no witness is served",
    example="witness serve --data witness --name witness.example.cn --port 8100",
)
@_data
@_name
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8100, show_default=True, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
@click.option("--keys", type=click.Choice(("both", *KINDS)), default="both", show_default=True, help="Keys to use.")
def serve(as_json: bool, data: Path, name: str | None, keys: str, host: str, port: int, workers: int) -> None:
    """Serve a witness until SIGTERM: C2SP tlog-witness, for logs of any kind.

    Logs send their checkpoints to /add-checkpoint. The keys are made on first use, in keys/witness in the data folder.
    """
    # Not above: the server and all it loads are needed by this command only.
    from api.witness.server import serve_witness

    cosigners = tuple(key for key in open_keys(data, name=name) if keys in ("both", _kind(key.kind)))
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    address, vkeys = f"http://{bind}", [key.vkey for key in cosigners]
    show({"address": address, "data": str(data), "vkeys": vkeys}, [address, *vkeys], as_json=as_json)
    say(f"Witnessing from {data}; Ctrl-C ends it.")
    serve_witness(data, cosigners, bind=bind, workers=workers)


@witness.command(
    "add-log",
    cls=Task,
    has_data=False,
    undone="the log was not added",
    example="witness add-log VKEY",
)
@_data
@click.argument("vkeys", metavar="VKEY...", nargs=-1, required=True)
@click.option("--origin", help="The log's origin, where it is not the name of its keys.")
def add_log_(as_json: bool, data: Path, vkeys: tuple[str, ...], origin: str | None) -> None:
    """Know a log, by all the verifier keys it may sign with. A witness that is served knows it a second later."""
    open_keys(data)
    known = add_log(WitnessStore(data), vkeys, origin=origin)
    show({"origin": known, "vkeys": list(vkeys)}, [known], as_json=as_json)


@witness.command(
    cls=Task, has_data=False, undone="the log was not removed", example="witness remove-log log.example.cn"
)
@_data
@click.argument("origin")
def remove_log(as_json: bool, data: Path, origin: str) -> None:
    """Know a log no more. What was cosigned for it is kept, in case it comes back."""
    open_keys(data)
    if not WitnessStore(data).remove_keys(origin):
        raise NotFoundError(f"this witness knows no log {origin}")
    show({"origin": origin, "removed": True}, [f"{origin} is no longer known"], as_json=as_json)


@witness.command(cls=Task, has_data=False, undone="no logs were listed", example="witness list-logs --data witness")
@_data
def list_logs(as_json: bool, data: Path) -> None:
    """List the logs this witness knows, with the size and root of what it cosigned last."""
    open_keys(data)
    values = [
        {
            "origin": origin,
            "vkeys": vkeys,
            "size": newest and newest.kept.size,
            "root": newest and format_base64(newest.kept.root),
            "cosigned_at": newest and newest.at,
        }
        for origin, vkeys, newest in WitnessStore(data).logs()
    ]
    rows = [(str(v["origin"]), _told(v["size"]), str(v["root"] or "")) for v in values]
    show(values, in_columns(rows) if rows else [], as_json=as_json)


@witness.command(cls=Task, has_data=False, undone="no key was shown", example="witness vkey --name witness.example.cn")
@_data
@_name
def vkey(as_json: bool, data: Path, name: str | None) -> None:
    """Print the witness's verifier keys: for the policies of those who trust it."""
    keys = open_keys(data, name=name)
    show({"name": keys[0].name, "vkeys": [key.vkey for key in keys]}, [key.vkey for key in keys], as_json=as_json)


def _kind(number: int) -> str:
    return next(name for name, kind in KINDS.items() if kind == number)


def _told(size: object) -> str:
    return "nothing cosigned yet" if size is None else f"size {size}"
