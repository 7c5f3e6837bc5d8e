"""Rates of recovery over a period: of one recycler, or of all of them and of the register as a whole.

Read from sums that are kept as batches are recorded. Cost: the sums of the period, whatever the register holds.
"""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from service.db.batches import StoredSum, add_up
from service.domain.recovery.sums import Key, Measure, Stage, Sum, chain
from service.domain.recovery.verdicts import Verdict, is_impossible, rate_ppm, verdicts
from service.work import Register

LONGEST = 120
"""Months in one question."""
USUAL = 12


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months, both included, each as "2026-05"; in China."""

    first: str
    last: str

    @property
    def months(self) -> int:
        return _number(self.last) - _number(self.first) + 1

    @property
    def end(self) -> date:
        """The last day of it, by which targets are judged."""
        year, month = int(self.last[:4]), int(self.last[5:])
        return date(year, month, calendar.monthrange(year, month)[1])


def usual_period(today: date) -> Period:
    """The twelve months up to the present one."""
    first = today.year * 12 + today.month - USUAL
    return Period(f"{first // 12:04d}-{first % 12 + 1:02d}", f"{today:%Y-%m}")


@dataclass(frozen=True, slots=True)
class RecoveryRow:
    """operator: None for the register as a whole. impossible: more came out than went in.

    rate_ppm: the share that is recovered as final product; None where not all that went in is known.
    """

    operator: str | None
    key: Key
    amount: Sum
    rate_ppm: int | None
    impossible: bool
    verdicts: tuple[Verdict, ...]


def read_recovery(register: Register, period: Period, *, operator: str | None = None) -> list[RecoveryRow]:
    """By operator, step, family and measure, last the whole chain; without an operator the register as a whole, too."""
    with register.read() as reader:
        stored = add_up(reader.connection, period.first, period.last, by="operator", operator=operator)
    rows = []
    for name, own in groupby(stored, key=lambda each: each.operator):
        sums = _merged(own)
        rows += [_row(name, *item, period.end) for item in _in_order(sums | chain(sums.items(), everybody=False))]
    if operator is None:
        whole = chain(_merged(stored).items(), everybody=True)
        rows += [_row(None, *item, period.end) for item in _in_order(whole)]
    return rows


def read_whole_recovery(register: Register, period: Period) -> list[RecoveryRow]:
    """The rows of the register as a whole, without those of each operator."""
    with register.read() as reader:
        stored = add_up(reader.connection, period.first, period.last)
    return [_row(None, *item, period.end) for item in _in_order(chain(_merged(stored).items(), everybody=True))]


def read_recovery_by_month(
    register: Register, period: Period, *, operator: str | None = None
) -> Iterator[tuple[str, RecoveryRow]]:
    """Month by month the rows of one operator, or those of the register as a whole. Targets are those of the month."""
    with register.read() as reader:
        stored = add_up(reader.connection, period.first, period.last, by="month", operator=operator)
    for month, own in groupby(stored, key=lambda each: each.month):
        sums = _merged(own)
        found = chain(sums.items(), everybody=operator is None)
        for item in _in_order(found if operator is None else sums | found):
            yield month, _row(operator, *item, Period(month, month).end)


def _merged(stored: Iterable[StoredSum]) -> dict[Key, Sum]:
    found: dict[Key, Sum] = {}
    for each in stored:
        found[each.key] = found.get(each.key, Sum()).plus(each.amount)
    return found


_STAGES, _MEASURES = list(Stage), list(Measure)


def _in_order(sums: dict[Key, Sum]) -> list[tuple[Key, Sum]]:
    return sorted(
        sums.items(),
        key=lambda item: (_STAGES.index(item[0].stage), item[0].family, _MEASURES.index(item[0].measure)),
    )


def _row(operator: str | None, key: Key, amount: Sum, day: date) -> RecoveryRow:
    return RecoveryRow(
        operator, key, amount, rate_ppm(amount), is_impossible(amount), tuple(verdicts(key, amount, day))
    )


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:])
