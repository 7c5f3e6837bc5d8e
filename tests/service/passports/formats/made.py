"""Passports made up from the shapes of their data points, for tests of the formats."""

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st

from service.domain.fields import FieldSpec, fields_of
from service.domain.passport.datapoints import APPLIES_FROM, DATA_POINTS, UNIT_OF, Status, status_of
from service.domain.passport.passport import Party, Passport, PointValue, Version
from service.domain.passport.shapes import SHAPES
from service.domain.passport.tiers import ALL, Tier
from service.domain.passport.words import ChemistryName
from service.domain.states import LifeStatus, OpState, PassportStatus
from service.domain.words import Category

BASE_URL = "https://id.example.cn"
CODE = "001PE12ABCDEFGG2T0000001"
GTIN = "09521234010012"
CATEGORIES = (Category.EV, Category.LMT, Category.INDUSTRIAL, Category.STATIONARY)
MAKER = Party("cq-cells", "重庆示例电池", "Example Cells", "91500000MA5U0X0X0X", "500112")
OTHER = Party("cq-second", "重庆再生", None, None, "500112")
_URLS = ("https://example.com/manual.pdf", "https://docs.example.cn/a/b?c=1", "http://example.org/x")
_LETTERS = string.ascii_letters + string.digits + "电池"


def numbers(category: Category, *statuses: Status) -> frozenset[int]:
    """The data points that the guidance gives one of these statuses."""
    return frozenset(nr for nr in DATA_POINTS if status_of(nr, category, APPLIES_FROM) in statuses)


def values(nr: int, *, full: bool = False, lead: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Values of a data point. full: with every optional field. lead: chemistry of lead."""
    return _value(nr, full, lead)


@cache
def _value(nr: int, full: bool, lead: bool) -> st.SearchStrategy[dict[str, Any]]:
    found = _body(fields_of(SHAPES[nr]), full=full)
    if nr == 12:
        return found.map(lambda value: value | {"short_name": "pb" if lead else _not_lead(value["short_name"])})
    if nr == 11:
        return found.map(lambda value: {"capacity_mah": max(1, value["capacity_mah"])})  # none is registered with 0
    if nr == 67:
        return st.sampled_from(list(LifeStatus)).map(lambda status: {"status": status.value})
    if nr == 69:
        return found.map(lambda value: {"events": [_event(each) for each in value["events"]]})
    if nr == 65 and full:
        return found.map(lambda value: value | {"initial_ppm": value["initial_ppm"] or 1})
    if nr == 47 and full:
        return found.map(lambda value: value | {"suppliers": [_reachable(each) for each in value["suppliers"]]})
    return found


def _reachable(supplier: dict[str, Any]) -> dict[str, Any]:
    return supplier | {"email": "spares@example.com"}


def _event(event: dict[str, Any]) -> dict[str, Any]:
    return event | {"incident": "deep_discharge" if len(event["incident"]) % 2 else "accident"}


def _not_lead(name: str) -> str:
    return "li_ion_nmc" if name == ChemistryName.PB else name


def _body(specs: Iterable[FieldSpec], *, full: bool) -> st.SearchStrategy[dict[str, Any]]:
    rows = list(specs)
    required = {spec.name: _field(spec, full) for spec in rows if spec.required or full}
    optional = {spec.name: _field(spec, full) for spec in rows if not (spec.required or full)}
    return st.fixed_dictionaries(required, optional=optional)


def _field(spec: FieldSpec, full: bool) -> st.SearchStrategy[Any]:
    plain: Mapping[str, Callable[[], st.SearchStrategy[Any]]] = {
        "integer": lambda: st.integers(spec.minimum, spec.maximum),
        "date": lambda: st.dates(date(2020, 1, 1), date(2029, 1, 1)).map(date.isoformat),
        "boolean": st.booleans,
        "choice": lambda: st.sampled_from([word.value for word in spec.choices]),
        "items": lambda: st.lists(_body(spec.items, full=full), min_size=spec.minimum or 0, max_size=3),
    }
    return plain[spec.kind]() if spec.kind in plain else _text(spec)


def _text(spec: FieldSpec) -> st.SearchStrategy[str]:
    if spec.pattern is None:
        return st.text(_LETTERS, min_size=1, max_size=min(spec.max_length or 20, 20))
    if spec.pattern.startswith("https?"):
        return st.sampled_from(_URLS)
    return st.from_regex(spec.pattern, fullmatch=True)


def passports(
    category: Category, given: Iterable[int], *, full: bool = False, lead: bool = False, own: bool = True
) -> st.SearchStrategy[Passport]:
    """Whole passports of a category with these data points. own: the maker is answerable itself."""
    points = st.fixed_dictionaries({nr: values(nr, full=full, lead=lead) for nr in sorted(given)})
    return points.map(lambda found: passport_of(category, found, own=own))


def passport_of(category: Category, points: Mapping[int, Mapping[str, Any]], *, own: bool = True) -> Passport:
    """A passport of these values. What the register says itself agrees with them."""
    said = dict(points)
    fixed: dict[int, dict[str, Any]] = {
        1: {"identifier": f"{BASE_URL}/01/{GTIN}/21/ABCDEFGG2T0000001", "code": CODE, "gtin": GTIN},
        6: {"category": category.value},
        9: {"made_on": "2026-02-26"},
    }
    said.update({nr: value for nr, value in fixed.items() if nr in said})
    when = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
    return Passport(
        id=f"{BASE_URL}/v1/dpps/{CODE}",
        code=CODE,
        gtin=GTIN,
        serial="ABCDEFGG2T0000001",
        category=category,
        status=PassportStatus.ACTIVE,
        op_state=OpState.IN_USE,
        life_status=LifeStatus.ORIGINAL,
        version=Version(1, 0, 3, {"model": {Tier.PT1: "b" * 43 + "=", Tier.PT2: "c" * 43 + "="}}, {"model": 7}),
        model_id="CQ-150",
        maker=MAKER,
        responsible=MAKER if own else OTHER,
        made_on=date(2026, 2, 26),
        updated_at=when,
        tiers=ALL,
        points={nr: PointValue(nr, value, UNIT_OF.get(nr), when, MAKER.operator_id, "declared", index=7)
                for nr, value in sorted(said.items())},
        in_service_on=date(2026, 3, 31),
    )  # fmt: skip


def seen_by(passport: Passport, tiers: Iterable[Tier]) -> Passport:
    """The same passport as readers of these tiers get it."""
    kept = frozenset(tiers)
    points = {nr: point for nr, point in passport.points.items() if DATA_POINTS[nr].tier in kept}
    in_service_on = passport.in_service_on if Tier.PT4 in kept else None
    return replace(passport, tiers=kept, points=points, in_service_on=in_service_on)
