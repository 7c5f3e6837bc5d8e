"""A battery as the figures see it: where it is, who has it, what it weighs; and how an event moves it.

The steps are those of the lifecycle table. What the rules of recording have let in is not judged again, so a life is a
few fields where a state has forty; `tests/service/figures` compare the two over everything that can happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from service.domain.accounting import told_parts
from service.domain.countries import HOME
from service.domain.effects import CREATORS
from service.domain.events import KINDS
from service.domain.lifecycle import AWAY, BACK, TRANSITIONS, UNTIMED, Transition
from service.domain.states import LifeStatus, OpState

MOVES: Mapping[tuple[str, str], Transition] = {(row.kind, row.part): row for row in TRANSITIONS}
PARTS = {kind.name: kind.parts for kind in KINDS.values()}
_AWAY = {state.value: after.value for state, after in AWAY.items()}
_AFTER = {key: None if row.after is None else row.after.value for key, row in MOVES.items()}


class Life(NamedTuple):
    """One battery after its events so far. model: empty where it was made of others. waste: 1 from the end of its use.

    last_at: of its newest event. undo: what its newest reversible event found, as JSON, None where there is none.
    The fields are the columns of `figure_battery`.
    """

    code: str
    state: str
    resumes: str
    holder: str
    maker: str
    model: str
    mass_g: int
    energy_wh: int
    made_on: str
    last_at: str
    waste: int = 0
    undo: bytes | None = None

    @property
    def level(self) -> str:
        """P, M or C."""
        return self.code[3]


class Told(NamedTuple):
    """An event as it is folded. at: when it happened; parts: what each subject is to it."""

    id: str
    index: int  # type: ignore[assignment]  # the field's word; tuple.index is of no use here
    kind: str
    actor: str
    at: str
    subjects: Sequence[str]
    parts: Sequence[str]
    body: Mapping[str, Any]


def parts_of(kind: str, subjects: Sequence[str], body: Mapping[str, Any]) -> tuple[str, ...]:
    """What each subject is to the event, as `service.domain.case.parts_of` tells it of a parsed body."""
    if not subjects:
        return ()
    first, other = PARTS[kind]
    if len(subjects) == 1:
        return (first,)
    named: dict[str, str] = {}
    if kind == "repair":
        named = {body.get("removed", ""): "removed", body.get("inserted", ""): "inserted"}
    elif kind == "dismantle":
        named = dict.fromkeys(body["missing"], "missing")
    return (first, *(named.get(code, other) for code in subjects[1:]))


def steps_of(told: Told) -> Iterator[tuple[str, str]]:
    """Every battery that the event moves, and what it is to it: its subjects, then the parts in runs of its body."""
    yield from zip(told.subjects, told.parts, strict=True)
    for code, parts in told_parts(told.kind, told.body):
        for part in parts:
            yield code, part


def is_made(kind: str, part: str) -> bool:
    """Whether this part of such an event is a battery that was not there before."""
    return (kind, part) in CREATORS


def begin(told: Told) -> Life:
    """The battery that the event makes, its first subject."""
    body = told.body
    state = OpState.ASSEMBLED if told.kind == "register_pack" else OpState.REGISTERED
    return Life(
        told.subjects[0], state.value, "", told.actor, told.actor, body.get("model_id") or "", body["mass_g"],
        body["energy_wh"], body["made_on"], told.at,
    )  # fmt: skip


def moved(told: Told, part: str, life: Life, others: Mapping[str, Life]) -> Life:
    """The battery after the event. `others`: its subjects before it."""
    kind = told.kind
    row = MOVES[kind, part]
    state, resumes = life.state, life.resumes
    back = state in _AWAY and kind in BACK
    after = (resumes or _AWAY[state]) if back else (_AFTER[kind, part] or state)
    if after != state:
        resumes = state if after in _AWAY else ""
    if part == "new":
        after = _taken_over(others[told.subjects[0]], after)
    waste = life.waste if row.life is None else int(row.life is LifeStatus.WASTE)
    if kind == "retire" and told.body.get("discarded"):
        waste = 1
    last_at = life.last_at if kind in UNTIMED or told.at < life.last_at else told.at
    holder = told.actor if row.holds else life.holder
    mass_g = _mass(told, part, life, others)
    return life._replace(
        state=after, resumes=resumes, holder=holder, mass_g=mass_g, last_at=last_at, waste=waste
    )  # fmt: skip


def borders_of(told: Told) -> tuple[str, str] | None:
    """From which country to which an event takes its batteries, by two letters; None where it crosses no border."""
    if told.kind == "export":
        return HOME, told.body["country"]
    return (told.body["country"], HOME) if told.kind == "import_back" else None


def _taken_over(old: Life, after: str) -> str:
    """A pack that takes the place of another one in a vehicle that is in use is in use."""
    before = old.resumes if old.state == OpState.UNDER_SERVICE else old.state
    return after if before == OpState.INSTALLED else OpState.IN_USE.value


def _mass(told: Told, part: str, life: Life, others: Mapping[str, Life]) -> int:
    """What it weighs now: as told for a whole and for what is collected, or with a part exchanged."""
    body = told.body
    if part == "parent" or told.kind == "collect":
        return int(body["mass_g"])
    if told.kind == "repair" and part == "subject" and "removed" in body and "inserted" in body:
        return max(1, life.mass_g - others[body["removed"]].mass_g + others[body["inserted"]].mass_g)
    return life.mass_g


def corrected(told: Told, body: Mapping[str, Any], life: Life) -> Life:
    """The battery, first subject of the corrected event `told`, after `body` told values of it anew.

    As `service.domain.corrections`: only where the present value is still that of the event.
    """
    if "mass_g" in body and life.mass_g == told.body.get("mass_g") and _weighed_by(told.kind, life):
        life = life._replace(mass_g=body["mass_g"])
    if "energy_wh" in body and life.energy_wh == told.body.get("energy_wh"):
        life = life._replace(energy_wh=body["energy_wh"])
    return life


def _weighed_by(kind: str, life: Life) -> bool:
    return kind == "collect" or (kind in ("register", "assemble") and not life.waste)
