"""packtrail recovery: how much of each material recyclers won back, and what the law asks for."""

import re

import click

from api.cli.task import USAGE, Failed, Task, in_columns, open_register, show
from api.recovery import row_members
from service.clock import wall_clock
from service.domain.recovery.verdicts import Verdict
from service.domain.rules_use import date_in_china
from service.domain.units import format_quantity
from service.domain.words import Word
from service.recovery import LONGEST, Period, RecoveryRow, read_recovery, usual_period
from service.settings import Settings

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_HEAD = (
    ("recycler", "step", "material", "in", "recovered", "passed on", "rate", "target"),
    ("企业", "工序", "材料", "投入", "回收", "转下道工序", "回收率", "要求"),
)


@click.command(cls=Task, undone="no rates were shown", example="recovery --from 2026-01 --to 2026-06")
@click.option("--operator", metavar="ID", help="One recycler.  [default: all, and the register as a whole]")
@click.option("--from", "first", metavar="MONTH", help="First month, YYYY-MM.  [default: eleven before the last]")
@click.option("--to", "last", metavar="MONTH", help="Last month.  [default: the present one]")
def recovery(settings: Settings, as_json: bool, operator: str | None, first: str | None, last: str | None) -> None:
    """Show rates of recovery.

    By recycler, step and material, each with the targets of China and the EU: met, missed, or not known yet. Targets
    that are not yet in force stand in brackets."""
    period = _period(first, last)
    with open_register(settings) as register:
        rows = read_recovery(register, period, operator=operator)
    value = {"from": period.first, "to": period.last, "operator": operator, "rows": [row_members(row) for row in rows]}
    show(value, in_columns([*_HEAD, *(_line(row) for row in rows)]), as_json=as_json)


def _period(first: str | None, last: str | None) -> Period:
    usual = usual_period(date_in_china(wall_clock()))
    if first is None and last is None:
        return usual
    if first is None or last is None:
        raise Failed("no rates were shown: give both --from and --to, or none", USAGE)
    if not (_MONTH.fullmatch(first) and _MONTH.fullmatch(last)):
        raise Failed("no rates were shown: a month is written YYYY-MM", USAGE)
    period = Period(first, last)
    if not 1 <= period.months <= LONGEST:
        raise Failed(f"no rates were shown: the last month is the first, or up to {LONGEST - 1} months later", USAGE)
    return period


def _line(row: RecoveryRow) -> tuple[str, ...]:
    amount = row.amount
    rate = "?" if row.rate_ppm is None else format_quantity(row.rate_ppm, "rate_ppm", "en")
    return (
        row.operator or "*",
        _both(row.key.stage),
        _both(row.key.measure),
        format_quantity(amount.in_mg // 1_000, "mass_g", "en"),
        format_quantity(amount.out_mg // 1_000, "mass_g", "en"),
        format_quantity(amount.passed_mg // 1_000, "mass_g", "en") if amount.passed_mg else "-",
        f"{rate} !" if row.impossible else rate,
        "; ".join(map(_told, row.verdicts)) or "-",
    )


def _told(verdict: Verdict) -> str:
    target = verdict.target
    sign = "<" if target.at_most else ">="
    text = f"{target.jurisdiction} {sign} {format_quantity(target.ppm, 'rate_ppm', 'en')} {_both(verdict.outcome)}"
    return text if verdict.in_force else f"[{target.since} {text}]"


def _both(word: Word) -> str:
    return f"{word.en} {word.zh}"
