"""Which data points a battery has, and their values: from what was recorded, what was measured, what was declared.

What was measured comes before what the battery's own content declares, and that before the content of its model. A
data point of part 4 that nobody has told yet follows, where it can, from the design: the power now from the original
power, a fade of nothing. Source of the pairs: Regulation (EU) 2023/1542, Annex IV, part A, which names each value with
its fade; that both are equal on the day of placing on the market: source needed.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.domain.passport.completeness import points_of_any_battery
from service.domain.passport.content import Content
from service.domain.passport.datapoints import UNIT_OF
from service.domain.passport.passport import Party, PointValue
from service.domain.rules_use import date_in_china
from service.domain.states import BatteryState, Model
from service.domain.words import Category

FOLLOWS: Mapping[int, int] = {53: 29, 54: 29, 55: 38, 56: 38, 57: 36, 58: 36, 59: 31, 63: 29, 64: 36, 66: 38}
"""A data point of part 4, and the one of the design that it follows from until it is measured."""
_SOH_GIVES = frozenset({61, 68})
_OF_SEVERAL = frozenset({65, 70})
"""What is declared in several fields, of which a measurement gives one."""


@dataclass(frozen=True, slots=True)
class Told:
    """A body with where it comes from. `values`: the fields of it that the reader may see."""

    values: Mapping[str, Any]
    at: datetime
    by: str
    index: int


@dataclass(frozen=True, slots=True)
class Sources:
    """What a passport is composed from.

    state: with the restricted values that are known. soh: newest state of health, or residual test. charge: newest
    state of charge at a swap. link: the address that identifies the battery.
    """

    state: BatteryState
    category: Category | None
    link: str
    serial: str
    maker: Party
    responsible: Party
    model: Model | None = None
    model_content: Content = field(default_factory=dict)
    item_content: Content = field(default_factory=dict)
    content_told: Mapping[str, Told] = field(default_factory=dict)
    registered: Told | None = None
    measured: Sequence[Told] = ()
    charge: Told | None = None
    incidents: Sequence[Told] = ()


def numbers_given(state: BatteryState, model: Model | None, contents: Container[int]) -> frozenset[int]:
    """The numbers that a passport certainly has, judged without any value of it.

    `contents`: what the published contents of model and battery give together.
    """
    given = numbers_of_new(model, contents)
    if state.soce_ppm is not None or "soce_ppm" in dict(state.committed):
        given |= _SOH_GIVES
    return given


def numbers_of_new(model: Model | None, contents: Container[int]) -> frozenset[int]:
    """The same of any battery of a model, of which nothing was measured yet."""
    given = set(points_of_any_battery()) | {52, 62, 69}
    if model is not None:
        given |= points_of_model(model)
    given |= {nr for nr in range(1, 72) if nr in contents}
    given |= {nr for nr, origin in FOLLOWS.items() if origin in contents}
    return frozenset(given)


def points_of_model(model: Model) -> frozenset[int]:
    """What a published model says by itself, and with it the registration of each battery."""
    return frozenset({8, 27} | ({14} if model.body.extinguishing_agent else set()))


def compose_points(sources: Sources) -> dict[int, PointValue]:
    """All data points of a battery, by number. Whoever shows them has to pick those that the reader may see."""
    points: dict[int, PointValue] = {}
    for make in (_recorded, _of_model, _of_contents, _followed, _measured, _counted):
        points.update(make(sources, points))
    return dict(sorted(points.items()))


def _recorded(sources: Sources, _points: Mapping[int, PointValue]) -> dict[int, PointValue]:
    state, told = sources.state, sources.registered
    at, by = (told.at, told.by) if told else (None, state.maker)
    index = told.index if told else None

    def point(nr: int, **value: Any) -> PointValue:
        return PointValue(nr, _without_none(value), UNIT_OF.get(nr), at, by, "registered", index=index)

    maker, responsible = sources.maker, sources.responsible
    points = [
        point(1, identifier=sources.link, code=state.code, gtin=state.gtin),
        point(2, **_operator(responsible)),
        point(3, **_operator(maker)),
        point(7, model_id=state.model_id or "-", serial=sources.serial),
        point(9, made_on=state.made_on.isoformat()),
        point(10, mass_g=state.mass_g),
        point(11, capacity_mah=state.rated_capacity_mah),
        point(51, capacity_mah=state.capacity_mah),
        point(67, status=state.life_status.value, repaired_on=_day(state.safe_at)),
    ]
    if sources.category is not None:
        points.append(point(6, category=sources.category.value))
    if told is not None and told.values.get("voltage_mv"):
        points.append(point(27, voltage_mv=told.values["voltage_mv"]))
    if told is not None and told.values.get("site"):
        points.append(point(8, place=told.values["site"]))
    return {each.nr: each for each in points}


def values_of_model(model: Model) -> dict[int, PointValue]:
    """What a published model says by itself, by number."""
    points = {27: PointValue(27, {"voltage_mv": model.body.voltage_mv}, "mv", None, model.maker, "declared")}
    if model.body.extinguishing_agent:
        points[14] = PointValue(14, {"agent": model.body.extinguishing_agent}, None, None, model.maker, "declared")
    return points


def _of_model(sources: Sources, _points: Mapping[int, PointValue]) -> dict[int, PointValue]:
    return values_of_model(sources.model) if sources.model is not None else {}


def _of_contents(sources: Sources, _points: Mapping[int, PointValue]) -> dict[int, PointValue]:
    points = {}
    for name, content in (("model", sources.model_content), ("item", sources.item_content)):
        told = sources.content_told.get(name)
        for nr, value in content.items():
            at, by, index = (told.at, told.by, told.index) if told else (None, None, None)
            points[nr] = PointValue(nr, dict(value), UNIT_OF.get(nr), at, by, "declared", index=index)
    return points


_FOLLOWED: Mapping[int, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    53: lambda design: {"power_w": design["power_at_80_w"]},
    54: lambda _: {"fade_ppm": 0},
    55: lambda design: {"pack_uohm": design["pack_uohm"]},
    56: lambda _: {"increase_ppm": 0},
    57: lambda design: {"efficiency_ppm": design["efficiency_ppm"]},
    58: lambda _: {"fade_ppm": 0},
    59: lambda design: {"cycles": design["cycles"]},
    63: lambda design: {"power_w": design["power_at_80_w"]},
    64: lambda design: {"efficiency_ppm": design["efficiency_ppm"]},
    66: lambda design: {"pack_uohm": design["pack_uohm"]},
}


def _followed(sources: Sources, points: Mapping[int, PointValue]) -> dict[int, PointValue]:
    state = sources.state
    found = {}
    for nr, origin in FOLLOWS.items():
        if origin in points and nr not in points:
            design = points[origin]
            value = _FOLLOWED[nr](design.value)
            found[nr] = PointValue(nr, value, UNIT_OF.get(nr), design.at, design.by, "declared", index=design.index)
    own = points[51]
    for nr, value in ((52, {"fade_ppm": 0}), (62, {"capacity_mah": state.capacity_mah})):
        if nr not in points:
            found[nr] = PointValue(nr, value, UNIT_OF.get(nr), own.at, own.by, own.method, index=own.index)
    return found


_MEASURED: Sequence[tuple[int, str, str]] = (
    (53, "power_w", "power_w"),
    (55, "resistance_uohm", "pack_uohm"),
    (57, "round_trip_efficiency_ppm", "efficiency_ppm"),
    (61, "soce_ppm", "soce_ppm"),
    (62, "remaining_capacity_mah", "capacity_mah"),
    (63, "power_w", "power_w"),
    (64, "round_trip_efficiency_ppm", "efficiency_ppm"),
    (65, "self_discharge_ppm", "rate_ppm"),
    (66, "resistance_uohm", "pack_uohm"),
    (68, "full_cycles", "cycles"),
    (70, "temperature_mc", "temperature_mc"),
    (71, "soc_ppm", "soc_ppm"),
)
"""Data point, the field of a measurement that gives it, and the field of its own value."""
_FADES: Sequence[tuple[int, str, int, str, str]] = (
    (52, "remaining_capacity_mah", 51, "capacity_mah", "fade_ppm"),
    (54, "power_w", 53, "power_w", "fade_ppm"),
    (56, "resistance_uohm", 55, "pack_uohm", "increase_ppm"),
    (58, "round_trip_efficiency_ppm", 57, "efficiency_ppm", "fade_ppm"),
)
"""Data point, the field measured, the data point that says what it was at first, its field, the field of the change."""


def _measured(sources: Sources, points: Mapping[int, PointValue]) -> dict[int, PointValue]:
    """Later measurements take the place of earlier ones, field by field; of 65 and 70 the other fields stay."""
    found: dict[int, PointValue] = {}
    for told in sorted(sources.measured, key=lambda each: (each.at, each.index)):
        method = str(told.values.get("method") or told.values.get("standard") or "measured")
        doubt = told.values.get("uncertainty_ppm")
        for nr, name, ours in _MEASURED:
            value = told.values.get(name)
            if value is not None:
                kept = found.get(nr, points.get(nr)) if nr in _OF_SEVERAL else None
                values = {**(kept.value if kept else {}), ours: value}
                found[nr] = PointValue(nr, values, UNIT_OF.get(nr), told.at, told.by, method, doubt, told.index)
        for nr, name, first, theirs, ours in _FADES:
            value, origin = told.values.get(name), points.get(first)
            start = origin.value.get(theirs) if origin else None
            if value is not None and start:
                change = _change(start, value, rises=ours == "increase_ppm")
                found[nr] = PointValue(nr, {ours: change}, "ppm", told.at, told.by, "computed", doubt, told.index)
    if sources.charge is not None and "soc_ppm" in sources.charge.values:
        told = sources.charge
        if 71 not in found or (found[71].at or told.at) <= told.at:
            value = {"soc_ppm": told.values["soc_ppm"]}
            found[71] = PointValue(71, value, "ppm", told.at, told.by, "swap", index=told.index)
    return found


def _counted(sources: Sources, points: Mapping[int, PointValue]) -> dict[int, PointValue]:
    events = sorted(sources.incidents, key=lambda each: (each.at, each.index))
    listed = [
        {name: each.values[name] for name in ("incident", "severity", "happened_on") if name in each.values}
        for each in events
    ]
    newest = events[-1] if events else None
    at, by, index = (newest.at, newest.by, newest.index) if newest else (None, None, None)
    return {69: PointValue(69, {"events": listed}, None, at, by, "recorded", index=index)}


def _change(start: int, now: int, *, rises: bool) -> int:
    """In parts per million of `start`, rounded down."""
    return (now - start if rises else start - now) * 1_000_000 // start


def _operator(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "trade_name": party.name_en,
        "operator_id": party.operator_id,
        "identifier": party.uscc,
    }


def _day(moment: datetime | None) -> str | None:
    return date_in_china(moment).isoformat() if moment else None


def _without_none(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in value.items() if each is not None}
