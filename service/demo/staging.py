"""Staging: a register is founded or taken as it is, the cast is enrolled, and the story begins or goes on.

What is played stands in `demo.json` in the data folder from the first moment, so that the same story goes on after a
break, and nothing is ever played into a register that has a life of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from ledger.entry import format_time, parse_time
from service.access import SCOPES, make_api_key
from service.db.engine import open_engine
from service.db.migrate import migrate
from service.db.store import SqlStore
from service.demo.cast import PLAYERS, enrolment_of
from service.demo.lives import tell_all
from service.demo.play import Played, StoryClock, play
from service.demo.samples import MARK
from service.demo.story import LENGTH, Story, Told
from service.domain.roles import Role
from service.domain.uuid7 import make_uuid7
from service.errors import SettingsError
from service.founding import Founder, found_register
from service.operators import CustodialEvent, admit_custodial, current_registry, list_operators, make_custodial_key
from service.people.accounts import Invited, list_people
from service.people.acts import By
from service.people.entering import make_person
from service.people.factors.state import required
from service.people.roles import PersonRole
from service.recording.recorder import Recorded, Recorder
from service.recording.registry import ENROL
from service.settings import Settings
from service.work import Register

FOUNDING_ENTRIES = 3
"""Of a fresh register, as `packtrail init` leaves it: opened, the authority enrolled, its first API key made."""
_SCOPES = {Role.REGULATOR: ("read",), Role.AUTHORITY: SCOPES}


@dataclass(frozen=True, slots=True)
class Programme:
    """What is played: equal programmes give equal stories. `until`: the end, written as in entries."""

    seed: int
    packs: int
    until: str
    complete: bool = False

    @property
    def opened(self) -> datetime:
        """When the story's register is founded."""
        return parse_time(self.until) - LENGTH


@dataclass(frozen=True, slots=True)
class Account:
    """A program's account. The key is nowhere else."""

    operator: str
    role: str
    api_key: str


@dataclass(frozen=True, slots=True)
class Stage:
    """An open register with the whole cast enrolled."""

    register: Register
    recorder: Recorder
    clock: StoryClock
    programme: Programme

    def make_accounts(self, *, now: datetime, known: Collection[str] = ()) -> list[Account]:
        """API keys for every operator that is not `known` to have one."""
        operators = [each for each in list_operators(self.register) if each.id not in known]
        with self.register.write_beside() as connection:
            return [
                Account(
                    each.id,
                    each.enrolment.roles[0].value,
                    make_api_key(
                        connection,
                        each.id,
                        now=now,
                        scopes=_SCOPES.get(each.enrolment.roles[0], ("record", "read")),
                        label="demonstration",
                    ),
                )
                for each in operators
            ]

    def make_people(self, *, now: datetime, first: str) -> dict[str, tuple[str, str]]:
        """Login and password, by operator, of somebody for everyone who has no people; `first`: authority's.

        A recorder, who may sign in by password alone; where nobody may, an administrator.
        """
        authority = current_registry(self.register).authority
        with self.register.write_beside() as connection:
            missing = [each for each in list_operators(self.register) if not list_people(connection, each.id)]
            made = {}
            for each in missing:
                login = first if each.id == authority else each.id
                role = PersonRole.ADMIN if required(each.roles, PersonRole.RECORDER) else PersonRole.RECORDER
                invited = Invited(each.id, login, each.enrolment.name, role)
                made[each.id] = (login, make_person(connection, invited, By("", now))[1])
        return made

    def perform(self, *, tick: Callable[[int, int], None]) -> Played:
        """Play the story, or what is missing of it; `tick` hears how many events of how many are recorded."""
        told = tell(self.programme)
        played = play(self.recorder, told, self.clock, tick=lambda done: tick(done, len(told)))
        _write_programme(self.register.settings, replace(self.programme, complete=True))
        return played


@contextmanager
def open_stage(settings: Settings, wanted: Programme, founder: Founder) -> Iterator[Stage]:
    """Found or open the register and enrol the cast. Raises SettingsError where another story, or none, is told."""
    begun = read_programme(settings)
    programme = begun or wanted
    if (programme.seed, programme.packs) != (wanted.seed, wanted.packs):
        raise SettingsError(
            f"{settings.data} holds the story of seed {programme.seed} with {programme.packs} packs: "
            "ask for the same --seed and --packs, or for another folder"
        )
    size = _size(settings)
    if begun is None and size > FOUNDING_ENTRIES:
        raise SettingsError(f"{settings.data} holds a register of its own: the story needs a fresh one")
    _write_programme(settings, programme)
    if size == 0:
        found_register(settings, founder, clock=StoryClock(programme.opened))
    clock = StoryClock(programme.opened)
    register = Register(settings, clock=clock)
    try:
        with register.read() as reader:
            clock.now = max(clock.now, parse_time(reader.state().last_at))
        recorder = Recorder(register)
        _enrol_cast(recorder)
        yield Stage(register, recorder, clock, programme)
    finally:
        register.close()


def tell(programme: Programme) -> list[Told]:
    """The whole story in the order of receipt."""
    story = Story(programme.seed, programme.packs, parse_time(programme.until))
    tell_all(story)
    return story.finished()


def read_programme(settings: Settings) -> Programme | None:
    """What is played in this folder, if anything. Raises SettingsError when the file is damaged."""
    file = _mark(settings)
    try:
        return Programme(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise SettingsError(f"{file} is damaged: choose another folder for the story") from None


def _write_programme(settings: Settings, programme: Programme) -> None:
    file = _mark(settings)
    fresh = file.with_name(file.name + ".new")
    fresh.write_text(json.dumps(asdict(programme)) + "\n")
    fresh.replace(file)


def _mark(settings: Settings) -> Path:
    return settings.data / MARK


def _size(settings: Settings) -> int:
    """The size of the register in the database, which is brought to this version's tables if need be."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
        with SqlStore(engine).read() as reader:
            return reader.size()
    finally:
        engine.dispose()


def _enrol_cast(recorder: Recorder) -> None:
    """Enrol who is not enrolled yet, and make the keys that are missing."""
    register = recorder.register
    registry = current_registry(register)
    for player in PLAYERS:
        if player.id not in registry.operators:
            random_part = sha256(f"packtrail demo/{player.id}".encode()).digest()[:10]
            now = register.clock()
            members = {
                "id": make_uuid7(int(now.timestamp() * 1000), random_part),
                "type": ENROL,
                "occurred_at": format_time(now),
                "body": enrolment_of(player),
            }
            [outcome] = recorder.record([admit_custodial(register, registry.authority, CustodialEvent(members, {}))])
            if not isinstance(outcome, Recorded):
                raise outcome
        if player.id not in registry.held:
            make_custodial_key(recorder, player.id)
