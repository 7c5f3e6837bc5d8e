"""packtrail label: the labels of batteries as a file; with --print-as the print is recorded."""

import os
from pathlib import Path
from typing import Any

import click

from api.cli.task import Task, open_register, show
from api.labelling import CONTENT_TYPES, PAGES, ROLL, Look, draw_labels, template_of
from labels.collection import METALS
from labels.template import TEMPLATES
from service.domain.uuid7 import make_uuid7
from service.domain.words import ReprintReason
from service.labelling import PrintJob, batteries_now, record_print
from service.lookup import resolve_battery
from service.recording.recorder import Recorder
from service.settings import Settings
from service.work import Register

FORMS = tuple(CONTENT_TYPES)


@click.command(
    cls=Task, undone="no label was drawn", example="label 001PE12ABCDEFGG2T0000001 --out label.pdf --template P1"
)
@click.argument("batteries", metavar="ID...", nargs=-1, required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE", help="The file.")
@click.option("--format", "form", type=click.Choice(FORMS), help="[default: by the ending of FILE, else svg]")
@click.option("--template", type=click.Choice(tuple(TEMPLATES)), help="[default: by the battery's level]")
@click.option("--dpi", type=click.Choice(("203", "300", "600")), help="Of the printer, for png and zpl.")
@click.option("--page", type=click.Choice(PAGES), default=ROLL, help="Of a PDF: one label a page, or sheets. [roll]")
@click.option("--copies", type=click.IntRange(1, 100), default=1, help="Of each label. [1]")
@click.option(
    "--side", type=(float, float), default=None, metavar="W H", help="Largest side in mm: adds the bin symbol."
)
@click.option("--metal", "metals", type=click.Choice(METALS), multiple=True, help="Chemical symbol beneath it.")
@click.option("--print-as", "operator", metavar="OPERATOR", help="Record that this operator prints them.")
@click.option("--reprint-reason", type=click.Choice([each.value for each in ReprintReason]), help="Why again.")
def label(settings: Settings, as_json: bool, batteries: tuple[str, ...], out: Path, **wishes: Any) -> None:
    """Draw the labels of batteries.

    Their symbols hold the address of this register (PACKTRAIL_BASE_URL). ID is a battery code or GTIN/serial. Without
    --print-as nothing is recorded: labels that are stuck on batteries should be.
    """
    ending = out.suffix.removeprefix(".").lower()
    form = wishes["form"] or (ending if ending in FORMS else "svg")
    dpi = int(wishes["dpi"]) if wishes["dpi"] else None
    look = Look(form, wishes["template"], dpi, wishes["page"], wishes["side"], metals=wishes["metals"])
    with open_register(settings) as register:
        codes = tuple(resolve_battery(register, battery) for battery in batteries)
        now = batteries_now(register, codes)
        drawing = draw_labels(now, settings.base_url, look, copies=wishes["copies"])
        entries: list[int] = []
        if wishes["operator"]:
            template, reason = template_of(now, look), wishes["reprint_reason"]
            job = PrintJob(_id(register), wishes["operator"], codes, template, form, wishes["copies"], reason)
            entries = [each.index for each in record_print(Recorder(register), job)]
    out.write_bytes(drawing)
    value = {"code": codes[0], "file": str(out), "format": form, "bytes": len(drawing)}
    if len(codes) > 1:
        value |= {"codes": list(codes)}
    if entries:
        value |= {"entries": entries}
    told = f", printed under entry {', '.join(map(str, entries))}" if entries else ""
    show(value, [f"{', '.join(codes)}: {out}, {form}, {len(drawing)} bytes{told}"], as_json=as_json)


def _id(register: Register) -> str:
    return make_uuid7(int(register.clock().timestamp() * 1000), os.urandom(10))
