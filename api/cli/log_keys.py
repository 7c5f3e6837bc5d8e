"""packtrail key log: the log's own keys."""

from typing import Any

import click

from api.cli.founding import write_vkeys
from api.cli.task import Task, in_columns, open_register, say, show
from service.keys.log_rotation import add_log_key, make_log_key, retire_log_key
from service.operators import current_registry
from service.recording.recorder import Recorder
from service.settings import Settings
from service.work import Register


@click.group()
def log() -> None:
    """The log's own keys: which sign its checkpoints."""


@log.command("list", cls=Task, undone="no keys were listed", example="key log list")
def list_(settings: Settings, as_json: bool) -> None:
    """List the log's verifier keys, from which size of the log on they are in force, and whether they still are."""
    with open_register(settings) as register:
        told = current_registry(register).ring.log_keys
    values: list[dict[str, Any]] = []
    for vkey in dict.fromkeys(vkey for keys in told for vkey in keys.vkeys):
        since = next(keys.index + 1 for keys in told if vkey in keys.vkeys)
        last = max(place for place, keys in enumerate(told) if vkey in keys.vkeys)
        until = told[last + 1].index if last + 1 < len(told) else None
        name, key_id, _ = vkey.split("+", 2)
        values.append({"origin": name, "id": key_id, "since": since, "until": until, "vkey": vkey})
    rows = [(v["id"], v["origin"], f"from size {v['since']}", _end(v["until"])) for v in values]
    show(values, in_columns([tuple(map(str, row)) for row in rows]), as_json=as_json)


@log.command(cls=Task, undone="no key was announced", example="key log add")
@click.option("--prepare", is_flag=True, help="Only make the keys, so that the key file can be copied to other hosts.")
def add(settings: Settings, as_json: bool, prepare: bool) -> None:
    """Make new keys for the log and announce them: from that entry on old and new ones sign every checkpoint."""
    with open_register(settings) as register:
        recorder = Recorder(register)
        if prepare:
            index, vkeys = None, make_log_key(recorder)
        else:
            recorded, vkeys = add_log_key(recorder)
            index = recorded.index
            publish(register)
    value = {"index": index, "vkeys": list(vkeys)}
    show(value, vkeys, as_json=as_json)
    if prepare:
        say(f"Copy {settings.log_key_file} to every host of this register, then run packtrail key log add.")
    else:
        say(f"They sign from entry {index} on. Hand them out, and retire the old ones when everybody has them.")


@log.command(cls=Task, undone="no key was retired", example="key log retire 3f2c81aa")
@click.argument("key_id", metavar="ID")
def retire(settings: Settings, as_json: bool, key_id: str) -> None:
    """End one of the log's keys, and delete its secret. ID is its key id, as `key log list` shows it.

    Whoever knows no other key of this log can no longer check new checkpoints.
    """
    with open_register(settings) as register:
        recorded, vkey = retire_log_key(Recorder(register), key_id)
        publish(register)
    value = {"index": recorded.index, "retired": vkey}
    show(value, [f"{'+'.join(vkey.split('+')[:2])} signs nothing after entry {recorded.index}"], as_json=as_json)


def publish(register: Register) -> None:
    """Write the keys in force to the file `vkeys` in the data folder."""
    write_vkeys(register.settings, current_registry(register).log_keys.vkeys)


def _end(index: int | None) -> str:
    return "in force" if index is None else f"to size {index}"
