"""The page of a battery: what it is now, what to compare it with, how to handle it, its life, and what proves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from api.language import Catalogue, Language, catalogue
from api.pages.documents import battery_address
from api.pages.facts import MAX_RELATED, Facts, PublicStep
from api.pages.rendering import Place, Visit, render
from service.domain.bodies import Licence
from service.domain.events import KINDS
from service.domain.names import FLAGS, LIFE_STATUSES, OP_STATES, StateName
from service.domain.roles import Role
from service.domain.states import OpState
from service.domain.units import format_quantity

LATE = timedelta(days=1)
"""A step is shown with its time of receipt where that is later than this."""
_WITHOUT_LITHIUM = frozenset("AFZ")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list of facts. lang: of the value, where it is not the page's; raw: a code, never translated."""

    label: str
    value: str
    lang: Language | None = None
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """One step on the timeline. received: only where it came late. disputed: who signed it is in doubt.

    licences: those under which it was done, as one line each.
    """

    title: str
    reporter: str
    occurred_at: datetime
    received_at: datetime | None
    disputed: bool
    licences: tuple[str, ...]


class Notice(NamedTuple):
    """What stands against a battery, in words. of_whole: it was said of what the battery is built into."""

    title: str
    meaning: str
    of_whole: bool


@dataclass(frozen=True, slots=True)
class Address:
    """Where the register is and how to hold it to its word."""

    base_url: str
    vkey: str


def render_battery(facts: Facts, visit: Visit, address: Address, *, typed: str | None = None) -> str:
    """The page. typed: what the visitor typed, where that had to be folded into the registered code."""
    say, code = visit.say, facts.code.text
    name = OP_STATES[facts.state.op_state]
    moments = [_moment(step, say) for step in facts.steps]
    return render(
        "battery.html",
        visit,
        Place(f"/b/{code}"),
        code=code,
        typed=typed,
        tone=FLAGS[facts.warnings[0].flag].tone if facts.warnings else name.tone,
        notices=[Notice(*_words(FLAGS[each.flag], say), each.of != code) for each in facts.warnings],
        status=_words(name, say)[0],
        meaning=_words(name, say)[1],
        rows=list(identity(facts, say)),
        hazard=_hazard(facts, say),
        agent=facts.now.model.body.extinguishing_agent if facts.now.model else None,
        related=facts.related,
        parent_status=_status(facts.related.parent_state, say),
        most=MAX_RELATED,
        gone=facts.state.op_state in (OpState.RECYCLED, OpState.VOIDED),
        moments=moments,
        before_gap=facts.before_gap,
        skipped=facts.skipped,
        facts=facts,
        canonical=battery_address(address.base_url, code),
        command=f"packtrail verify {address.base_url} --key '{address.vkey}'",
    )


def identity(facts: Facts, say: Catalogue) -> Iterator[Row]:
    """What can be compared with the battery's plate, in the order of the page."""
    state, model = facts.state, facts.now.model
    body = model.body if model else None

    def amount(value: int, name: str) -> str:
        return format_quantity(value, name, say.language)

    yield Row(say("identity.level"), say.pick(state.level.en, state.level.zh))
    yield _name_row("identity.maker", _maker_names(facts), say)
    if body:
        yield _name_row("identity.model", (body.name, body.name_en), say)
    yield Row(say("identity.made_on"), state.made_on.isoformat())
    yield Row(say("identity.chemistry"), say.pick(facts.chemistry.en, facts.chemistry.zh))
    if body:
        yield Row(say("identity.category"), say.pick(body.category.en, body.category.zh))
    life = LIFE_STATUSES[state.life_status]
    yield Row(say("identity.life_status"), say.pick(life.en, life.zh))
    yield Row(say("identity.capacity"), amount(state.rated_capacity_mah, "capacity_mah"))
    yield Row(say("identity.energy"), amount(state.rated_energy_wh, "energy_wh"))
    if body:
        yield Row(say("identity.voltage"), amount(body.voltage_mv, "voltage_mv"))
    yield Row(say("identity.mass"), amount(facts.mass_g, "mass_g"))
    if facts.gs1:
        yield Row(say("identity.gtin"), facts.gs1[0], raw=True)
        yield Row(say("identity.serial"), facts.gs1[1], raw=True)


def _maker_names(facts: Facts) -> tuple[str, str | None]:
    maker = facts.now.maker
    return (maker.enrolment.name, maker.enrolment.name_en) if maker else (facts.state.maker, None)


def _name_row(key: str, names: tuple[str, str | None], say: Catalogue) -> Row:
    """A name is data: it is shown in the page's language where it was given in it, else as it is."""
    name, name_en = names
    if say.language == "en" and name_en:
        return Row(say(key), name_en)
    foreign: Language | None = None
    if name.isascii() and say.language == "zh":
        foreign = "en"
    elif not name.isascii() and say.language == "en":
        foreign = "zh"
    return Row(say(key), name, lang=foreign)


def _hazard(facts: Facts, say: Catalogue) -> str:
    body = facts.now.model.body if facts.now.model else None
    declared = say.pick(body.hazard_en or "", body.hazard_zh or "") if body else ""
    general = "safety.hazard_other" if facts.chemistry.letter in _WITHOUT_LITHIUM else "safety.hazard_lithium"
    return declared or say(general)


def _words(name: StateName, say: Catalogue) -> tuple[str, str]:
    return say.pick(name.en, name.zh), say.pick(name.meaning_en, name.meaning_zh)


def _status(state: OpState | None, say: Catalogue) -> str | None:
    return None if state is None else say.pick(OP_STATES[state].en, OP_STATES[state].zh)


def _moment(step: PublicStep, say: Catalogue) -> Moment:
    late = step.received_at - step.occurred_at > LATE
    return Moment(
        *_wording(step.kind, step.roles, say.language),
        occurred_at=step.occurred_at,
        received_at=step.received_at if late else None,
        disputed=step.disputed,
        licences=tuple(licence_line(each, say) for each in step.licences),
    )


def licence_line(licence: Licence, say: Catalogue) -> str:
    """A licence for everybody: kind, number, first and perhaps last day, scope."""
    kind = say.pick(licence.licence.en, licence.licence.zh)
    line = say("life.licence", kind=kind, number=licence.number, first=licence.valid_from)
    if licence.valid_until is not None:
        line = say(
            "life.licence_until", kind=kind, number=licence.number, first=licence.valid_from, last=licence.valid_until
        )
    return line + (say("life.licence_scope", scope=licence.scope) if licence.scope else "")


@cache
def _wording(kind: str, roles: tuple[Role, ...], language: Language) -> tuple[str, str]:
    """Title and reporter of a step: there are few of them, and each is shown often."""
    say = catalogue(language)
    names = say("punctuation.list").join(say.pick(role.en, role.zh) for role in roles)
    return say.pick(KINDS[kind].title_en, KINDS[kind].title_zh), say("life.by", roles=names)
