"""packtrail passport: the passport of a battery as a file, in any format."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from api.cli.access_log import note_command
from api.cli.task import Task, open_register, say
from service.disclosure.readings import Disclosed
from service.domain.passport.passport import Passport
from service.domain.passport.tiers import PUBLIC, Reader, tiers_of
from service.domain.rules_use import date_in_china
from service.lookup import resolve_battery
from service.passports.formats.exporting import Format, export_passport
from service.passports.formats.registry import registry_record
from service.passports.formats.rows import Filled, Profile
from service.passports.reading import read_passport
from service.settings import Settings

REGISTRY = "registry"
FORMATS = (*(form.value for form in Format), REGISTRY)
PROFILES = tuple(profile.value for profile in Profile)
READERS = tuple(reader.value for reader in (Reader.PUBLIC, Reader.EU_AUTHORITY, Reader.INTEREST, Reader.ANSWERABLE))


@click.command(
    cls=Task,
    undone="no passport was written",
    example="passport 001PE12ABCDEFGG2T0000001 --format gefeg --as answerable",
)
@click.argument("battery", metavar="ID")
@click.option("--format", "form", type=click.Choice(FORMATS), default=Format.GEFEG.value, show_default=True)
@click.option("--profile", type=click.Choice(PROFILES), default=Profile.LAUNCH.value, show_default=True)
@click.option("--as", "reader", type=click.Choice(READERS), default=Reader.PUBLIC.value, show_default=True,
              help="With what such a reader may see.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="[default: stdout]")
def passport(
    settings: Settings, as_json: bool, battery: str, form: str, profile: str, reader: str, out: Path | None
) -> None:
    """Write the passport of a battery as JSON.

    ID is a battery code or GTIN/serial. What the format would hold and the passport does not is told on stderr.
    """
    with open_register(settings) as register:
        today = date_in_china(register.clock())
        tiers = tiers_of([Reader(reader)], today)
        found = read_passport(register, resolve_battery(register, battery), audiences=tiers)
        if parts := frozenset(tier.value for tier in found.tiers - PUBLIC):
            note_command(register, Disclosed(found.code, found.responsible.operator_id, parts, True), "passport")
    document = _document(found, form, Profile(profile), settings, today)
    text = json.dumps(document, ensure_ascii=False, indent=None if as_json else 1)
    if out is None:
        click.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        say(f"{found.code}: {out}, {form}")


def _document(found: Passport, form: str, profile: Profile, settings: Settings, today: date) -> dict[str, Any]:
    if form == REGISTRY:
        record = registry_record(found, settings.base_url, settings.backup_url)
        return {"record": record.record, "sha256": record.sha256}
    filled = export_passport(found, Format(form), profile, base_url=settings.base_url, today=today)
    for line in lines_of(filled):
        say(line)
    return filled.document


def lines_of(filled: Filled) -> list[str]:
    """What is not in the document, a line for each member."""
    left_out = [
        f"left out: {'/'.join(each.path)} ({each.reason.value}{''.join(f', #{nr}' for nr in each.points)})"
        for each in filled.left_out
    ]
    return left_out + [f"withheld: {'/'.join(path)} ({tier.value})" for path, tier in filled.withheld]
