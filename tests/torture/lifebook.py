"""A book of batteries in memory that says what the register must accept, and what must follow. For R-24.

It is written from the conservation rules and what docs/ say of them, and calls nothing of the register: whatever both
hold to be so was thought of twice. It knows the kinds in MAY and the batteries that were put into it, no others.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

MAKER, MOTORS, SWAPS, OUTLET, LAB, WORKS = OPERATORS = (
    "scene-maker", "scene-motors", "scene-swap", "scene-outlet", "scene-lab", "scene-works",
)  # fmt: skip
ROLES = {
    MOTORS: ("vehicle_maker", "dealer"),
    SWAPS: ("swap_operator",),
    OUTLET: ("collector",),
    LAB: ("tester",),
    WORKS: ("recycler", "dismantler"),
}
EVERYBODY = frozenset(OPERATORS)
MAY = {
    "register": {MAKER},
    "assemble": {MAKER},
    "install": {MOTORS, SWAPS},
    "sell": {MOTORS},
    "load_bms_software": {MAKER, MOTORS, SWAPS, WORKS},
    "swap": {SWAPS},
    "retire": {MAKER, MOTORS, SWAPS, WORKS},
    "hand_over": EVERYBODY,
    "receive": EVERYBODY,
    "collect": {OUTLET, WORKS},
    "test": {LAB, WORKS},
    "dismantle": {WORKS},
    "repurpose": {WORKS},
    "recycle": {WORKS},
    "correct": EVERYBODY,
}
"""Who may tell what, of those who are here."""
RESTRICTED = {"install": 2, "sell": 2, "swap": 3, "retire": 1, "test": 4, "correct": 1}
"""Values that an event of this kind commits to, as the walk tells it. Of other kinds: none."""
UNDONE = frozenset({"install", "sell", "retire", "hand_over", "receive", "collect", "test"})
"""What can be said not to have happened."""

FREE = frozenset({"REGISTERED", "ASSEMBLED", "IN_SWAP_POOL"})
SERVING = frozenset({"INSTALLED", "IN_USE", "IN_SWAP_POOL"})
WASTE = frozenset({"RETIRED", "COLLECTED", "TESTED"})
ENDED = frozenset({"DISMANTLED", "CONSUMED", "RECYCLED"})
SKEW = timedelta(minutes=5)
TESTED_SHARE = 700_000
"""What a test of the walk finds left of the energy, in parts per million."""


class RefusalError(Exception):
    """The register must refuse the event. Says why, for whoever reads a failed walk."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One event as it is told."""

    id: str
    kind: str
    actor: str
    subjects: tuple[str, ...]
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Life:
    """One battery. `fitted`, `weighed`: the events that put it into its vehicle and that told its present mass."""

    state: str
    holder: str
    maker: str
    mass: int
    energy: int
    last: datetime
    status: str = "original"
    given_to: str = ""
    got_from: str = ""
    fitted: str = ""
    parent: str = ""
    parts: tuple[str, ...] = ()
    test: str = ""
    became: str = ""
    weighed: str = ""

    def held_by(self, actor: str) -> "Life":
        """In the hands of `actor`: who has it now was given it."""
        return self if actor == self.holder else replace(self, holder=actor, given_to="", got_from="")


@dataclass(slots=True)
class Told:
    """An accepted event, the lives before it, and whether its restricted values are still there."""

    telling: Telling
    before: dict[str, Life]
    kept: bool = True


@dataclass(slots=True)
class Lot:
    """A lot of black mass: how much of it is left, and since when it is there."""

    left: int
    made_at: datetime


@dataclass
class Book:
    """All batteries, events by id, what happened to each battery in order, and lots by number."""

    lives: dict[str, Life] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    histories: dict[str, list[str]] = field(default_factory=dict)
    lots: dict[str, Lot] = field(default_factory=dict)

    def copy(self) -> "Book":
        """To go back to."""
        told = {id_: replace(each) for id_, each in self.told.items()}
        lots = {name: replace(each) for name, each in self.lots.items()}
        return Book(dict(self.lives), told, {code: [*ids] for code, ids in self.histories.items()}, lots)

    def judge(self, telling: Telling) -> dict[str, Life]:
        """The lives after the event. Raises RefusalError."""
        _must(telling.actor in MAY[telling.kind], "another role's")
        _must(len(set(telling.subjects)) == len(telling.subjects), "a battery twice")
        after = JUDGES[telling.kind](self, telling)
        if telling.kind == "correct":
            return after
        return {code: replace(life, last=max(life.last, telling.at)) for code, life in after.items()}

    def allows(self, telling: Telling) -> bool:
        """Whether `judge` accepts it."""
        try:
            self.judge(telling)
        except RefusalError:
            return False
        return True

    def take(self, telling: Telling) -> None:
        """Judge, and keep what follows. Raises RefusalError, and has changed nothing."""
        after = self.judge(telling)
        self.told[telling.id] = Told(telling, {code: self.lives[code] for code in after if code in self.lives})
        if telling.kind == "recycle":
            body = telling.body
            for taken in body.get("input_lots", ()):
                self.lots[taken["lot"]].left -= taken["mass_g"]
            [output] = body["outputs"]
            self.lots[output["lot"]] = Lot(output["mass_g"], telling.at)
        self.lives |= after
        self._write_down(telling.id, telling.subjects)

    def values_of(self, code: str, operator: str = "") -> list[str]:
        """The events of a battery, all or those of one operator, whose restricted values are still there."""
        found = [self.told[id_] for id_ in self.histories.get(code, ()) if id_ in self.told]
        return [
            each.telling.id
            for each in found
            if each.kept and RESTRICTED.get(each.telling.kind) and operator in ("", each.telling.actor)
        ]

    def erase(self, code: str, id_: str, at: datetime, operator: str = "") -> None:
        """All of these are gone, which the entry `id_` of the battery says."""
        for erased in self.values_of(code, operator):
            self.told[erased].kept = False
        self.lives[code] = replace(self.lives[code], last=max(self.lives[code].last, at))
        self._write_down(id_, (code,))

    def known_in(self, vin: str) -> set[str]:
        """The packs that are known to be in this vehicle: of one whose VIN was erased nobody can say it."""
        return {code for code, life in self.lives.items() if life.fitted and self.vehicle_of(life) == vin}

    def vehicle_of(self, life: Life) -> str:
        """The VIN of the vehicle it is in; empty where that was erased."""
        told = self.told[life.fitted]
        return str(told.telling.body["vin"]) if told.kept else ""

    def _write_down(self, id_: str, subjects: Iterable[str]) -> None:
        for code in subjects:
            self.histories.setdefault(code, []).append(id_)

    def living(self, telling: Telling, code: str, states: frozenset[str]) -> Life:
        """The battery, which is there, alive, in one of these states, and of which nothing later is known."""
        life = self.lives.get(code)
        if life is None:
            raise RefusalError("there is no such battery")
        whole = self.lives.get(life.parent)
        _must(life.state not in ENDED and (whole is None or whole.state not in ("CONSUMED", "RECYCLED")), "it ended")
        _must(telling.at + SKEW >= life.last, "something later is known")
        _must(life.state in states, f"it is {life.state}")
        return life

    def alone(self, telling: Telling, code: str, states: frozenset[str]) -> Life:
        """The same, in nothing else and in no vehicle."""
        life = self.living(telling, code, states)
        _must(not life.parent, "it is a part")
        _must(not life.fitted, "it is in a vehicle")
        return life


def _must(held: bool, otherwise: str) -> None:
    if not held:
        raise RefusalError(otherwise)


def _is_pack(code: str) -> bool:
    return code[3] == "P"


def _near(value: int, target: int) -> bool:
    return abs(value - target) * 50 <= target


def _register(book: Book, told: Telling) -> dict[str, Life]:
    [code] = told.subjects
    _must(code not in book.lives, "it is registered already")
    mass, energy = told.body["mass_g"], told.body["energy_wh"]
    return {code: Life("REGISTERED", told.actor, told.actor, mass, energy, told.at, weighed=told.id)}


def _assemble(book: Book, told: Telling) -> dict[str, Life]:
    whole, *parts = told.subjects
    life = book.living(told, whole, frozenset({"REGISTERED"}))
    _must(_is_pack(whole) and bool(parts), "modules go into packs")
    _must(life.maker == told.actor, "another one made it")
    _must(not any(_is_pack(code) for code in parts), "a pack goes into no pack")
    lives = {code: book.alone(told, code, frozenset({"REGISTERED", "ASSEMBLED"})) for code in parts}
    mass = told.body["mass_g"]
    _must(sum(part.mass for part in lives.values()) * 100 <= mass * 102, "parts weigh more than the whole")
    after = {code: replace(part.held_by(told.actor), state="ASSEMBLED", parent=whole) for code, part in lives.items()}
    held = life.held_by(told.actor)
    return {whole: replace(held, state="ASSEMBLED", parts=tuple(parts), mass=mass, weighed=told.id)} | after


def _install(book: Book, told: Telling) -> dict[str, Life]:
    [code] = told.subjects
    life = book.alone(told, code, FREE)
    _must(_is_pack(code), "packs go into vehicles")
    _must(not book.known_in(told.body["vin"]), "the vehicle has a pack")
    return {code: replace(life.held_by(told.actor), state="INSTALLED", fitted=told.id)}


def _sell(book: Book, told: Telling) -> dict[str, Life]:
    [code] = told.subjects
    return {code: replace(book.living(told, code, frozenset({"INSTALLED"})).held_by(told.actor), state="IN_USE")}


def _load(book: Book, told: Telling) -> dict[str, Life]:
    [code] = told.subjects
    return {code: book.living(told, code, FREE | SERVING | WASTE)}


def _swap(book: Book, told: Telling) -> dict[str, Life]:
    out, into = told.subjects
    old = book.living(told, out, frozenset({"INSTALLED", "IN_USE"}))
    new = book.alone(told, into, FREE)
    _must(_is_pack(out) and _is_pack(into), "packs are swapped")
    _must(book.vehicle_of(old) in ("", told.body["vin"]), "it is in another vehicle")
    _must(book.known_in(told.body["vin"]) <= {out, into}, "the vehicle has another pack")
    return {
        out: replace(old.held_by(told.actor), state="IN_SWAP_POOL", fitted=""),
        into: replace(new.held_by(told.actor), state="IN_USE", fitted=told.id),
    }


def _retire(book: Book, told: Telling) -> dict[str, Life]:
    [code] = told.subjects
    life = book.living(told, code, FREE | SERVING)
    _must(not life.parent, "it is a part")
    held = replace(life.held_by(told.actor), state="RETIRED", fitted="")
    to = told.body.get("to_operator", told.actor)
    return {code: held if to == told.actor else replace(held, given_to=to)}


def _hand_over(book: Book, told: Telling) -> dict[str, Life]:
    to, after = told.body["to_operator"], {}
    _must(to != told.actor, "nobody gives to himself")
    for code in told.subjects:
        life = book.alone(told, code, FREE | WASTE)
        if life.holder == told.actor:
            _must(not life.given_to, "it was given away already")
            after[code] = replace(life, given_to=to)
        else:
            _must(life.holder == to and life.got_from == told.actor, "it is another one's to give")
            after[code] = replace(life, got_from="")
    return after


def _receive(book: Book, told: Telling) -> dict[str, Life]:
    giver, after = told.body["from_operator"], {}
    _must(giver != told.actor, "nobody receives from himself")
    for code in told.subjects:
        life = book.alone(told, code, FREE | WASTE)
        _must(life.holder != told.actor, "it is there already")
        after[code] = _taken(life, told.actor, giver)
    return after


def _collect(book: Book, told: Telling) -> dict[str, Life]:
    [code] = told.subjects
    life = _taken(book.alone(told, code, frozenset({"RETIRED"})), told.actor, told.body["from_operator"])
    return {code: replace(life, state="COLLECTED", status="waste", mass=told.body["mass_g"], weighed=told.id)}


def _taken(life: Life, actor: str, giver: str) -> Life:
    """In the hands of `actor`; what the giver has not said stays open."""
    _must(life.given_to in ("", actor), "it was given to another")
    _must(not life.given_to or life.holder == giver, "another one gave it")
    agreed = life.given_to == actor or giver == actor
    return replace(life.held_by(actor), given_to="", got_from="" if agreed else giver)


def _test(book: Book, told: Telling) -> dict[str, Life]:
    [code] = told.subjects
    return {code: replace(book.alone(told, code, WASTE).held_by(told.actor), state="TESTED", test=told.id)}


def _dismantle(book: Book, told: Telling) -> dict[str, Life]:
    whole, *parts = told.subjects
    life = book.alone(told, whole, frozenset({"COLLECTED", "TESTED"}))
    lives = {code: book.living(told, code, frozenset({"ASSEMBLED"})) for code in parts}
    _must(set(parts) == set(life.parts), "all its parts are named and no others")
    rest = told.body["casing_mass_g"] + told.body["residual_mass_g"]
    _must(_near(rest + sum(part.mass for part in lives.values()), life.mass), "the parts weigh what the whole did")
    held = {code: part.held_by(told.actor) for code, part in lives.items()}
    after = {code: replace(part, state="COLLECTED", status="waste", parent="") for code, part in held.items()}
    return {whole: replace(life.held_by(told.actor), state="DISMANTLED", status="waste", parts=())} | after


def _repurpose(book: Book, told: Telling) -> dict[str, Life]:
    output, *inputs = told.subjects
    _must(output not in book.lives, "the product is there already")
    lives = {code: book.alone(told, code, frozenset({"TESTED", "REGISTERED"})) for code in inputs}
    body = told.body
    waste = body["operation"] == "preparation_for_repurposing"
    for life in lives.values():
        _must(bool(life.test), "it was not tested")
        _must((life.status == "waste") is waste, "the operation is not for it")
    left = sum(life.energy * (TESTED_SHARE if book.told[life.test].kept else 1_000_000) for life in lives.values())
    _must(body["energy_wh"] * 1_000_000 <= left, "the product holds more than its inputs")
    new = Life("REGISTERED", told.actor, told.actor, body["mass_g"], body["energy_wh"], told.at, "repurposed")
    used = {code: replace(life.held_by(told.actor), state="CONSUMED", became=output) for code, life in lives.items()}
    return {output: new} | used


def _recycle(book: Book, told: Telling) -> dict[str, Life]:
    body, lots = told.body, told.body.get("input_lots", ())
    lives = {code: book.alone(told, code, frozenset({"COLLECTED", "TESTED"})) for code in told.subjects}
    _must(bool(lives) is not bool(lots), "batteries or lots")
    for taken in lots:
        lot = book.lots.get(taken["lot"])
        _must(lot is not None and taken["mass_g"] <= lot.left, "so much of the lot is not there")
        _must(lot is not None and lot.made_at <= told.at, "the lot is younger")
    [output] = body["outputs"]
    _must(output["lot"] not in book.lots, "the lot is there already")
    there = sum(life.mass for life in lives.values()) + sum(taken["mass_g"] for taken in lots)
    _must(_near(body["input_mass_g"], there), "more or less than what is there went in")
    _must(_near(output["mass_g"] + body["loss_mass_g"], body["input_mass_g"]), "what came out is not what went in")
    return {code: replace(life.held_by(told.actor), state="RECYCLED", status="waste") for code, life in lives.items()}


def _correct(book: Book, told: Telling) -> dict[str, Life]:
    found = book.told.get(told.body["event_id"])
    if found is None:
        raise RefusalError("there is no such event")
    wrong = found.telling
    _must(told.actor == wrong.actor, "another one told it")
    _must(told.subjects == wrong.subjects, "it names others")
    if told.body["reason"] == "did_not_occur":
        return _undo(book, found)
    return _weigh_again(book, wrong, told)


def _undo(book: Book, wrong: Told) -> dict[str, Life]:
    """The lives before an event that did not happen."""
    telling = wrong.telling
    _must(telling.kind in UNDONE, "it can not be undone")
    for code in telling.subjects:
        _must(book.histories[code][-1] == telling.id, "something followed")
        before = wrong.before[code]
        if before.fitted and (vin := book.vehicle_of(before)):
            _must(book.known_in(vin) <= {code}, "the vehicle has another pack")
    return {code: wrong.before[code] for code in telling.subjects}


def _weigh_again(book: Book, wrong: Telling, told: Telling) -> dict[str, Life]:
    """The lives after a mass is told anew: it counts where the present one is still that of the event."""
    _must(wrong.kind in ("register", "assemble", "collect"), "it told no mass that can be corrected")
    mass, lives = told.body["mass_g"], {code: book.lives[code] for code in told.subjects}
    if wrong.kind == "assemble":
        parts = sum(lives[code].mass for code in told.subjects[1:])
        _must(parts * 100 <= mass * 102, "parts weigh more than the whole")
    code = told.subjects[0]
    life = lives[code]
    counts = life.weighed == wrong.id and life.mass == wrong.body["mass_g"]
    if wrong.kind != "collect":
        counts = counts and life.status != "waste"
    return lives | ({code: replace(life, mass=mass)} if counts else {})


JUDGES: dict[str, Callable[[Book, Telling], dict[str, Life]]] = {
    "register": _register,
    "assemble": _assemble,
    "install": _install,
    "sell": _sell,
    "load_bms_software": _load,
    "swap": _swap,
    "retire": _retire,
    "hand_over": _hand_over,
    "receive": _receive,
    "collect": _collect,
    "test": _test,
    "dismantle": _dismantle,
    "repurpose": _repurpose,
    "recycle": _recycle,
    "correct": _correct,
}
"""What the register must accept and what follows, by kind."""
