"""The battery in hand: may it be worked on, does it match its plate, and what may be done with it now."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response
from flask.typing import ResponseReturnValue

from api.auth import RECORDER, present_registry
from api.desk.opening import desk_routes, person_caller
from api.edge import current_register
from api.language import Catalogue
from api.naming import operator_name
from api.pages.answers import visit_of_request
from api.routes import Terms
from api.workshop.opening import PATH, battery_path, show_phone, show_unknown
from api.workshop.words import kind_title, reason_text, refusal_text
from service.domain.errors import InvalidCode
from service.domain.gbt34014 import CHEMISTRIES, parse_code
from service.domain.names import LIFE_STATUSES, OP_STATES
from service.domain.units import format_quantity
from service.errors import NotFoundError
from service.history import BatteryNow, battery_now
from service.lookup import resolve_battery
from service.recording.registry import Registry
from service.scans.alerts import open_signs
from service.workshop.offers import Elsewhere, Offers, make_offers, roles_in_order
from service.workshop.verdict import Verdict, judge

routes = desk_routes("workshop battery")

ELSEWHERE = {
    Elsewhere.DESK: "w.elsewhere_desk",
    Elsewhere.LABELS: "w.elsewhere_labels",
    Elsewhere.IMPORT: "w.elsewhere_import",
}
_WITHOUT_LITHIUM = frozenset("AFZ")


@dataclass(frozen=True, slots=True)
class InHand:
    """A battery in hand, as one organisation sees it now."""

    now: BatteryNow
    verdict: Verdict
    offers: Offers
    registry: Registry


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what to compare. name: of the fact, for programs."""

    name: str
    label: str
    value: str


@routes.get(f"{PATH}/b/<path:text>", Terms(RECORDER, "The battery in hand, and what may be done with it now"))
def show_battery(text: str) -> ResponseReturnValue:
    try:
        code = resolve_battery(current_register(), text)
    except InvalidCode as error:
        return show_unknown(text, error)
    except NotFoundError:
        return show_unknown(text)
    return battery_page(take_in_hand(code, person_caller().operator))


def battery_page(found: InHand, *, missed: str = "") -> Response:
    """The page of a battery. missed: the kind of event that was sent and that cannot be recorded of it any more."""
    say, code = visit_of_request(current_register()).say, found.now.code
    return show_phone(
        "w/battery.html",
        status=409 if missed else 200,
        missed=kind_title(missed, say) if missed else "",
        code=code,
        found=found,
        verdict=found.verdict,
        reasons=[(reason.level, reason_text(reason, found.registry, say)) for reason in found.verdict.reasons],
        facts=list(facts_of(found, say)),
        hazard=_hazard(found.now, say),
        title=lambda kind: kind_title(kind, say),
        path=battery_path(code),
        refused=[(refusal.kind, refusal_text(refusal, say)) for refusal in found.offers.refused],
        could=[(kind, _roles(roles, say)) for kind, roles in found.offers.others.items()],
        elsewhere=[(kind, say(ELSEWHERE[where])) for kind, where in found.offers.elsewhere.items()],
        ended=not found.offers.now,
    )


def take_in_hand(code: str, operator: str) -> InHand:
    """A registered battery and what `operator` may do with it. Raises NotFoundError."""
    register, registry = current_register(), present_registry()
    now = battery_now(register, code)
    with register.read() as reader:
        signs = open_signs(reader.connection, code)
    offers = make_offers(now.state, registry, operator, register.clock())
    return InHand(now, judge(now.state, operator, signs), offers, registry)


def facts_of(found: InHand, say: Catalogue) -> Iterator[Fact]:
    """What can be compared with the plate and what matters for safety, most urgent first."""
    state, model = found.now.state, found.now.model
    body = model.body if model else None

    def amount(value: int, name: str) -> str:
        return format_quantity(value, name, say.language)

    chemistry = CHEMISTRIES[parse_code(state.code).chemistry]
    status, life = OP_STATES[state.op_state], LIFE_STATUSES[state.life_status]
    yield Fact("chemistry", say("identity.chemistry"), say.pick(chemistry.en, chemistry.zh))
    if body:
        yield Fact("voltage", say("identity.voltage"), amount(body.voltage_mv, "voltage_mv"))
    else:
        yield Fact("capacity", say("identity.capacity"), amount(state.rated_capacity_mah, "capacity_mah"))
    yield Fact("status", say("w.status"), say.pick(status.en, status.zh))
    yield Fact("holder", say("w.holder"), operator_name(state.holder, found.registry, say))
    yield Fact("life_status", say("identity.life_status"), say.pick(life.en, life.zh))
    yield Fact("level", say("identity.level"), say.pick(state.level.en, state.level.zh))
    yield Fact("maker", say("identity.maker"), operator_name(state.maker, found.registry, say))
    yield Fact("made_on", say("identity.made_on"), state.made_on.isoformat())
    if body:
        yield Fact("model", say("identity.model"), say.pick(*body.names))
        yield Fact("capacity", say("identity.capacity"), amount(state.rated_capacity_mah, "capacity_mah"))
    yield Fact("mass", say("identity.mass"), amount(body.mass_g if body else state.mass_g, "mass_g"))


def _hazard(now: BatteryNow, say: Catalogue) -> str:
    body = now.model.body if now.model else None
    declared = say.pick(body.hazard_en or "", body.hazard_zh or "") if body else ""
    without = parse_code(now.code).chemistry in _WITHOUT_LITHIUM
    return declared or say("safety.hazard_other" if without else "safety.hazard_lithium")


def _roles(roles: frozenset[str], say: Catalogue) -> str:
    named = [say.pick(role.en, role.zh) for role in roles_in_order(roles)]
    return say("punctuation.list").join(named)
