"""packtrail erase: destroy restricted values of a battery, by an entry that names the law."""

import click

from api.cli.task import Task, open_register, say, show
from service.domain.restricted import RESTRICTED
from service.lookup import resolve_battery
from service.operators import authority
from service.private.erasing import Wish, erase_values
from service.recording.recorder import Recorder
from service.settings import Settings

NAMES = sorted({name for rows in RESTRICTED.values() for name in rows})


@click.command(
    cls=Task,
    undone="nothing was erased",
    example="erase 001PE12ABCDEFGG2T0000001 --name vin --basis PIPL-47 --reason asked-for",
)
@click.argument("battery")
@click.option("--name", "names", type=click.Choice(NAMES), multiple=True, help="Field to erase; may be repeated. [all]")
@click.option("--basis", required=True, help="Law and clause. Stands in the entry, for ever.")
@click.option("--reason", required=True, help="Stands in the entry, for ever: name no person.")
def erase(settings: Settings, as_json: bool, battery: str, names: tuple[str, ...], basis: str, reason: str) -> None:
    """Destroy restricted values of BATTERY.

    Value and salt go, the entries and their proofs stay. Signed by the authority. There is no way back."""
    with open_register(settings) as register:
        code = resolve_battery(register, battery)
        wish = Wish(basis, reason, frozenset(names))
        erased = erase_values(Recorder(register), code, wish, operator=authority(register))
    indexes = [entry.index for entry in erased.entries]
    under = ", ".join(map(str, indexes))
    value = {"code": code, "erased": erased.count, "entries": indexes}
    show(value, [f"{erased.count} values of {code} erased 已依法删除, under entry {under}"], as_json=as_json)
    say("Backups made before still hold them: see docs/operating.md, Erasure.")
