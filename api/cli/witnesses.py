"""packtrail witness add, list and remove: whom a register asks to cosign its checkpoints."""

from collections.abc import Iterator
from typing import Any

import click

from api.cli.task import Task, in_columns, open_register, say, show
from ledger.entry import format_time
from ledger.errors import LedgerError
from service.domain.words import Act
from service.errors import SettingsError
from service.maintenance import record_done
from service.recording.recorder import Recorder
from service.settings import Settings
from service.witnessing.head import Demand, read_demand
from service.witnessing.lag import Lag, lags
from service.witnessing.roll import Witness, add_witness, list_witnesses, remove_witness
from service.work import Register


@click.command(cls=Task, undone="the witness was not added", example="witness add city VKEY https://witness.example.cn")
@click.argument("name")
@click.argument("vkey")
@click.argument("url")
def add(settings: Settings, as_json: bool, name: str, vkey: str, url: str) -> None:
    """Ask a witness for cosignatures.

    NAME is what this register calls it, VKEY its verifier key, URL its submission address: /add-checkpoint follows. A
    witness with two keys is added twice with one URL. A served register asks it a second later.
    """
    with open_register(settings) as register:
        with register.write_beside() as connection:
            added = add_witness(connection, name, vkey, url, at=format_time(register.clock()))
        _tell(register, Act.ADD_WITNESS, added)
    show({"name": added.name, "vkey": added.vkey, "url": added.url}, [f"{added.name} at {added.url}"], as_json=as_json)
    say("The witness has to know this log by its verifier keys: /log/vkeys of the register, or vkeys in its folder.")


@click.command("list", cls=Task, undone="no witnesses were listed", example="witness list --data var")
def list_(settings: Settings, as_json: bool) -> None:
    """List the witnesses of a register: what each holds, when it last cosigned, what is wrong."""
    with open_register(settings) as register, register.read() as reader:
        found, head, size = lags(reader, register.clock()), reader.witnessed(), reader.size()
        note = reader.served()
    demand = read_demand(settings.policy_file)
    rows = [
        (v["name"], f"size {v['size']}", f"{v['behind']} behind", _ago(v["seconds"]), v["error"] or "ok", v["url"])
        for v in map(_members, found)
    ]
    value = {
        "size": size,
        "witnessed": {"size": head.size, "witnesses": list(head.witnesses)},
        "policy": None if demand.content is None else str(settings.policy_file),
        "witnesses": [_members(each) for each in found],
    }
    show(value, in_columns(rows) if rows else [], as_json=as_json)
    say(f"Witnessed: {head.size} of {size} entries" + (f", by {', '.join(head.witnesses)}." if head.size else "."))
    for line in _told(settings, demand, found, note):
        say(line)


@click.command(cls=Task, undone="the witness was not removed", example="witness remove city")
@click.argument("name")
def remove(settings: Settings, as_json: bool, name: str) -> None:
    """Ask a witness no more. What it cosigned stays."""
    with open_register(settings) as register:
        with register.write_beside() as connection:
            found = [each for each in list_witnesses(connection) if each.name == name]
            remove_witness(connection, name)
        _tell(register, Act.REMOVE_WITNESS, *found)
    show({"name": name, "removed": True}, [f"{name} is asked no more"], as_json=as_json)


def _tell(register: Register, act: Act, *witnesses: Witness) -> None:
    """Record what was done; it is done whether or not that can be: a witness that is wrong must be one to leave out."""
    for each in witnesses:
        key_id = "+".join(each.vkey.split("+", 2)[:2])
        record_done(Recorder(register), act, f"{each.name} at {each.url}: {key_id}")


def _told(settings: Settings, demand: Demand, found: list[Lag], note: bytes) -> Iterator[str]:
    """What there is to say of the policy: that there is none, that it cannot be used, that it is not met, and why."""
    file = settings.policy_file
    if demand.content is None:
        yield f"Without {file} any one witness suffices."
        return
    try:
        policy = demand.policy
        if policy is None:
            return
        known = {lag.witness.vkey for lag in found}
        if strangers := [each.name for each in policy.witnesses if each.verifier.vkey not in known]:
            yield f"{file} names {', '.join(strangers)}, which this register does not ask: packtrail witness add"
        policy.check(note)
    except (SettingsError, LedgerError) as error:
        yield f"{file}: {error}"


def _members(lag: Lag) -> dict[str, Any]:
    witness = lag.witness
    return {
        "name": witness.name,
        "url": witness.url,
        "vkey": witness.vkey,
        "size": witness.size,
        "behind": lag.behind,
        "seen_at": witness.seen_at,
        "seconds": None if lag.seconds is None else round(lag.seconds, 1),
        "error": witness.error,
        "error_at": witness.error_at,
    }


def _ago(seconds: float | None) -> str:
    if seconds is None:
        return "never cosigned"
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
