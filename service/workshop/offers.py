"""What an organisation may do now with the battery in hand: found by asking the rules, put in the order of the work.

What may be done is never listed here. Listed are only the kinds of events that are not for a phone, with the place
where they are done, and which step usually comes next.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache

from service.domain.bodies import LiftNotice
from service.domain.case import Facts
from service.domain.effects import CREATORS
from service.domain.errors import DomainError, RuleBreach
from service.domain.events import KINDS, Event, fields_of
from service.domain.lifecycle import decide
from service.domain.offering import hindrance, roles_that_could
from service.domain.roles import Role
from service.domain.rules_use import date_in_china
from service.domain.states import BatteryState, OpState
from service.domain.words import Notice
from service.recording.registry import Registry


class Elsewhere(Enum):
    """Where that is done which is not for a phone. `DESK` and `LABELS` are pages, `IMPORT` takes files."""

    DESK = "desk"
    LABELS = "labels"
    IMPORT = "import"


NOT_HERE: dict[str, Elsewhere] = {
    "register": Elsewhere.DESK,
    "register_pack": Elsewhere.IMPORT,
    "publish_passport": Elsewhere.DESK,
    "void": Elsewhere.IMPORT,
    "approve_void": Elsewhere.IMPORT,
    "recycle": Elsewhere.IMPORT,
    "correct": Elsewhere.IMPORT,
    "erase_values": Elsewhere.IMPORT,
    "print_label": Elsewhere.LABELS,
}
_SIMPLE = frozenset({"integer", "text", "code", "codes", "region", "operator", "date", "boolean", "choice"})
"""The kinds of fields that fit a form of a phone."""

USUAL: dict[OpState, tuple[str, ...]] = {
    OpState.REGISTERED: ("assemble", "receive", "install", "place_on_market", "repurpose"),
    OpState.ASSEMBLED: ("receive", "install", "swap", "place_on_market", "hand_over"),
    OpState.INSTALLED: ("sell", "swap", "begin_service", "report_soh"),
    OpState.IN_USE: ("swap", "begin_service", "report_soh", "transfer_ownership", "scrap_vehicle", "retire"),
    OpState.IN_SWAP_POOL: ("swap", "report_soh", "install"),
    OpState.UNDER_SERVICE: ("repair", "report_soh", "replace_pack", "retire"),
    OpState.REMOVED: ("receive", "install", "swap", "retire"),
    OpState.RETIRED: ("collect", "receive", "test", "hand_over"),
    OpState.COLLECTED: ("receive", "test", "dismantle", "hand_over"),
    OpState.TESTED: ("receive", "dismantle", "repurpose", "prepare_reuse", "remanufacture", "hand_over"),
    OpState.EXPORTED: ("import_back",),
    OpState.LOST: ("report_found",),
}
"""What usually comes next, most usual first. What is not named here follows in the order of the kinds."""
LAST = ("report_incident", "issue_notice", "lift_notice", "void_label")
"""What is seldom the reason to take a battery in hand."""


_Found = Sequence[tuple[int, RuleBreach | None]]
"""By place, why not."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that may be recorded now. place: 0 where the battery in hand is named first, 1 where another one is."""

    kind: str
    place: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that the organisation's roles may do, but not with this battery now."""

    kind: str
    place: int
    breach: RuleBreach


@dataclass(frozen=True, slots=True)
class Offers:
    """`now`: the usual one first. others: of what others may do now, by kind, their roles. elsewhere: of what the
    organisation may do now, what is not for a phone."""

    now: tuple[Offer, ...]
    refused: tuple[Refusal, ...]
    others: Mapping[str, frozenset[str]]
    elsewhere: Mapping[str, Elsewhere]

    def find(self, kind: str) -> Offer | None:
        """The offer of this kind, if any."""
        return next((offer for offer in self.now if offer.kind == kind), None)


def make_offers(state: BatteryState, registry: Registry, operator: str, now: datetime) -> Offers:
    """What `operator` may record about this battery."""
    facts = _facts(state, registry, operator, now)
    offered, refused, others, elsewhere = list[Offer](), list[Refusal](), dict[str, frozenset[str]](), {}
    for kind, found in _asked(state, facts, operator):
        if (offer := _free(kind, found)) is not None:
            offered.append(offer)
        elif KINDS[kind].roles & facts.roles:
            refused.append(_refusal(kind, found))
        else:
            could = frozenset[str]().union(*(roles_that_could(kind, at, state, facts) for at in places(kind)))
            others |= {kind: could} if could else {}
    for kind, where in NOT_HERE.items():
        if any(hindrance(kind, place, state, facts, operator) is None for place in places(kind)):
            elsewhere[kind] = where
    return Offers(_in_order(offered, state, operator), tuple(refused), others, elsewhere)


def kinds_now(state: BatteryState, registry: Registry, operator: str, now: datetime) -> tuple[str, ...]:
    """The kinds that are offered, the usual one first, without asking what is refused or could be done by others."""
    facts = _facts(state, registry, operator, now)
    offered = [offer for kind, found in _asked(state, facts, operator) if (offer := _free(kind, found))]
    return tuple(offer.kind for offer in _in_order(offered, state, operator))


def objection(kind: str, state: BatteryState, registry: Registry, operator: str, now: datetime) -> RuleBreach | None:
    """Why `operator` may not record an event of this kind about this battery, as the first that it names."""
    return hindrance(kind, 0, state, _facts(state, registry, operator, now), operator)


def places(kind: str) -> tuple[int, ...]:
    """The places that a battery in hand may have in an event of this kind, the usual one first."""
    first, other = KINDS[kind].parts
    if (kind, first) in CREATORS:
        return (1,) if other != first else ()
    return (0, 1) if kind in BOTH else (0,)


LEFT_OUT = frozenset({"evidence_sha256", "parts"})
"""Optional fields that nobody can type on a phone."""
BOTH = frozenset({"swap", "replace_pack"})
"""Kinds of which either battery may be the one in hand."""


@cache
def on_phone() -> tuple[str, ...]:
    """The kinds that a form of a phone can tell, in their order."""
    return tuple(
        row.name
        for row in KINDS.values()
        if row.name not in NOT_HERE
        and row.body is not None
        and row.subjects.maximum
        and all(spec.kind in _SIMPLE for spec in fields_of(row.body) if spec.required or spec.name not in LEFT_OUT)
    )


def _asked(state: BatteryState, facts: Facts, operator: str) -> Iterator[tuple[str, _Found]]:
    """What stands in the way of each kind that has a point, by the place of the battery."""
    for kind in on_phone():
        if not _is_pointless(kind, state, facts, operator):
            yield kind, [(place, hindrance(kind, place, state, facts, operator)) for place in places(kind)]


def _free(kind: str, found: _Found) -> Offer | None:
    return next((Offer(kind, place) for place, breach in found if breach is None), None)


def _in_order(offered: Iterable[Offer], state: BatteryState, operator: str) -> tuple[Offer, ...]:
    return tuple(sorted(offered, key=lambda offer: _rank(offer.kind, state, operator)))


def _facts(state: BatteryState, registry: Registry, operator: str, now: datetime) -> Facts:
    return Facts(
        roles=registry.roles_of(operator),
        states={state.code: state},
        models=registry.models,
        operators=registry.operators,
        received_at=now,
        today=date_in_china(now),
        licences=registry.licences_of(operator),
        licence_days=registry.licence_days,
    )


def _is_pointless(kind: str, state: BatteryState, facts: Facts, operator: str) -> bool:
    """Whether there is nothing on the battery that such an event of this operator could be about."""
    if kind == "lift_notice":
        return not any(_may_lift(name, state, facts, operator) for name in state.notices)
    return kind == "void_label" and state.labels <= state.labels_void


def _may_lift(name: str, state: BatteryState, facts: Facts, operator: str) -> bool:
    notice, _, number = name.split("/", 2)
    body = LiftNotice(Notice(notice), number, reason=number)
    try:
        decide(Event("", "lift_notice", operator, facts.received_at, (state.code,), body), facts)
    except DomainError:
        return False
    return True


def _rank(kind: str, state: BatteryState, operator: str) -> tuple[int, int]:
    usual = USUAL.get(state.op_state, ())
    if state.handed_to == operator and kind in ("receive", "collect"):
        return (0, 0 if kind == "collect" else 1)
    if kind in usual:
        return (1, usual.index(kind))
    return (3 if kind in LAST else 2, on_phone().index(kind))


def _refusal(kind: str, found: _Found) -> Refusal:
    """As the first of the places where the battery could stand has it."""
    place, breach = found[0]
    assert breach is not None
    return Refusal(kind, place, breach)


def roles_in_order(roles: frozenset[str]) -> list[Role]:
    """In the order of the catalogue of roles."""
    return [role for role in Role if role in roles]
