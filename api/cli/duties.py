"""packtrail duties and deadline: what has to be reported by when, who is late, and days that the authority sets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from api.cli.task import Task, in_columns, open_register, show
from api.cli.threshold_lines import threshold_lines
from api.duties import case_members, counting_members, duty_members, milestone_members, missing_members
from api.schemas.duties import format_place
from api.thresholds import thresholds_members
from service.domain.duties.clocks import COUNTING, Clock
from service.domain.duties.milestones import Milestone, milestones_on
from service.domain.duties.rows import DUTIES, Jurisdiction
from service.domain.duties.thresholds import thresholds_on
from service.domain.licences import NEEDED
from service.domain.words import LicenceKind
from service.duties import (
    MAX_PAGE,
    DutyInForce,
    LateQuery,
    all_duties,
    duties_in_force,
    find_duty,
    find_late,
    find_missing,
    set_deadline,
    set_licence_day,
)
from service.operators import current_registry
from service.recording.recorder import Recorder
from service.settings import Settings

DAY = click.DateTime(["%Y-%m-%d"])
_HEAD = (("duty", "by", "days", "from", "until", "article"), ("报送义务", "主体", "期限", "起", "止", "条款"))
_LATE = (
    ("due", "days late", "operator", "battery", "duty", "entry"),
    ("到期", "逾期天数", "经营者", "电池", "报送义务", "条目"),
)

_MISSING = (
    ("since", "certificate", "missing", "found", "operator"),
    ("日期", "回收证明编号", "缺失电池", "发现电池", "经营者"),
)


@click.command(cls=Task, undone="no duties were shown", example="duties --jurisdiction CN --on 2026-05-10")
@click.option("--jurisdiction", type=click.Choice([each.value for each in Jurisdiction]), help="Only of this one.")
@click.option("--on", "day", type=DAY, help="Rows that hold for a fact of this day.  [default: all]")
@click.option("--late", is_flag=True, help="Who is late, or answered late, in place of the rows.")
@click.option("--missing", is_flag=True, help="Vehicles scrapped without their battery, in place of the rows.")
@click.option("--operator", metavar="ID", help="With --late or --missing: of this operator.  [default: of all]")
def duties(
    settings: Settings,
    as_json: bool,
    jurisdiction: str | None,
    day: datetime | None,
    late: bool,
    missing: bool,
    operator: str | None,
) -> None:
    """Show what has to be recorded or reported.

    By whom, within how many days, from which law; what the law asks from or until a day; which shares recycling and
    new batteries have to reach, which uses are banned, and which licences are needed. "source needed": the number of
    days was not found in the law; such a row judges nobody until `packtrail deadline` sets it."""
    if late:
        _show_late(settings, operator, as_json=as_json)
        return
    if missing:
        _show_missing(settings, operator, as_json=as_json)
        return
    on = None if day is None else day.date()
    with open_register(settings) as register:
        registry = current_registry(register)
    rows = all_duties(registry, jurisdiction=jurisdiction)
    if on is not None:
        rows = duties_in_force(registry, on=on, jurisdiction=jurisdiction)
    milestones = list(milestones_on(on, jurisdiction))
    thresholds = thresholds_on(on, jurisdiction)
    value = {
        "duties": [duty_members(row) for row in rows],
        "milestones": [milestone_members(row) for row in milestones],
        **thresholds_members(thresholds, registry.licence_days),
        "counting": [counting_members(row) for row in COUNTING],
    }
    law = threshold_lines(thresholds, registry.licence_days)
    show(value, [*_lines(rows, milestones), *law, *_counting_lines()], as_json=as_json)


def _show_late(settings: Settings, operator: str | None, *, as_json: bool) -> None:
    with open_register(settings) as register:
        page = find_late(register, LateQuery(operator, limit=MAX_PAGE))
    members = [case_members(case, page.today) for case in page.cases]
    value = {"today": page.today.isoformat(), "cases": members, "next": format_place(page.next)}
    rows = [
        (
            str(each["due_on"]),
            f"{each['days_late']}{'' if each['answer'] is not None else ' …'}",
            each["operator"],
            each["code"] or "-",
            f"{each['duty']} {each['title_zh']}",
            str(each["entry"]),
        )
        for each in members
    ]
    lines = in_columns([*_LATE, *rows]) if rows else ["nobody is late 无逾期"]
    show(value, [*lines, *(["…"] if page.next else [])], as_json=as_json)


def _show_missing(settings: Settings, operator: str | None, *, as_json: bool) -> None:
    with open_register(settings) as register:
        page = find_missing(register, operator=operator, limit=MAX_PAGE)
    members = [missing_members(case) for case in page.cases]
    rows = [
        (each["since"], each["certificate_no"], each["code"] or "?", each["found"] or "-", each["operator"])
        for each in members
    ]
    lines = in_columns([*_MISSING, *rows]) if rows else ["no battery is missing 无电池缺失"]
    value = {"cases": members, "next": format_place(page.next)}
    show(value, [*lines, *(["…"] if page.next else [])], as_json=as_json)


@click.command(
    cls=Task,
    undone="no deadline was set",
    example="deadline cn73-repair --days 30 --clock working_days --from 2026-04-01 --source MIIT-2026-17",
)
@click.argument("duty", type=click.Choice([row.id for row in DUTIES.values() if row.is_open]), metavar="DUTY")
@click.option("--days", type=click.IntRange(0, 3650), required=True, help="How many.")
@click.option("--clock", type=click.Choice([each.value for each in Clock]), required=True, help="Of which kind.")
@click.option("--from", "day", type=DAY, required=True, help="First day of the facts it holds for.")
@click.option("--source", required=True, help="Clause or notice. Stands in the entry, for ever.")
def deadline(settings: Settings, as_json: bool, duty: str, day: datetime, **given: Any) -> None:
    """Set the days of a duty whose number is not known.

    An entry that the authority signs. It judges what is recorded after it; nothing that the law says is changed."""
    body = {"duty": find_duty(duty).id, "valid_from": day.date().isoformat(), **given}
    with open_register(settings) as register:
        recorder = Recorder(register)
        current_registry(register)
        index = set_deadline(recorder, body).index
    clock = Clock(given["clock"])
    line = f"{duty}: {given['days']} {clock.en} {clock.zh}, from {body['valid_from']}, by entry {index}"
    show({**body, "index": index}, [line], as_json=as_json)


@click.command(
    cls=Task,
    undone="no day was set",
    example="licence-day recycler pollutant_discharge --from 2026-07-01 --source CQ-2026-8",
)
@click.argument("role", type=click.Choice(sorted({row.role.value for row in NEEDED})), metavar="ROLE")
@click.argument("licence", type=click.Choice(sorted({row.licence.value for row in NEEDED})), metavar="LICENCE")
@click.option("--from", "day", type=DAY, required=True, help="First day of the events it holds for.")
@click.option("--source", required=True, help="Clause or notice. Stands in the entry, for ever.")
def licence_day(settings: Settings, as_json: bool, role: str, licence: str, day: datetime, source: str) -> None:
    """Set from when on a licence has to be told.

    One that the register was never told of counts as missing from that day on, for events recorded after this. An
    entry that the authority signs; a later one for the same role and licence takes its place."""
    body = {"role": role, "licence": licence, "told_from": day.date().isoformat(), "source": source}
    with open_register(settings) as register:
        recorder = Recorder(register)
        current_registry(register)
        index = set_licence_day(recorder, body).index
    named = LicenceKind(licence)
    line = f"{role}: {named.en} {named.zh}, told from {body['told_from']}, by entry {index}"
    show({**body, "index": index}, [line], as_json=as_json)


def _lines(rows: Sequence[DutyInForce], milestones: Sequence[Milestone]) -> list[str]:
    lines = in_columns([*_HEAD, *map(_line, rows)]) if rows else []
    for each in milestones:
        since, until = each.since or "source needed 待查", f"/{each.until}" if each.until else ""
        lines += ["", f"{each.jurisdiction} {since}{until}  {each.en} {each.zh}", f"    {each.article} [{each.source}]"]
    return lines


def _counting_lines() -> list[str]:
    return ["", "How days are counted 期限计算", *(f"{row.en} {row.zh} [{row.source}]" for row in COUNTING)]


def _line(row: DutyInForce) -> tuple[str, ...]:
    duty = row.duty
    days = "source needed 待查" if row.days is None else f"{row.days} {row.clock.en} {row.clock.zh}"
    if duty.unjudged is not None:
        days += f" (not judged 不作判定: {duty.unjudged[0]} {duty.unjudged[1]})"
    return (
        f"{duty.id}: {duty.en} {duty.zh}",
        ",".join(sorted(duty.roles)) if len(duty.roles) < 5 else "all who hold it 各持有主体",
        days,
        duty.since.isoformat(),
        duty.until.isoformat() if duty.until else "-",
        f"{duty.article} [{row.source}]",
    )
