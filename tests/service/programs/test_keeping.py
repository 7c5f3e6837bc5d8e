"""API keys as they are kept: replaced with an overlap, ended everywhere at once, and what of it is an entry."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import orjson
import pytest

from service.access import authenticate, id_of
from service.errors import ConflictError, NotFoundError, NotPermittedError
from service.limits.counting import open_counting
from service.programs.generation import Generation
from service.programs.keeping import MadeKey, NewKey, WhichKey, end_key, list_keys, make_key, rotate_key
from service.programs.uses import EVERY, Uses
from tests.service.town import AUTHORITY, Town

MAKER = "cq-cells"


def opens(town: Town, key: str) -> bool:
    with town.register.read() as reader:
        try:
            authenticate(reader.connection, key, now=town.clock.now)
        except NotPermittedError:
            return False
    return True


def last_act(town: Town) -> tuple[str, str] | None:
    """Act and detail of the newest entry, if it tells of maintenance."""
    with town.register.read() as reader:
        entry: Any = orjson.loads(reader.entry(reader.size() - 1) or b"")
    body = entry["event"]["body"]
    return (body["act"], body["detail"]) if entry["event"]["type"] == "record_maintenance" else None


def made(town: Town, **more: Any) -> MadeKey:
    return make_key(town.recorder, NewKey(MAKER, **more), by=MAKER)


def test_a_key_is_replaced_and_both_are_good_until_the_overlap_ends(town: Town) -> None:
    old = made(town, scopes=("read",), label="station 7", life=timedelta(days=30))
    new = rotate_key(town.recorder, WhichKey(old.row.id, MAKER), by=MAKER)
    assert (new.row.scopes, new.row.label) == (("read",), "station 7")
    [row] = [row for row, _ in list_keys(town.register, open_counting(town.settings), MAKER) if row.id == old.row.id]
    assert (row.replaced_by, row.revoked_at) == (new.row.id, None)
    town.clock.move(hours=23, minutes=59)
    assert (opens(town, old.text), opens(town, new.text)) == (True, True)
    town.clock.move(minutes=1)
    assert (opens(town, old.text), opens(town, new.text)) == (False, True)
    town.clock.move(days=28, hours=23)
    assert opens(town, new.text), "as long as the old one was made for, from now on"
    town.clock.move(hours=1)
    assert not opens(town, new.text)


def test_the_overlap_is_chosen_and_never_lengthens_a_life(town: Town) -> None:
    at_once, short = made(town), made(town, life=timedelta(hours=2))
    rotate_key(town.recorder, WhichKey(at_once.row.id), by=MAKER, overlap=timedelta(0))
    assert not opens(town, at_once.text)
    rotate_key(town.recorder, WhichKey(short.row.id), by=MAKER, overlap=timedelta(hours=24))
    town.clock.move(hours=2)
    assert not opens(town, short.text)


def test_of_a_hundred_who_replace_a_key_at_once_one_gets_the_new_one(either_town: Town) -> None:
    town = either_town
    old = made(town)

    def rotate(_: int) -> str | None:
        try:
            return rotate_key(town.recorder, WhichKey(old.row.id), by=MAKER).text
        except ConflictError:
            return None

    with ThreadPoolExecutor(12) as pool:
        found = [each for each in pool.map(rotate, range(100)) if each]
    assert len(found) == 1
    rows = list_keys(town.register, open_counting(town.settings), MAKER)
    assert {row.id for row, _ in rows} == {old.row.id, id_of(found[0])}


def test_what_is_ended_or_of_somebody_else_is_neither_replaced_nor_ended(town: Town) -> None:
    key = made(town)
    for other in (WhichKey(key.row.id, "cq-repair"), WhichKey("aaaaaaaaaaaa"), WhichKey("aaaaaaaaaaaa", MAKER)):
        with pytest.raises(NotFoundError):
            rotate_key(town.recorder, other, by=AUTHORITY)
        with pytest.raises(NotFoundError):
            end_key(town.recorder, other, by=AUTHORITY)
    assert opens(town, key.text)
    end_key(town.recorder, WhichKey(key.row.id, MAKER), by=MAKER)
    for act in (rotate_key, end_key):
        with pytest.raises(NotFoundError):
            act(town.recorder, WhichKey(key.row.id), by=MAKER)
    with pytest.raises(NotFoundError, match="no such operator"):
        make_key(town.recorder, NewKey("cq-nobody"), by=AUTHORITY)


def test_what_the_authority_does_about_a_key_is_an_entry_and_what_others_do_about_their_own_is_not(town: Town) -> None:
    theirs = make_key(town.recorder, NewKey(MAKER, ("read",)), by=AUTHORITY)
    assert last_act(town) == ("make_api_key", f"{MAKER}: read")
    new = rotate_key(town.recorder, WhichKey(theirs.row.id), by=AUTHORITY)
    assert last_act(town) == ("make_api_key", f"{MAKER}: {new.row.id} in the place of {theirs.row.id}")
    end_key(town.recorder, WhichKey(new.row.id), by=AUTHORITY)
    assert last_act(town) == ("revoke_api_key", f"{MAKER}: {new.row.id}")
    authoritys = make_key(town.recorder, NewKey(AUTHORITY, ("read", "manage")), by=AUTHORITY)
    assert last_act(town) == ("make_api_key", f"{AUTHORITY}: read manage")
    end_key(town.recorder, WhichKey(authoritys.row.id), by=AUTHORITY)
    assert last_act(town) == ("revoke_api_key", f"{AUTHORITY}: {authoritys.row.id}")
    with town.register.read() as reader:
        size = reader.size()
    own = made(town)
    end_key(town.recorder, WhichKey(own.row.id), by=MAKER)
    with town.register.read() as reader:
        assert reader.size() == size


def test_to_end_a_key_changes_the_mark_that_all_processes_watch(town: Town) -> None:
    generation, key = Generation(town.settings.data), made(town)
    before = generation.mark()
    end_key(town.recorder, WhichKey(key.row.id), by=MAKER)
    assert generation.mark() != before


def test_a_use_is_noted_once_a_minute(town: Town) -> None:
    counting, key = open_counting(town.settings), made(town)
    uses, begun = Uses(counting), town.clock.now
    for seconds in (0, 1, 59):
        uses.note(key.row.id, begun + timedelta(seconds=seconds))
    [(_, used)] = [each for each in list_keys(town.register, counting, MAKER) if each[0].id == key.row.id]
    assert used == "2026-05-02T04:00:00.000Z"
    uses.note(key.row.id, begun + EVERY)
    [(_, used)] = [each for each in list_keys(town.register, counting, MAKER) if each[0].id == key.row.id]
    assert used == "2026-05-02T04:01:00.000Z"
    counting.close()
