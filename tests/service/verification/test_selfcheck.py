"""A register that verifies itself while it serves."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from ledger.verification.verified import read_state
from service.db.engine import writing
from service.figures.following import Follower
from service.packlist.following import fold, follow
from service.private.erasing import Wish, erase_values
from service.recording.mapping import commit_map
from service.verification.days import read_days
from service.verification.register import DERIVING
from service.verification.selfcheck import STATE, FoundDamageError, SelfCheck, StoppedError, read_status
from service.verification.vouched import RECORDED
from tests.service.town import AUTHORITY, WORKSHOP, Town, pack


class Watch:
    """Stands in for the event that ends a process: notes how long it was told to rest, and ends at some point."""

    def __init__(self, *, ends_after: int | None = None) -> None:
        self.rests: list[float] = []
        self._left = ends_after

    def wait(self, seconds: float) -> bool:
        self.rests.append(seconds)
        return self._left is not None and len(self.rests) > self._left


class OfEntries(Watch):
    """Counts the rests between entries only, not those while tables are derived again."""

    def __init__(self, folder: Path, *, ends_after: int | None = None) -> None:
        super().__init__(ends_after=ends_after)
        self._folder = folder

    def wait(self, seconds: float) -> bool:
        return read_status(self._folder).phase != DERIVING and super().wait(seconds)


class Busy(Watch):
    """While tables are derived and compared, each rest is used for what a served register does."""

    def __init__(self, town: Town, acts: Iterator[Callable[[], object]]) -> None:
        super().__init__()
        self._town = town
        self.acts = acts
        self.derived = 0

    def wait(self, seconds: float) -> bool:
        if read_status(self._town.settings.data).phase == DERIVING:
            self.derived += 1
            next(self.acts, lambda: None)()
        return super().wait(seconds)


@pytest.fixture
def check(town: Town) -> Callable[[object], SelfCheck]:
    def make(stopping: object) -> SelfCheck:
        return SelfCheck(town.register, stopping)  # type: ignore[arg-type]

    return make


def test_a_sound_register_says_when_it_was_found_sound_and_up_to_where(either_town: Town) -> None:
    town, before = either_town, time.time()
    SelfCheck(town.register, Watch()).work()  # type: ignore[arg-type]
    status = read_status(town.settings.data)
    assert before <= status.succeeded <= time.time()
    assert (status.size, status.failure, status.phase) == (town.size(), "", "")


def test_it_rests_four_times_as_long_as_it_works(town: Town, check: Callable[[object], SelfCheck]) -> None:
    watch = Watch()
    began = time.monotonic()
    check(watch).work()
    worked = time.monotonic() - began
    assert watch.rests
    assert sum(watch.rests) <= 4 * worked


def test_what_is_recorded_meanwhile_is_no_damage(town: Town, check: Callable[[object], SelfCheck]) -> None:
    before = town.size()

    class Recording(Watch):
        def wait(self, seconds: float) -> bool:
            if not self.rests:
                town.must(*(town.tell("cq-cells", "register", pack(600_000 + n)) for n in range(300)))
            return super().wait(seconds)

    check(Recording()).work()
    assert read_status(town.settings.data).size == before
    assert town.size() > before


def test_it_goes_on_after_a_restart_where_it_was(town: Town, check: Callable[[object], SelfCheck]) -> None:
    """The first of two passes over the entries is taken to its end, then the process stops."""
    data = town.settings.data
    whole = OfEntries(data)
    check(whole).work()
    (data / STATE).unlink()
    with pytest.raises(StoppedError):
        check(OfEntries(data, ends_after=len(whole.rests) - 2)).work()
    state = read_state(data / STATE)
    assert state is not None
    assert 0 < state.size < town.size()
    again = OfEntries(data)
    check(again).work()
    assert len(again.rests) < len(whole.rests)
    assert read_status(data).size == town.size()


def busy_days(town: Town) -> Iterator[Callable[[], object]]:
    """Recording, following, maps, erasures and new moments of merging, in turn."""
    follower = Follower(town.register)
    for n in range(1, 40):
        town.clock.move(hours=1)
        numbers = range(600_000 + n * 10, 600_010 + n * 10)
        yield lambda numbers=numbers: town.must(*(town.tell("cq-cells", "register", pack(each)) for each in numbers))
        yield lambda n=n: town.must(town.sign(WORKSHOP, "report_soh", pack(n + 10), full_cycles=990))
        yield lambda: fold(town.register, limit=150)
        yield lambda: follower.fold_some(170)
        yield lambda n=n: erase_values(town.recorder, pack(n + 10), Wish("PIPL", "asked for"), operator=AUTHORITY)
        yield follower.catch_up
        yield lambda: commit_map(town.register)
        yield lambda n=n: town.must(town.tell("cq-motors", "retire", pack(n + 60)))
        yield lambda: follow(town.register, Event())


def test_tables_are_compared_one_by_one_while_the_register_goes_on(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    fold(town.register, limit=100)
    watch = Busy(town, busy_days(town))
    SelfCheck(town.register, watch).work()  # type: ignore[arg-type]
    assert read_status(town.settings.data).failure == ""
    assert watch.derived > len(RECORDED)
    assert town.size() > before + 50


def test_a_derived_row_is_found_whatever_the_size_of_the_register(
    town: Town, check: Callable[[object], SelfCheck]
) -> None:
    """Also one that was changed only after the other tables were compared."""
    Follower(town.register).catch_up()
    follow(town.register, Event())

    def act() -> Iterator[Callable[[], object]]:
        for _ in range(len(RECORDED)):
            yield lambda: None
        yield lambda: beside(town, "UPDATE pack_group SET batteries = batteries + 1 WHERE batteries > 0")

    with pytest.raises(FoundDamageError, match="table pack_group"):
        check(Busy(town, act())).work()


def beside(town: Town, statement: str) -> None:
    with town.register.write_beside() as connection:
        assert connection.exec_driver_sql(statement).rowcount


def test_damage_is_told_with_its_entry_until_it_is_mended(town: Town, check: Callable[[object], SelfCheck]) -> None:
    check(Watch()).work()
    with town.register.store.engine.connect() as connection:
        hashes = bytes(connection.exec_driver_sql("SELECT hashes FROM tile WHERE level = 0 AND idx = 0").scalar_one())
    change(town, hashes[:32] + b"\7" * 32 + hashes[64:])
    with pytest.raises(FoundDamageError, match="entry 1: its leaf hash is not the one in the tree"):
        check(Watch()).work()
    status = read_status(town.settings.data)
    assert status.failure.startswith("entry 1:")
    assert status.failed >= status.succeeded > 0
    change(town, hashes)
    check(Watch()).work()
    assert read_status(town.settings.data).failure == ""
    assert [each.failure[:8] for each in read_days(town.settings.data).values()] == ["entry 1:"]  # that day, for ever


def change(town: Town, hashes: bytes) -> None:
    """Put other hashes into the first tile, past the triggers that guard it."""
    with town.register.store.engine.connect() as connection:
        tx = writing(connection)
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'tile'"
        triggers = tx.exec_driver_sql(query).all()
        for name, _ in triggers:
            tx.exec_driver_sql(f"DROP TRIGGER {name}")
        tx.exec_driver_sql("UPDATE tile SET hashes = ? WHERE level = 0 AND idx = 0", (hashes,))
        for _, sql in triggers:
            tx.exec_driver_sql(sql)
        connection.commit()
