"""The passport of a battery, read as somebody may see it: the one gate through which data points leave.

A passport is composed from the published contents of the model and the battery, and from the few entries that
`passport_source` names. Nothing is opened that the reader may not see, and nothing leaves that is of another part.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime

from ledger.entry import format_time
from service.db import views
from service.domain.gbt34014 import parse_code
from service.domain.gs1 import gtin_serial_for
from service.domain.passport.composing import Sources, Told, compose_points, numbers_given
from service.domain.passport.content import Content
from service.domain.passport.datapoints import DATA_POINTS
from service.domain.passport.passport import Party, Passport, PointValue, Version
from service.domain.passport.publication import model_subject
from service.domain.passport.tiers import Tier
from service.domain.states import BatteryState, Model
from service.domain.words import Category
from service.errors import NotFoundError
from service.passports.gathering import Gathered, gather
from service.passports.keeping import Published, content_of, find_parts, find_versions
from service.passports.originals import find_originals
from service.passports.times import state_at
from service.private.values import Cabinet
from service.recording.registry import Registry
from service.work import Register, RegisterReader


def read_passport(
    register: Register, code: str, *, audiences: Set[Tier], at: datetime | None = None, own: Content | None = None
) -> Passport:
    """The passport of battery `code` with the data points of these tiers, as of now or as recorded up to `at`.

    own: a content in the place of what is published of the battery itself, as its author would publish it.
    Raises NotFoundError for a battery that is not in the register, or was not yet.
    """
    with register.read() as reader:
        case = _open(register, reader, code, at)
        cabinet = Cabinet(reader.connection, register.vault)
        gathered = gather(reader, cabinet, code, whole=Tier.PT4 in audiences, at=at)
        sources = _sources(case, cabinet, gathered, audiences)
    if own is not None:
        sources = replace(sources, item_content=own)
    points = {nr: each for nr, each in compose_points(sources).items() if DATA_POINTS[nr].tier in audiences}
    return _passport(case, gathered, sources, points, frozenset(audiences))


def numbers_of(register: Register, code: str) -> tuple[Category | None, frozenset[int], BatteryState]:
    """For a report of completeness: the category, the numbers that the passport has, and the state. NotFoundError."""
    with register.read() as reader:
        case = _open(register, reader, code, None)
    numbers = frozenset(nr for each in case.published.values() for nr in each.numbers)
    return case.category, numbers_given(case.state, case.model, numbers), case.state


@dataclass(frozen=True, slots=True)
class _Case:
    """What is known of a battery before its entries are looked at. published: of `model` and `item`, the version."""

    state: BatteryState
    registry: Registry
    model: Model | None
    published: Mapping[str, Published]
    base_url: str
    originals: tuple[str, ...]

    @property
    def category(self) -> Category | None:
        if self.model is not None:
            return self.model.body.category
        own = self.published.get("item")
        return Category(own.category) if own else None


def _open(register: Register, reader: RegisterReader, code: str, at: datetime | None) -> _Case:
    state = views.load_states(reader.connection, [code]).get(code)
    if state is None:
        raise NotFoundError(f"{code} is not in this register")
    if at is not None:
        state = state_at(reader, state, at)
    registry = register.current_registry(reader.connection)
    model = registry.models.get(state.model_id) if state.model_id else None
    subjects = {"item": code} | ({"model": model_subject(state.model_id)} if state.model_id else {})
    versions = find_versions(reader.connection, list(subjects.values()))
    published = {}
    for name, subject in subjects.items():
        until = [each for each in versions.get(subject, ()) if at is None or each.at <= format_time(at)]
        if until:
            published[name] = until[-1]
    originals = find_originals(reader.connection, state.derived_from)
    return _Case(state, registry, model, published, register.settings.base_url, originals)


def _sources(case: _Case, cabinet: Cabinet, gathered: Gathered, audiences: Set[Tier]) -> Sources:
    [state] = cabinet.open_states({case.state.code: case.state}).values() if Tier.PT4 in audiences else [case.state]
    contents, told = {}, {}
    for name, published in case.published.items():
        wanted = {tier: text for tier, text in published.digests.items() if tier in audiences or tier is Tier.PT1}
        contents[name] = content_of(find_parts(cabinet.connection, cabinet.vault, wanted))
        author = case.model.maker if name == "model" and case.model else case.state.responsible or case.state.maker
        told[name] = Told({}, datetime.fromisoformat(published.at), author, published.index)
    return Sources(
        state=state,
        category=case.category,
        link=product_link(case.base_url, state),
        serial=serial_of(state),
        maker=party_of(case.registry, state.maker),
        responsible=party_of(case.registry, state.responsible or state.maker),
        model=case.model,
        model_content=contents.get("model", {}),
        item_content=contents.get("item", {}),
        content_told=told,
        registered=gathered.registered,
        measured=gathered.measured,
        charge=gathered.charge,
        incidents=gathered.incidents,
    )


def _passport(
    case: _Case, gathered: Gathered, sources: Sources, points: Mapping[int, PointValue], tiers: frozenset[Tier]
) -> Passport:
    state, published = case.state, case.published
    version = Version(
        published["model"].version if "model" in published else 0,
        published["item"].version if "item" in published else 0,
        state.count,
        {name: _shown(each, tiers) for name, each in published.items()},
        {name: each.index for name, each in published.items()},
    )
    placed = gathered.placed.values if gathered.placed else {}
    changed = [state.last_occurred_at, *(datetime.fromisoformat(each.at) for each in published.values())]
    return Passport(
        id=passport_id(case.base_url, state.code),
        code=state.code,
        gtin=state.gtin,
        serial=sources.serial,
        category=case.category,
        status=state.passport,
        op_state=state.op_state,
        life_status=state.life_status,
        version=version,
        model_id=state.model_id,
        maker=sources.maker,
        responsible=sources.responsible,
        made_on=state.made_on,
        updated_at=max(changed),
        tiers=tiers,
        points=points,
        derived_from=state.derived_from,
        originals=case.originals,
        consumed_into=state.consumed_into,
        placed_on=_day(placed.get("placed_on")),
        market=placed.get("market"),
        in_service_on=_day(gathered.sold.values.get("sold_on")) if gathered.sold and Tier.PT4 in tiers else None,
        registry_id=placed.get("registry_id"),
        flags=state.flags,
    )


def _shown(published: Published, tiers: frozenset[Tier]) -> dict[Tier, str]:
    return {tier: digest for tier, digest in published.digests.items() if tier in tiers}


def passport_id(base_url: str, code: str) -> str:
    """The identifier of a battery's passport, which is also its address in the EN 18222 interface."""
    return f"{base_url}/v1/dpps/{code}"


def product_link(base_url: str, state: BatteryState) -> str:
    """The identifier of the battery itself: its Digital Link, or the address of its code."""
    if state.gtin is None:
        return f"{base_url}/b/{state.code}"
    return f"{base_url}/01/{state.gtin}/21/{serial_of(state)}"


def serial_of(state: BatteryState) -> str:
    """Application identifier 21 of the battery: what of its code tells it from others of its kind."""
    return gtin_serial_for(parse_code(state.code))


def party_of(registry: Registry, operator: str) -> Party:
    """An operator as it is enrolled; by its id alone where it is not."""
    known = registry.operators.get(operator)
    if known is None:
        return Party(operator, operator, None, None, "")
    details = known.enrolment
    return Party(operator, details.name, details.name_en, details.uscc, details.region)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
