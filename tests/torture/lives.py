"""R-24, the rest of the walk: whole lives of batteries, corrections, erasures, maps and log keys beside the life book.

A step tells something; the book in memory says beforehand whether it must be accepted and what must follow.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlalchemy import select

from ledger.entry import format_time, parse_entry, parse_time
from ledger.epoch import look_up
from ledger.map import parse_commitment, verify_lookup
from ledger.notes.note import split_note
from service import operators
from service.db import tables
from service.errors import ConflictError, ServiceError
from service.keys.log_rotation import add_log_key, retire_log_key
from service.operators import CustodialEvent, admit_custodial
from service.private.erasing import Wish, erase_values
from service.private.vehicles import packs_in_vehicle
from service.recording.mapping import commit_map
from service.recording.rebuilding import rebuild
from service.recording.recorder import Outcome, Recorded, Recorder
from service.work import Register
from tests.scene import set_scene
from tests.torture.lifebook import (
    MAKER,
    MOTORS,
    OPERATORS,
    RESTRICTED,
    ROLES,
    SKEW,
    SWAPS,
    WORKS,
    Book,
    Life,
    RefusalError,
    Telling,
)
from tests.torture.model import PACKS, RegisterMachine, walk
from tests.torture.tellings import CARS, CODES, KINDS, LATE, MODULE, PARTS, PRODUCTS, WHOLES, Teller, made
from tests.torture.verdict import Verdict

AUTHORITY = "authority"
FOUNDED = (*WHOLES, *PARTS)
MADE = parse_time("2026-01-01T08:00:00.000Z")
GIVEN = ("type", "subjects", "occurred_at", "body")
SHOWN = (
    "state", "status", "holder", "maker", "mass", "energy", "given_to", "got_from", "parent", "parts", "became",
)  # fmt: skip
"""What the book and the register both say of a battery, word for word."""
TWO_SETS = 4
"""Keys of the log while old and new ones sign."""


class LivesMachine(RegisterMachine):
    """The register of `RegisterMachine`, in which batteries live too."""

    @classmethod
    def found(cls, folder: Path) -> None:
        """With six organisations, and packs and modules as they leave the works."""
        settings = set_scene(folder, packs=PACKS).settings
        register = Register(settings)
        recorder = Recorder(register)
        for name, roles in ROLES.items():
            body = {"operator_id": name, "name": f"{name}公司", "roles": sorted(roles), "region": "500102"}
            operators.enrol_operator(recorder, body)
            operators.make_custodial_key(recorder, name)
        operators.record_as(recorder, MAKER, "publish_model", MODULE)
        members = [members_of(Telling("", "register", MAKER, (code,), MADE, made(code))) for code in FOUNDED]
        events = [CustodialEvent({name: each[name] for name in GIVEN}, {}) for each in members]
        outcomes = recorder.record([admit_custodial(register, MAKER, event) for event in events])
        refused = [outcome for outcome in outcomes if not isinstance(outcome, Recorded)]
        assert not refused, refused[0]
        register.close()

    @initialize()
    def begin(self) -> None:
        """The book holds what the register was founded with."""
        self.book = Book()
        for code in FOUNDED:
            body = made(code)
            self.book.lives[code] = Life("REGISTERED", MAKER, MAKER, body["mass_g"], body["energy_wh"], MADE)
        self.keys = [signer.vkey for signer in self.register.signers]

    # What is done

    @rule(at=st.sampled_from(CODES), wishes=st.lists(st.integers(0, 1000), min_size=1, max_size=6))
    def live_on(self, at: str, wishes: list[int]) -> None:
        """Something happens to a battery that can happen to it, several times."""
        for wish in wishes:
            if telling := self._teller().possible(at, wish):
                self._tell(telling)

    @rule(wish=st.integers(0, 1000))
    def let_a_day_pass(self, wish: int) -> None:
        """Something happens to each battery, one after the other."""
        for number, code in enumerate(CODES):
            if telling := self._teller().possible(code, wish + 5 * number):
                self._tell(telling)

    @rule(
        kind=st.sampled_from(KINDS),
        actor=st.sampled_from(OPERATORS),
        codes=st.lists(st.sampled_from(CODES), min_size=1, max_size=3),
        other=st.sampled_from(OPERATORS),
        wrong=st.booleans(),
        car=st.sampled_from(CARS),
    )
    def tell_anything(self, kind: str, actor: str, codes: list[str], other: str, wrong: bool, car: str) -> None:
        """Anybody tells anything, which mostly can not be; sometimes with numbers that do not add up."""
        if kind in ("register", "install", "sell", "load_bms_software", "retire", "collect", "test"):
            codes = codes[:1]
        elif kind == "swap":
            codes = [codes[0], codes[-1]]
        elif kind in ("assemble", "repurpose") and len(codes) == 1:
            codes = [*codes, PARTS[0]]
        if kind == "repurpose" and codes[0] not in PRODUCTS:
            codes = [PRODUCTS[0], *codes]
        self._tell(self._teller().telling(kind, actor, codes, other=other, car=car, wrong=wrong))

    @rule(at=st.lists(st.sampled_from(CODES), min_size=2, max_size=4), wish=st.integers(0, 1000), bad=st.booleans())
    def live_together(self, at: list[str], wish: int, bad: bool) -> None:
        """All or nothing: each is judged after those before it, and one that is refused takes all others along."""
        book, batch = self.book.copy(), list[Telling]()
        teller = Teller(book, self.now, self._id)
        for code in at:
            if telling := teller.possible(code, wish):
                book.take(telling)
                batch.append(telling)
        if bad:
            batch.append(teller.telling("sell", MOTORS, [LATE[0]]))
            bad = not book.allows(batch[-1])
        outcomes = self._record_all(batch, atomic=True) if batch else []
        if bad:
            assert all(isinstance(each, ServiceError) for each in outcomes), "a refused batch left something"
            return
        for telling, outcome in zip(batch, outcomes, strict=True):
            self._take(telling, outcome)

    @precondition(lambda self: self.book.told)
    @rule(
        which=st.integers(0, 1000),
        undo=st.booleans(),
        mass=st.integers(100_000, 500_000),
        stranger=st.sampled_from([*OPERATORS, ""]),
        newest=st.booleans(),
    )
    def correct(self, which: int, undo: bool, mass: int, stranger: str, newest: bool) -> None:
        """An earlier event is corrected: it did not happen, or it told another mass."""
        told = [each.telling for each in self.book.told.values() if each.telling.kind != "correct"]
        if newest:
            told = told[-3:]
        wrong = told[which % len(told)]
        body: dict[str, Any] = {"event_id": wrong.id, "reason": "did_not_occur" if undo else "incorrect_data"}
        body |= {"note": "weighed again"} | ({} if undo else {"mass_g": mass})
        actor = stranger if stranger and not newest else wrong.actor
        self._tell(Telling(self._id(), "correct", actor, wrong.subjects, self.now, body))

    @rule(code=st.sampled_from(CODES), operator=st.sampled_from([*OPERATORS, AUTHORITY, AUTHORITY]))
    def erase(self, code: str, operator: str) -> None:
        """The authority erases all values of a battery, another organisation those that it told."""
        self.erase_all(code, operator)

    def erase_all(self, code: str, operator: str = AUTHORITY) -> None:
        """What `operator` may erase of a battery."""
        told_by = "" if operator == AUTHORITY else operator
        wanted = sum(RESTRICTED[self.book.told[id_].telling.kind] for id_ in self.book.values_of(code, told_by))
        try:
            erased = erase_values(self.recorder, code, Wish("PIPL, Art. 47", "asked for"), operator=operator)
        except ConflictError:
            assert not wanted, f"{wanted} values are there, and nothing was to be erased"
            return
        assert erased.count == wanted, "other values were erased than are there"
        [entry] = erased.entries
        self._note([{"id": (event := parse_entry(entry.entry).event).id, "subjects": [code]}], [entry])
        self.book.erase(code, event.id, self.now, told_by)

    @rule(code=st.sampled_from(WHOLES), other=st.sampled_from(WHOLES), car=st.sampled_from(CARS), by=st.booleans())
    def give_its_place_away(self, code: str, other: str, car: str, by: bool) -> None:
        """A pack leaves its vehicle, another takes its place; then the first is said never to have left, or erased."""
        teller = self._teller()
        self._tell(teller.telling("install", MOTORS, [code], car=car))
        if by:
            left = teller.telling("retire", MOTORS, [code], other=MOTORS)
            self._tell(left)
            self._tell(teller.telling("install", MOTORS, [other], car=car))
            self.undo(left)
        else:
            self._tell(teller.telling("swap", SWAPS, [code, other], car=car))
            self.erase_all(code)

    @rule(code=st.sampled_from(CODES), mass=st.integers(100_000, 500_000))
    def weigh_what_did_not_come(self, code: str, mass: int) -> None:
        """A receipt is told, said not to have occurred, and corrected all the same."""
        life = self.book.lives.get(code)
        came = self._teller().telling("collect", WORKS, [code], other=life.holder if life else MAKER)
        self._tell(came)
        self.undo(came)
        body = {"event_id": came.id, "reason": "incorrect_data", "note": "weighed again", "mass_g": mass}
        self._tell(Telling(self._id(), "correct", WORKS, came.subjects, self.now, body))

    @precondition(lambda self: self.book.told)
    @rule(which=st.integers(0, 1000))
    def tell_again(self, which: int) -> None:
        """What was recorded of a life is told again, erased or not: it gets the answer that it got."""
        telling = list(self.book.told.values())[which % len(self.book.told)].telling
        if telling.at > self.now + SKEW:
            return  # by the clock that was put back it has not happened yet
        [outcome] = self._record_all([telling])
        assert isinstance(outcome, Recorded) and outcome.replayed, outcome
        assert outcome.index == self.model.told[telling.id][0], "told something else at the second time"

    @rule()
    def map(self) -> None:
        """The log commits to its map: of each battery the newest number, of no other anything."""
        assert commit_map(self.register)
        with self.register.read() as reader:
            size = reader.size() - 1
            commitment = parse_commitment(parse_entry(next(iter(reader.entries(size, size + 1)))).event.body)
            answers = {code: look_up(reader, code) for code in (*CODES, *self.model.histories)}
        assert commitment.batteries == PACKS + len(self.book.lives), "the map knows other batteries"
        for code, answer in answers.items():
            assert answer is not None and answer.index == size
            row = verify_lookup(commitment, code, answer.lookup)
            assert (row.seq if row else 0) == self._count(code), f"the map says something else of {code}"

    @rule()
    def replace_log_keys(self) -> None:
        """New keys of the log are announced beside the old ones, or one of the old ones is retired."""
        if len(self.keys) < TWO_SETS and len(self.keys) % 2 == 0:
            recorded, new = add_log_key(self.recorder)
            self.keys += new
        else:
            recorded, gone = retire_log_key(self.recorder, self.keys.pop(0))
            assert gone not in self.keys
        self._take_own()
        self._check_signers(recorded.receipt.checkpoint)

    @rule(at=st.sampled_from(CODES), wish=st.integers(0, 1000))
    def crash_in_a_life(self, at: str, wish: int) -> None:
        """What happened to a battery was committed, and nobody was told: it is there when it is told again."""
        telling = self._teller().possible(at, wish)
        if telling is None:
            return
        self._break_after_commit(members_of(telling))
        [outcome] = self._record_all([telling])
        assert isinstance(outcome, Recorded) and outcome.replayed, "committed and gone"
        self._take(telling, outcome)

    @rule()
    def derive_again(self) -> None:
        """All that follows from the entries follows again."""
        rebuild(self.register)

    def undo(self, wrong: Telling) -> None:
        """It is said not to have happened, by who told it."""
        body = {"event_id": wrong.id, "reason": "did_not_occur", "note": "by mistake"}
        self._tell(Telling(self._id(), "correct", wrong.actor, wrong.subjects, self.now, body))

    # What must hold after each step

    @invariant()
    def lives_are_those_of_the_book(self) -> None:
        with self.register.read() as reader:
            query = select(tables.battery).where(tables.battery.c.code.in_(CODES))
            found = {row.code: _shown(orjson.loads(row.state)) for row in reader.connection.execute(query)}
            self.register.vault.attach(reader.connection)
            fitted = [packs_in_vehicle(reader.connection, self.register.vault, car) for car in CARS]
        assert found.keys() == self.book.lives.keys(), "other batteries"
        for code, life in self.book.lives.items():
            expected = _expected(life) | {"count": self._count(code)}
            assert found[code] == expected, f"{code}: {_difference(found[code], expected)}"
        assert fitted == [self.book.known_in(car) for car in CARS], "other packs are in the vehicles"

    # How it is done

    def _teller(self) -> Teller:
        return Teller(self.book, self.now, self._id)

    def _tell(self, telling: Telling) -> None:
        """Record it, and see whether the register and the book are of one opinion."""
        [outcome] = self._record_all([telling])
        try:
            self.book.judge(telling)
        except RefusalError as why:
            assert isinstance(outcome, ServiceError), f"accepted, though {why}: {telling}"
            self.steps["refused"] += 1
        else:
            self._take(telling, outcome)

    def _take(self, telling: Telling, outcome: Outcome) -> None:
        assert isinstance(outcome, Recorded), f"{outcome!r}: {telling}"
        self.book.take(telling)
        self._note([members_of(telling)], [outcome])
        self.steps["accepted"] += 1

    def _record_all(self, tellings: list[Telling], *, atomic: bool = False) -> list[Outcome]:
        try:
            admitted = [self._admit(members_of(each)) for each in tellings]
        except ServiceError as error:
            return [error for _ in tellings]
        return self.recorder.record(admitted, atomic=atomic)

    def _count(self, code: str) -> int:
        """How many entries name a battery."""
        founded = code not in LATE and code not in PRODUCTS
        return founded + len(self.model.histories.get(code, ()))

    def _check_signers(self, note: bytes) -> None:
        """The checkpoint is signed by the keys in force, by each once."""
        signed = sorted(signature.key_id.hex() for signature in split_note(note)[1])
        assert signed == sorted(vkey.split("+")[1] for vkey in self.keys), "other keys sign than those in force"


def walk_lives(steps: int, seed: int) -> Verdict:
    """R-24 whole: health, keys and crashes, and lives of batteries, beside models in memory."""
    return walk(steps, seed, machine=LivesMachine)


def members_of(telling: Telling) -> dict[str, Any]:
    return {
        "id": telling.id,
        "type": telling.kind,
        "actor": telling.actor,
        "subjects": list(telling.subjects),
        "occurred_at": format_time(telling.at),
        "body": dict(telling.body),
    }


def _shown(state: dict[str, Any]) -> dict[str, Any]:
    """What the register has stored of a battery, as far as the book knows of it."""
    return {
        "state": state["op_state"],
        "status": state["life_status"],
        "holder": state["holder"],
        "maker": state["maker"],
        "mass": state["mass_g"],
        "energy": state["energy_wh"],
        "given_to": state.get("handed_to", ""),
        "got_from": state.get("taken_from", ""),
        "fitted": "vehicle" in state.get("committed", {}),
        "parent": state.get("parent", ""),
        "parts": tuple(state.get("children", ())),
        "became": state.get("consumed_into", ""),
        "count": state["count"],
    }


def _expected(life: Life) -> dict[str, Any]:
    return {name: getattr(life, name) for name in SHOWN} | {"fitted": bool(life.fitted)}


def _difference(found: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    differing = (name for name in found if found[name] != expected[name])
    return "; ".join(f"{name} is {found[name]!r}, not {expected[name]!r}" for name in differing)
