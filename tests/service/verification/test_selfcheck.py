"""A register that verifies itself while it serves."""

import time
from collections.abc import Callable

import pytest

from ledger.verification.verified import read_state
from service.db.engine import writing
from service.verification.selfcheck import STATE, FoundDamageError, SelfCheck, StoppedError, read_status
from tests.service.town import Town, pack


class Watch:
    """Stands in for the event that ends a process: notes how long it was told to rest, and ends at some point."""

    def __init__(self, *, ends_after: int | None = None) -> None:
        self.rests: list[float] = []
        self._left = ends_after

    def wait(self, seconds: float) -> bool:
        self.rests.append(seconds)
        return self._left is not None and len(self.rests) > self._left


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
    whole = Watch()
    check(whole).work()
    (data / STATE).unlink()
    with pytest.raises(StoppedError):
        check(Watch(ends_after=len(whole.rests) - 2)).work()
    state = read_state(data / STATE)
    assert state is not None
    assert 0 < state.size < town.size()
    again = Watch()
    check(again).work()
    assert len(again.rests) < len(whole.rests)
    assert read_status(data).size == town.size()


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
