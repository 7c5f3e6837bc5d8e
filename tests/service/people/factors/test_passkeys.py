"""Where passkeys work, and what they are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import NotFoundError, NotPermittedError
from service.people.factors.passkeys import (
    Place,
    format_id,
    list_passkeys,
    parse_id,
    place_of,
    rename_passkey,
    tidy_name,
)
from service.work import Register
from tests.service.people.factors.persons import new_person
from tests.service.people.factors.test_ceremonies import enrol


@pytest.mark.parametrize(
    ("base_url", "place"),
    [
        ("https://id.example.cn", Place("id.example.cn", "https://id.example.cn")),
        ("https://ID.Example.cn:443", Place("id.example.cn", "https://id.example.cn")),
        ("https://id.example.cn:8443/register", Place("id.example.cn", "https://id.example.cn:8443")),
        ("http://localhost:8000", Place("localhost", "http://localhost:8000")),
    ],
)
def test_a_passkey_is_bound_to_the_configured_host(base_url: str, place: Place) -> None:
    assert place_of(base_url) == place


@pytest.mark.parametrize(
    "base_url", ["http://id.example.cn", "http://127.0.0.1:8000", "https://192.0.2.1", "https://[::1]:8000"]
)
def test_there_are_none_where_browsers_would_not_give_any(base_url: str) -> None:
    with pytest.raises(NotPermittedError, match="https"):
        place_of(base_url)


def test_only_its_person_renames_a_passkey(register: Register, person: str) -> None:
    id_ = format_id(enrol(register, person).credential)
    stranger = new_person(register)
    with register.write_beside() as connection, pytest.raises(NotFoundError):
        rename_passkey(connection, stranger, id_, "mine")
    with register.write_beside() as connection:
        rename_passkey(connection, person, id_, "  steel \n key\u202e ")
        assert [each.name for each in list_passkeys(connection, person)] == ["steel key"]


@given(st.text())
def test_a_name_is_one_visible_line(text: str) -> None:
    name = tidy_name(text)
    assert 0 < len(name) <= 60 and name.isprintable() and name == name.strip()


@given(st.binary(min_size=1, max_size=1023))
def test_an_id_is_read_back(credential: bytes) -> None:
    assert parse_id(format_id(credential)) == credential


@given(st.text())
def test_any_text_is_an_id_or_unknown(text: str) -> None:
    try:
        parse_id(text)
    except NotFoundError:
        return
