"""Who must have a second factor."""

import pytest

from service.domain.roles import Role
from service.people.factors.state import required
from service.people.roles import PersonRole


@pytest.mark.parametrize("role", [Role.AUTHORITY, Role.REGULATOR, Role.MARKET_SURVEILLANCE, Role.COMMISSION])
def test_people_of_authorities_must_have_one(role: Role) -> None:
    assert all(required([role, Role.MAKER], person) for person in PersonRole)


def test_of_other_organisations_administrators_must_and_the_others_may() -> None:
    others = set(Role) - {Role.AUTHORITY, Role.REGULATOR, Role.MARKET_SURVEILLANCE, Role.COMMISSION}
    for roles in (others, ()):
        assert [each for each in PersonRole if required(roles, each)] == [PersonRole.ADMIN]
