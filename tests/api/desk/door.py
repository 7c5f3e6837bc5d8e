"""A register with people at its door: who they are, a client that fills in forms, an authenticator app."""

import re
import socket
from dataclasses import replace
from pathlib import Path
from typing import Self

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.founding import found_register
from service.operators import enrol_operator
from service.people.accounts import Invited, invite, set_password
from service.people.acts import By
from service.people.oidc.provider import Provider
from service.people.passwords import hash_new
from service.people.roles import PersonRole
from service.recording.recorder import Recorder
from service.settings import read_settings
from service.work import Register
from tests.applications import app_on
from tests.service.town import AUTHORITY, FOUNDER, StillClock

PASSWORD = "blue kettle roof"
ENCODED = hash_new(PASSWORD, "")
MAKER = "cq-cells"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Door:
    """The register, its application, and people who have joined with PASSWORD: `admin` of the authority, and others."""

    def __init__(self, folder: Path, base_url: str, *, provider: Provider | None = None) -> None:
        settings = replace(read_settings({}, data=folder), base_url=base_url, oidc=provider)
        self.clock = StillClock()
        found_register(settings, FOUNDER, clock=self.clock)
        self.register = Register(settings, clock=self.clock)
        recorder = Recorder(self.register)
        enrol_operator(recorder, {"operator_id": MAKER, "name": "电芯厂", "roles": ["maker"], "region": "500112"})
        self.app: Flask = app_on(self.register, recorder)
        self._number = 0

    def join(self, operator: str = MAKER, role: PersonRole = PersonRole.RECORDER) -> tuple[str, str]:
        """Somebody new: id and login."""
        self._number += 1
        login = f"person-{self._number}"
        with self.register.write_beside() as connection:
            by = By("", self.clock())
            person, _ = invite(connection, Invited(operator, login, "李伟", role), by)
            set_password(connection, person.id, ENCODED)
        return person.id, login

    def official(self) -> tuple[str, str]:
        """Somebody new at the authority: id and login."""
        return self.join(AUTHORITY, PersonRole.ADMIN)

    def visitor(self) -> "Visitor":
        return Visitor(self.app.test_client(), self.register.settings.base_url)

    def close(self) -> None:
        self.register.close()


class Visitor:
    """A browser without script. Forms carry the token of the page they stand on."""

    def __init__(self, client: FlaskClient, base_url: str) -> None:
        self.client = client
        self.base_url = base_url
        self.token = ""

    def get(self, path: str) -> TestResponse:
        return self._note(self.client.get(path, base_url=self.base_url, headers=self._headers()))

    def post(self, path: str, **fields: str) -> TestResponse:
        form = {"csrf_token": self.token, **fields}
        return self._note(self.client.post(path, data=form, base_url=self.base_url, headers=self._headers()))

    def sign_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        """By password; gives where that leads."""
        self.get("/login")
        return self.post("/login", login=login, password=password)

    def follow(self, response: TestResponse) -> Self:
        """Go where a redirect leads."""
        assert response.status_code == 303, response.text
        self.get(response.headers["Location"])
        return self

    def _headers(self) -> dict[str, str]:
        return {"Accept": "text/html", "Accept-Language": "en", "Sec-Fetch-Site": "same-origin"}

    def _note(self, response: TestResponse) -> TestResponse:
        if found := _TOKEN.search(response.text):
            self.token = found[1]
        return response


def free_listener() -> socket.socket:
    """A port of this machine that nobody else has."""
    return socket.create_server(("127.0.0.1", 0))
