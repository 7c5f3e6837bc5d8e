"""packtrail label: the label of a battery as a file."""

from pathlib import Path

import click

from api.cli.task import Task, open_register, show
from api.labelling import draw_battery_label
from labels.template import TEMPLATES
from service.history import battery_now
from service.lookup import resolve_battery
from service.settings import Settings

FORMS = ("svg", "png", "pdf", "zpl")


@click.command(
    cls=Task, undone="no label was drawn", example="label 001PE12ABCDEFGG2T0000001 --out label.pdf --template P1"
)
@click.argument("battery", metavar="ID")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE", help="The file.")
@click.option("--format", "form", type=click.Choice(FORMS), help="[default: by the ending of FILE, else svg]")
@click.option("--template", type=click.Choice(tuple(TEMPLATES)), help="[default: by the battery's level]")
@click.option("--dpi", type=click.Choice(("203", "300", "600")), help="Of the printer, for png and zpl.")
def label(
    settings: Settings, as_json: bool, battery: str, out: Path, form: str | None, template: str | None, dpi: str | None
) -> None:
    """Draw the label of a battery.

    Its QR code holds the address of this register (PACKTRAIL_BASE_URL). ID is a battery code or GTIN/serial.
    """
    ending = out.suffix.removeprefix(".").lower()
    chosen = form or (ending if ending in FORMS else "svg")
    with open_register(settings) as register:
        now = battery_now(register, resolve_battery(register, battery))
    size = int(dpi) if dpi else None
    drawing = draw_battery_label(now, settings.base_url, form=chosen, template=template, dpi=size)
    out.write_bytes(drawing)
    value = {"code": now.code, "file": str(out), "format": chosen, "bytes": len(drawing)}
    show(value, [f"{now.code}: {out}, {chosen}, {len(drawing)} bytes"], as_json=as_json)
