"""The entries of the register for the authority, filtered; the filter is the address, so that a view can be handed on.

What is typed wrongly is said, and then nothing is searched.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import AUDITOR, present_registry
from api.desk.opening import desk_routes, show
from api.desk.pack_filters import address
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from ledger.strict import MAX_SIZE
from service.domain.errors import InvalidCode
from service.domain.events import KINDS
from service.domain.rules_use import CODE_ZONE
from service.errors import Fault, NotFoundError, RefusedError
from service.leafing import SCAN, Leafed, Sought, leaf_through
from service.lookup import resolve_battery

routes = desk_routes("leafing desk")

PATH = "/desk/entries"
FIELDS = ("kind", "actor", "battery", "since", "until", "first", "last")
LONGEST = 300
OFFERED = 200
"""Organisations that are offered by name; of more the id is typed."""


@routes.get(PATH, Terms(AUDITOR, "The entries of the register, by kind, organisation, battery, time and index"))
def show_entries() -> ResponseReturnValue:
    typed = {name: request.args.get(name, "")[:LONGEST].strip() for name in FIELDS}
    reading = Reading(typed)
    sought, before = reading.sought(), reading.index("before", request.args.get("before", ""))
    found, problem = Leafed((), 0, 0, None), None
    if reading.faults:
        problem = problem_of(RefusedError(reading.faults))
    else:
        found = leaf_through(current_register(), sought, before=before)
    asked, operators = {name: value for name, value in typed.items() if value}, present_registry().operators
    return show(
        "desk/entries.html",
        problem=problem,
        kept=asked | ({} if before is None else {"before": str(before)}),
        typed=typed,
        asked=bool(asked),
        found=found,
        kinds=KINDS,
        operators=operators,
        offered=sorted(operators) if len(operators) <= OFFERED else (),
        scan=SCAN,
        older=None if found.older is None else address(PATH, asked | {"before": str(found.older)}),
        newest=address(PATH, asked) if before is not None else None,
        all=address(PATH, {}),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """The fields of the filter as they were typed, and what is wrong with them."""

    typed: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def sought(self) -> Sought:
        """What they ask for; of no use where there are faults."""
        typed = self.typed
        if typed["kind"] and typed["kind"] not in KINDS:
            self._wrong("kind", "there is no event of this kind", "没有这种事件")
        if typed["actor"] and typed["actor"] not in present_registry().operators:
            self._wrong("actor", "no organisation here has this id", "登记簿中没有此标识的单位")
        first, last = self.index("first", typed["first"]), self.index("last", typed["last"])
        since, until = self._day("since"), self._day("until")
        if first is not None and last is not None and last < first:
            self._wrong("last", "the last index is before the first", "截止序号小于起始序号")
        if since is not None and until is not None and until < since:
            self._wrong("until", "the last day is before the first", "截止日期早于起始日期")
        return Sought(
            typed["kind"],
            typed["actor"],
            self._battery(),
            since,
            None if until is None else until + timedelta(days=1),
            first or 0,
            last,
        )

    def index(self, name: str, text: str) -> int | None:
        """An index, None for an empty field."""
        written = text.replace(",", "").replace(" ", "")
        if not written:
            return None
        if written.isascii() and written.isdigit() and len(written) < 20 and int(written) < MAX_SIZE:
            return int(written)
        self._wrong(name, "write an index as a whole number from 0 on", "序号应为从0开始的整数")
        return None

    def _day(self, name: str) -> datetime | None:
        """The moment at which a day begins in China; None for an empty field."""
        try:
            day = date.fromisoformat(self.typed[name]) if self.typed[name] else None
        except ValueError:
            day = date.min
        if day is None or date(1970, 1, 1) <= day < date(9999, 1, 1):
            return None if day is None else datetime.combine(day, time(), CODE_ZONE)
        self._wrong(name, "write the day as 2026-05-01", "日期请写作2026-05-01")
        return None

    def _battery(self) -> str:
        if not self.typed["battery"]:
            return ""
        try:
            return resolve_battery(current_register(), self.typed["battery"])
        except InvalidCode as error:
            self._wrong("battery", error.reason_en, error.reason_zh)
        except NotFoundError:
            self._wrong("battery", "this battery is not in the register", "登记簿中没有该电池")
        return ""

    def _wrong(self, name: str, en: str, zh: str) -> None:
        self.faults.append(Fault(f"/{name}", "filter", en, zh))
