"""What the address asks of the figures: one filter for all of them, and of it what each takes.

The filter is the query of a GET form, so that a view is its address: the same for the page, its rows and its file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import request

from api.auth import present_registry
from service.domain.districts import CHONGQING, PROVINCES
from service.domain.duties.rows import Jurisdiction
from service.errors import Fault, RefusedError
from service.figures.shapes import Figure, Filter, is_month

FIELDS = ("since", "until", "district", "operator", "model", "jurisdiction")
LONGEST = 64
JURISDICTIONS = (Jurisdiction.CN.value, Jurisdiction.EU.value)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, by field, and the filter that it is; `fault` where it is none, and nothing is then counted."""

    typed: Mapping[str, str]
    filter: Filter
    fault: RefusedError | None = None

    def query(self, **more: str | None) -> str:
        """The query of an address that asks the same, and more; what is None or empty is left out."""
        named = {name: value for name, value in {**self.typed, **more}.items() if value}
        return urlencode(named)


def read_asked() -> Asked:
    """What the present request asks. A field that is not right is said, with how to write it."""
    return read_asked_of({name: request.args.get(name, "")[: LONGEST + 1].strip() for name in FIELDS})


def read_asked_of(typed: Mapping[str, str]) -> Asked:
    """What these fields ask."""
    faults = _faults(typed)
    filter_ = Filter(**{name: value or None for name, value in typed.items()})
    return Asked(typed, filter_, RefusedError(faults) if faults else None)


def narrow(filter_: Filter, figure: Figure, *, by: str | None = None) -> Filter:
    """Of a filter what this figure takes, grouped by `by`."""
    left = {name: None for name in FIELDS if name not in figure.filters}
    return replace(filter_, by=by if by in figure.by else None, **left)


def ignored(filter_: Filter, figure: Figure) -> list[str]:
    """Which fields of the filter say nothing to this figure."""
    return [name for name in FIELDS if getattr(filter_, name) is not None and name not in figure.filters]


def _faults(typed: Mapping[str, str]) -> list[Fault]:
    registry, faults = present_registry(), list[Fault]()
    for name in ("since", "until"):
        if typed[name] and not is_month(typed[name]):
            faults.append(_fault(name, "write the month as 2026-05", "月份请写作2026-05"))
    if not faults and typed["since"] and typed["until"] and typed["since"] > typed["until"]:
        faults.append(_fault("until", "the last month is before the first", "截止月份早于起始月份"))
    if typed["district"] and not _is_district(typed["district"]):
        faults.append(_fault("district", "no division of GB/T 2260 has this code", "GB/T 2260中没有这个区划代码"))
    if typed["operator"] and typed["operator"] not in registry.operators:
        faults.append(_fault("operator", "no organisation here has this id", "登记簿中没有此标识的单位"))
    if typed["model"] and typed["model"] not in registry.models:
        faults.append(_fault("model", "no model here has this id", "登记簿中没有此标识的型号"))
    if typed["jurisdiction"] not in ("", *JURISDICTIONS):
        faults.append(_fault("jurisdiction", "CN or EU", "请选择CN或EU"))
    return faults


def _is_district(code: str) -> bool:
    return code in CHONGQING or code in PROVINCES or code.ljust(6, "0") in PROVINCES


def _fault(name: str, en: str, zh: str) -> Fault:
    return Fault(f"/{name}", "unknown", en, zh)
