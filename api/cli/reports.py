"""packtrail report: what an operator has to hand in to the national platform, as a file."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from api.cli.access_log import note_command
from api.cli.duties import DAY
from api.cli.task import USAGE, Failed, Task, open_register, show
from service.disclosure.readings import Disclosed
from service.domain.duties.rows import DUTIES
from service.duties import find_duty
from service.operators import current_registry
from service.reports.files import write_csv, write_json
from service.reports.layout import Encoding, read_layout
from service.reports.rows import ReportQuery, draw_report
from service.settings import Settings


@click.command(
    cls=Task,
    undone="no report was written",
    example="report --actor cq-green --duty cn73-recycler-in --from 2026-05-01 --to 2026-05-31 --out may.csv",
)
@click.option("--actor", required=True, metavar="ID", help="The operator that reports.")
@click.option("--duty", required=True, metavar="DUTY", help="Which duty: `packtrail duties` lists them.")
@click.option("--from", "first", type=DAY, required=True, help="First day of the facts.")
@click.option("--to", "last", type=DAY, required=True, help="Last day of the facts.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file: .csv or .json.")
@click.option("--encoding", type=click.Choice([each.value for each in Encoding]), help="Of a CSV.")
@click.option("--layout", type=click.Path(dir_okay=False, exists=True, path_type=Path), help="Format file, TOML.")
def report(
    settings: Settings,
    as_json: bool,
    actor: str,
    duty: str,
    first: datetime,
    last: datetime,
    out: Path,
    encoding: str | None,
    layout: Path | None,
) -> None:
    """Write what an operator has to report under a duty.

    One row for each battery, with the last day and whether it was recorded in time. The columns are ours: no public
    specification of the platform's files was found. `report-layout.toml` in the data folder replaces them."""
    if out.suffix not in (".csv", ".json"):
        raise Failed("no report was written: --out ends in .csv or .json", USAGE)
    query = ReportQuery(actor, find_duty(duty), first.date(), last.date(), with_private=True)
    form = read_layout(layout or settings.report_layout_file)
    if encoding:
        form = replace(form, encoding=Encoding(encoding))
    with open_register(settings) as register:
        if actor not in current_registry(register).operators:
            raise Failed(f"no report was written: {actor} is not enrolled", USAGE)
        shown = Disclosed(f"report:{duty}", actor, frozenset({"report", "restricted"}), True)
        note_command(register, shown, "report")
        with register.read() as reader, out.open("wb") as sink:
            drawn = draw_report(register, reader, query, form)
            for block in write_json(drawn) if out.suffix == ".json" else write_csv(drawn):
                sink.write(block)
    row = DUTIES[duty]
    value = {"file": str(out), "operator": actor, "duty": duty, "article": row.article, "bytes": out.stat().st_size}
    show(value, [f"{row.en} {row.zh}: {out}"], as_json=as_json)
