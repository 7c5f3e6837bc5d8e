"""Any operator tells anything about anything, of every kind of event; a naive book keeps what can never be otherwise.

Most of it is refused. What is taken must fit the book, which knows nothing of the rules: who exists, who is in what,
who has what, what has ended, what was counted.
"""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from service.domain.case import Facts
from service.domain.effects import CREATORS
from service.domain.errors import InvalidBody, InvalidCode, RuleBreach
from service.domain.events import KINDS, Event
from service.domain.lifecycle import AFTERLIFE, AWAY, decide
from service.domain.rulebook import READ_OF_STATES
from service.domain.rules_notice import NOTICES
from service.domain.states import (
    COMMITTED,
    TERMINAL,
    UNKNOWN_VEHICLE,
    BatteryState,
    LifeStatus,
    OpState,
    PassportStatus,
)
from service.domain.words import Notice
from tests.service.domain.scenes import KINDS_WITH_SCENES
from tests.service.domain.story import (
    ACTORS,
    CAR,
    MODULES,
    NEW_MODULE,
    OTHER_CAR,
    PACK,
    ROLES,
    SECOND_LIFE,
    SPARE,
    World,
    assembled_world,
    moment,
)

CODES = (PACK, SPARE, *MODULES, NEW_MODULE, SECOND_LIFE)
ENDS = {
    "recycle": OpState.RECYCLED,
    "dismantle": OpState.DISMANTLED,
    "approve_void": OpState.VOIDED,
    **dict.fromkeys(("prepare_reuse", "repurpose", "remanufacture"), OpState.CONSUMED),
}
LIVES = ("install", "sell", "report_soh", "retire", "collect", "test", "dismantle", "repurpose", "recycle")


UNREAD = {"full_cycles": 0, "throughput_wh": 0}
"""What stands for a value that nobody opened, where it is not None."""


class Unopened(World):
    """Decides each event once more with states of which only those values are known that its kind is said to read."""

    def decide(self, event: Event, **facts: Any) -> dict[str, BatteryState]:
        known = decided(event, self.facts(event, **facts))
        unread = frozenset(COMMITTED) - READ_OF_STATES.get(event.kind, COMMITTED.keys())
        closed = {code: close(state, unread) for code, state in self.states_for(event).items()}
        again = decided(event, self.facts(event, **facts, states=closed))
        if isinstance(known, Exception):
            assert (type(again), str(again)) == (type(known), str(known))
            raise known
        assert not isinstance(again, Exception), f"{event.kind} reads a value that it does not say: {again}"
        assert all(close(again[code], unread) == close(state, unread) for code, state in known.items())
        return known


def decided(event: Event, facts: Facts) -> dict[str, BatteryState] | Exception:
    try:
        return decide(event, facts)
    except (RuleBreach, InvalidCode) as error:
        return error


def close(state: BatteryState, unread: frozenset[str]) -> BatteryState:
    changes: dict[str, Any] = {name: UNREAD.get(name) for name in unread - {"vehicle"}}
    if "vehicle" in unread and state.vehicle is not None:
        changes["vehicle"] = UNKNOWN_VEHICLE
    return state.changed(changes)


class AnyLife(RuleBasedStateMachine):
    world: World
    before: dict[str, BatteryState]
    last: tuple[str, str, tuple[str, ...]]
    existed: set[str]
    ended: set[str]

    @initialize(steps=st.integers(0, 6))
    def begin(self, steps: int) -> None:
        self.world = assembled_world(Unopened)
        self.world.now = moment("2034-06-21")
        self.existed, self.ended = set(self.world.states), set()
        self.before, self.last = dict(self.world.states), ("", "", ())
        for kind in LIVES[:steps]:
            self.attempt(kind, ACTORS[kind], (PACK,), {"vehicle": CAR} if kind == "install" else {})

    def attempt(self, kind: str, actor: str, subjects: tuple[str, ...], details: dict[str, Any]) -> None:
        self.before, self.last = dict(self.world.states), ("", "", ())
        self.world.now += timedelta(minutes=10)
        try:
            self.world.tell(kind, *subjects, actor=actor, **details)
        except (RuleBreach, InvalidCode, InvalidBody):
            assert self.world.states == self.before
        else:
            self.last = (kind, actor, subjects)

    @rule(
        kind=st.sampled_from(KINDS_WITH_SCENES),
        actor=st.sampled_from(sorted(ROLES)),
        subjects=st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True),
        car=st.sampled_from([CAR, OTHER_CAR, None]),
    )
    def anybody_tells_anything(self, kind: str, actor: str, subjects: list[str], car: str | None) -> None:
        self.attempt(kind, actor, tuple(subjects), {"vehicle": car} if car else {})

    @rule(
        kind=st.sampled_from(KINDS_WITH_SCENES),
        subjects=st.lists(st.sampled_from(CODES), min_size=1, max_size=2, unique=True),
        car=st.sampled_from([CAR, OTHER_CAR]),
        notice=st.sampled_from(Notice),
    )
    def somebody_tells_what_is_his(self, kind: str, subjects: list[str], car: str, notice: Notice) -> None:
        details: dict[str, Any] = {"vehicle": car}
        if kind in ("issue_notice", "lift_notice"):
            details["notice"] = notice.value
        if kind == "dismantle" and subjects[0] in self.world.states:
            children = self.world.states[subjects[0]].children
            subjects = [subjects[0], *children]
            mass = sum(self.world.states[code].mass_g for code in children)
            details["casing_mass_g"] = max(0, self.world.states[subjects[0]].mass_g - mass - 10_000)
        self.attempt(kind, ACTORS[kind], tuple(subjects), details)

    @precondition(lambda self: self.world.events)
    @rule(data=st.data(), undo=st.booleans())
    def somebody_corrects_something(self, data: st.DataObject, undo: bool) -> None:
        event = self.world.events[data.draw(st.sampled_from(sorted(self.world.events)))]
        details: dict[str, Any] = {"event_id": event.id}
        details |= {"reason": "did_not_occur", "mass_g": None} if undo else {"mass_g": 280_000}
        self.attempt("correct", event.actor, event.subjects, details)

    @invariant()
    def an_id_is_given_once_and_stays(self) -> None:
        kind, _, subjects = self.last
        created = set(self.world.states) - set(self.before)
        assert self.existed <= set(self.world.states)
        assert created == ({subjects[0]} if (kind, KINDS[kind].parts[0] if kind else "") in CREATORS else set())
        self.existed |= created

    @invariant()
    def nothing_follows_an_end(self) -> None:
        kind, _, subjects = self.last
        for code in self.ended & set(subjects):
            assert kind in AFTERLIFE
            assert self.world.states[code].op_state is self.before[code].op_state
        ended = {code for code, state in self.world.states.items() if state.op_state in TERMINAL}
        assert self.ended <= ended
        for code in ended - self.ended:
            assert self.world.states[code].op_state is ENDS[kind]
        self.ended = ended

    @invariant()
    def parts_and_wholes_agree(self) -> None:
        states = self.world.states
        for code, state in states.items():
            assert state.parent is None or code in states[state.parent].children
            assert state.vehicle is None or state.parent is None
            for child in state.children if state.op_state not in TERMINAL else ():
                assert states[child].parent == code
        for car in (CAR, OTHER_CAR):
            assert len(self.world.packs_in(car)) <= 1

    @invariant()
    def each_subject_counts_one_event_and_nothing_else_changes(self) -> None:
        _, actor, subjects = self.last
        for code, state in self.world.states.items():
            before = self.before.get(code)
            if code not in subjects:
                assert before is state
            elif before is not None:
                assert state.count == before.count + 1
                assert state.holder in (before.holder, actor) or self.last[0] == "correct"

    @invariant()
    def waste_becomes_a_product_under_a_new_id_only(self) -> None:
        for code, before in self.before.items():
            if before.life_status is LifeStatus.WASTE and self.last[0] != "correct":
                assert self.world.states[code].life_status is LifeStatus.WASTE

    @invariant()
    def counters_never_fall(self) -> None:
        for code, before in self.before.items():
            assert self.world.states[code].full_cycles >= before.full_cycles

    @invariant()
    def who_is_away_knows_where_to_go_back(self) -> None:
        for state in self.world.states.values():
            assert (state.resumes is not None) == (state.op_state in AWAY)

    @invariant()
    def a_flag_stands_as_long_as_its_notice(self) -> None:
        for state in self.world.states.values():
            for notice, row in NOTICES.items():
                is_open = any(name.startswith(f"{notice.value}/") for name in state.notices)
                tested = row.flag == "quarantined" and state.decision == "quarantine"
                assert (row.flag in state.flags) == (is_open or tested)

    @invariant()
    def a_passport_is_active_once_somebody_answers_for_it(self) -> None:
        for state in self.world.states.values():
            assert state.passport is not PassportStatus.ACTIVE or (state.markets and state.responsible)

    @invariant()
    def what_is_stored_is_what_was_decided(self) -> None:
        for state in self.world.states.values():
            assert BatteryState.from_mapping(state.to_mapping()) == state


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
