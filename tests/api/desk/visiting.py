"""People of the town, browsers that are signed in as them, and forms as they send them."""

import re
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.csrf import FIELD, token_for
from api.edge import edge_of
from api.session_cookie import FORM, SESSION
from service.people import sessions
from service.people.accounts import Invited, Person, find_person, invite, take_link
from service.people.acts import By
from service.people.links import INVITATION, find_link
from service.people.passwords import hash_new
from service.people.roles import PersonRole
from service.work import Register
from tests.api.town import MAKER

PASSWORD = "blue kettle roof"
ENCODED = hash_new(PASSWORD, "")
TOKEN = re.compile(r'name="csrf_token" value="([A-Za-z0-9_=-]+)"')

_NUMBER = count(1)


def new_person(register: Register, role: PersonRole = PersonRole.ADMIN, operator: str = MAKER) -> Person:
    """Somebody who has joined with PASSWORD."""
    with register.write_beside() as connection:
        by = By("", register.clock())
        person, secret = invite(connection, Invited(operator, f"person-{next(_NUMBER)}", "李伟", role), by)
        take_link(connection, find_link(connection, secret, INVITATION, now=by.now), ENCODED, now=by.now)
        return find_person(connection, person.id)


def browser_of(app: Flask, person: Person, stage: str = sessions.FULL) -> FlaskClient:
    """A browser where this person is signed in."""
    register = edge_of(app).register
    with register.write_beside() as connection:
        token = sessions.begin(connection, person.id, stage, now=register.clock())
    client = app.test_client()
    client.set_cookie(SESSION, token)
    return client


def cookie_of(client: FlaskClient, name: str = SESSION) -> str | None:
    """What the browser holds."""
    cookie = client.get_cookie(name)
    return cookie.value if cookie is not None else None


def send(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """A form of ours, sent by the browser, with the token that its page would have carried."""
    if cookie_of(client) is None and cookie_of(client, FORM) is None:
        client.get("/login")
    bound_to = cookie_of(client) or cookie_of(client, FORM)
    assert bound_to is not None
    return client.post(path, data={FIELD: token_for(bound_to)} | fields, headers={"Accept": "text/html"})


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/desk").status_code == 200
