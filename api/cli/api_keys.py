"""packtrail key api: the API keys of programs. Whoever has the data folder acts as the authority."""

from datetime import timedelta

import click

from api.api_keys import key_members
from api.cli.task import Task, in_columns, open_register, say, show
from service.access import SCOPES, find_api_key
from service.errors import NotFoundError
from service.limits.counting import open_counting
from service.operators import authority, current_registry
from service.programs.keeping import NewKey, WhichKey, end_key, list_keys, make_key, rotate_key
from service.recording.recorder import Recorder
from service.settings import Settings

_SHOWN_ONCE = "The API key is shown once and kept nowhere: hand it over now."


@click.group()
def api() -> None:
    """API keys: what a program shows to be let in. They sign nothing."""


@api.command("list", cls=Task, undone="no API keys were listed", example="key api list cq-repair")
@click.argument("operator", required=False)
def list_(settings: Settings, as_json: bool, operator: str | None) -> None:
    """List API keys, of OPERATOR or of all, with their last use. The keys themselves are kept nowhere."""
    with open_register(settings) as register:
        found = list_keys(register, open_counting(settings), operator)
    rows = [
        (
            *(row.id, row.operator, ",".join(row.scopes), f"until {row.expires_at}"),
            "valid" if row.revoked_at is None else f"ended {row.revoked_at}",
            f"replaced by {row.replaced_by}" if row.replaced_by else "",
            f"used {used}" if used else "never used",
            row.label,
        )
        for row, used in found
    ]
    show([key_members(*each) for each in found], in_columns(rows) if rows else [], as_json=as_json)


@api.command(cls=Task, undone="no API key was made", example="key api add cq-repair --scope read --days 90")
@click.argument("operator")
@click.option(
    "--scope", "scopes", type=click.Choice(SCOPES), multiple=True, default=("record", "read"), show_default=True
)
@click.option("--label", default="", help="What it is for.")
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="How long it lives.")
def add(settings: Settings, as_json: bool, operator: str, scopes: tuple[str, ...], label: str, days: int) -> None:
    """Make an API key for OPERATOR; it is shown once, and an entry says that it was made."""
    with open_register(settings) as register:
        if operator not in current_registry(register).operators:
            raise NotFoundError(f"{operator} is not enrolled: `packtrail operator add` enrols it")
        wanted = NewKey(operator, scopes, label, timedelta(days=days))
        text = make_key(Recorder(register), wanted, by=authority(register)).text
    show({"operator": operator, "api_key": text, "scopes": list(scopes)}, [text], as_json=as_json)
    say(_SHOWN_ONCE)


@api.command(cls=Task, undone="the API key was not replaced", example="key api rotate bilwcdiwt6c5 --overlap 48")
@click.argument("id_", metavar="ID")
@click.option("--overlap", type=click.IntRange(0, 720), default=24, show_default=True, help="Hours that ID stays good.")
def rotate(settings: Settings, as_json: bool, id_: str, overlap: int) -> None:
    """Make an API key in the place of ID, with the same scopes. Both are good until the overlap ends."""
    with open_register(settings) as register:
        recorder, by = Recorder(register), authority(register)
        made = rotate_key(recorder, WhichKey(id_), by=by, overlap=timedelta(hours=overlap))
        with register.read() as reader:
            old = find_api_key(reader.connection, id_)
    show(key_members(made.row, None) | {"api_key": made.text, "replaces": id_}, [made.text], as_json=as_json)
    say(f"{id_} ends {old.expires_at}. {_SHOWN_ONCE}")


@api.command(cls=Task, undone="the API key was not revoked", example="key api revoke bilwcdiwt6c5")
@click.argument("id_", metavar="ID")
def revoke(settings: Settings, as_json: bool, id_: str) -> None:
    """End an API key at once. ID is its second part, as `key api list` shows it; never give the whole key."""
    with open_register(settings) as register:
        end_key(Recorder(register), WhichKey(id_), by=authority(register))
    show({"id": id_, "revoked": True}, [f"{id_} is revoked"], as_json=as_json)
