"""How long a key that was good is taken for good, and how soon every process knows that it is not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from api import known_keys
from api.known_keys import MEMORY_SECONDS, KnownKeys
from service.access import Caller, id_of
from service.errors import NotPermittedError
from service.programs.generation import Generation
from service.programs.keeping import WhichKey, end_key
from service.recording.recorder import Recorder
from service.work import Register
from tests.api.checking import CheckedClient, problem
from tests.api.town import AUTHORITY, MAKER, Town
from tests.service.limits.conftest import race

CALLER = Caller("cq-cells", frozenset({"read"}), "abcdefghijkl")


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Database:
    """Says who holds every key, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_valid = True

    def __call__(self) -> Caller:
        self.asked += 1
        if not self.is_valid:
            raise NotPermittedError("the API key is not valid")
        return CALLER


def test_a_key_is_known_for_a_short_time_and_only_itself(tmp_path: Path) -> None:
    seconds, database = Seconds(), Database()
    keys = KnownKeys(Generation(tmp_path), seconds)
    assert [keys.holder("a", database) for _ in range(3)] == [CALLER] * 3
    assert database.asked == 1
    keys.holder("b", database)
    assert database.asked == 2
    seconds.now = MEMORY_SECONDS - 0.001
    keys.holder("a", database)
    assert database.asked == 2
    seconds.now = MEMORY_SECONDS
    keys.holder("a", database)
    assert database.asked == 3


def test_what_is_not_valid_is_not_remembered(tmp_path: Path) -> None:
    keys, database = KnownKeys(Generation(tmp_path), Seconds()), Database()
    database.is_valid = False
    for _ in range(2):
        with pytest.raises(NotPermittedError):
            keys.holder("a", database)
    database.is_valid = True
    assert keys.holder("a", database) == CALLER


def test_a_change_of_the_mark_makes_every_process_look_again(tmp_path: Path) -> None:
    """Three processes of their own each know the key, until one of them says that something was ended."""

    def work(ready: object) -> int:
        assert callable(ready)
        keys, database = KnownKeys(Generation(tmp_path)), Database()
        keys.holder("a", database)
        ready()
        Generation(tmp_path).change()
        keys.holder("a", database)
        return database.asked

    assert race(3, work) == [2, 2, 2]


def test_what_was_looked_up_while_the_mark_changed_is_not_trusted(tmp_path: Path) -> None:
    generation, database = Generation(tmp_path), Database()
    keys = KnownKeys(generation, Seconds())

    def look_up() -> Caller:
        caller = database()
        generation.change()  # ended after the row was read, before it is remembered
        return caller

    keys.holder("a", look_up)
    database.is_valid = False
    with pytest.raises(NotPermittedError):
        keys.holder("a", database)


def test_no_more_keys_are_remembered_than_there_is_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_keys, "CAPACITY", 10)
    keys, database = KnownKeys(Generation(tmp_path), Seconds()), Database()
    for number in range(25):
        keys.holder(str(number), database)
    assert len(keys._known) <= 10
    keys.holder("24", database)
    assert database.asked == 25


def test_a_key_ended_by_another_process_is_refused_at_once(
    client: CheckedClient, town: Town, register: Register
) -> None:
    headers = town.bearer(MAKER)
    assert client.get("/v1/operators", headers=headers).status_code == 200
    elsewhere = Register(town.settings)
    end_key(Recorder(elsewhere), WhichKey(id_of(town.keys[MAKER])), by=AUTHORITY)
    elsewhere.close()
    problem(client.get("/v1/operators", headers=headers), 401)


def test_the_last_use_of_a_key_is_told(client: CheckedClient, town: Town) -> None:
    path, headers = f"/v1/operators/{MAKER}/api-keys", town.bearer(MAKER)
    client.get("/v1/operators", headers=headers)
    rows = {row["id"]: row["last_used_at"] for row in client.get(path, headers=headers).get_json()}
    used = datetime.fromisoformat(rows[id_of(town.keys[MAKER])])
    assert abs((datetime.now(UTC) - used).total_seconds()) < 60
    assert rows[id_of(town.keys["read-only"])] is None
