"""API keys: shown once, kept as a hash, limited in time and in what they open."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.access import SCOPES, authenticate, list_api_keys, make_api_key, revoke_api_key
from service.db import tables
from service.errors import NotFoundError, NotPermittedError
from tests.service.town import Town


def refusal(town: Town, text: str) -> str:
    with town.register.read() as reader, pytest.raises(NotPermittedError) as refused:
        authenticate(reader.connection, text, now=town.clock.now)
    return str(refused.value)


def make(town: Town, **options: object) -> str:
    with town.register.write_beside() as connection:
        return make_api_key(connection, "cq-cells", now=town.clock.now, **options)  # type: ignore[arg-type]


def test_a_key_says_who_holds_it_and_what_it_opens(either_town: Town) -> None:
    town = either_town
    key = make(town, scopes=["read"], label="station 7")
    with town.register.read() as reader:
        caller = authenticate(reader.connection, key, now=town.clock.now)
        [row] = list_api_keys(reader.connection, "cq-cells")
    assert (caller.operator, caller.scopes) == ("cq-cells", frozenset({"read"}))
    assert (row.id, row.label, row.scopes, row.revoked_at) == (caller.key_id, "station 7", ("read",), None)
    assert caller.key_id in key


def test_the_database_does_not_hold_the_secret(town: Town) -> None:
    key = make(town)
    secret = key.split("_", 2)[2]
    with town.register.read() as reader:
        rows = [tuple(row) for row in reader.connection.execute(select(tables.api_key))]
    assert len(secret) == 43
    assert not [value for row in rows for value in row if secret in str(value)]


def test_every_way_to_fail_gives_the_same_words(town: Town) -> None:
    """Nobody learns from a refusal whether a key exists, is revoked, or is merely old."""
    good, revoked, expired = make(town), make(town), make(town, life=timedelta(0))
    with town.register.write_beside() as connection:
        revoke_api_key(connection, revoked.split("_")[1], now=town.clock.now)
    _, id_, secret = good.split("_", 2)
    words = {
        refusal(town, text)
        for text in (
            "", "pt", "Bearer " + good, good + "x", good[:-1], good.upper(), " " + good, good + "\n",
            f"pt_{id_}_" + "A" * 43, "pt_aaaaaaaaaaaa_" + secret, revoked, expired,
            good.replace("pt_", "pt-"), "pt_" + "é" * 12 + "_" + "A" * 43, "\0" * 60, "x" * 100_000,
        )
    }  # fmt: skip
    assert words == {"the API key is not valid"}


def test_a_key_ends_at_its_time(town: Town) -> None:
    key = make(town, life=timedelta(hours=1))
    town.clock.move(minutes=59, seconds=59)
    with town.register.read() as reader:
        assert authenticate(reader.connection, key, now=town.clock.now).operator == "cq-cells"
    town.clock.move(seconds=1)
    refusal(town, key)


def test_a_key_ends_after_a_year_unless_said_otherwise(town: Town) -> None:
    key = make(town)
    town.clock.move(days=364)
    with town.register.read() as reader:
        authenticate(reader.connection, key, now=town.clock.now)
    town.clock.move(days=1)
    refusal(town, key)


def test_a_revoked_key_ends_at_once_and_is_revoked_once(either_town: Town) -> None:
    town = either_town
    key = make(town)
    id_ = key.split("_")[1]
    with town.register.write_beside() as connection:
        revoke_api_key(connection, id_, now=town.clock.now)
    refusal(town, key)
    with town.register.write_beside() as connection, pytest.raises(NotFoundError, match=id_):
        revoke_api_key(connection, id_, now=town.clock.now)
    with town.register.write_beside() as connection, pytest.raises(NotFoundError):
        revoke_api_key(connection, "aaaaaaaaaaaa", now=town.clock.now)


def test_keys_are_told_apart_by_operator_and_never_alike(town: Town) -> None:
    keys = [make(town) for _ in range(20)]
    assert len(set(keys)) == len({key.split("_")[1] for key in keys}) == 20
    with town.register.read() as reader:
        assert len(list_api_keys(reader.connection, "cq-cells")) == 20
        assert list_api_keys(reader.connection, "cq-city") == [], "of somebody else"
        assert len(list_api_keys(reader.connection)) == 20


def test_only_scopes_that_exist_are_given(town: Town) -> None:
    key = make(town, scopes=["read", "everything", "record"])
    with town.register.read() as reader:
        assert authenticate(reader.connection, key, now=town.clock.now).scopes == {"read", "record"}
    assert SCOPES == ("record", "read", "manage")
