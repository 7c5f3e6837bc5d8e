"""Somebody to have second factors."""

import secrets

from service.people.accounts import Invited, invite
from service.people.acts import By
from service.people.roles import PersonRole
from service.work import Register
from tests.service.town import AUTHORITY


def new_person(register: Register) -> str:
    """The id of somebody who was just invited."""
    invited = Invited(AUTHORITY, f"p{secrets.token_hex(6)}", "李工", PersonRole.READER)
    with register.write_beside() as connection:
        return invite(connection, invited, By("", register.clock()))[0].id
