"""Who must have a second factor."""

import pytest

from service.domain.roles import Role
from service.people.factors.state import required


@pytest.mark.parametrize("role", [Role.AUTHORITY, Role.REGULATOR, Role.MARKET_SURVEILLANCE, Role.COMMISSION])
def test_people_of_authorities_must_have_one(role: Role) -> None:
    assert required([role, Role.MAKER])


def test_people_of_other_organisations_may_have_one() -> None:
    others = set(Role) - {Role.AUTHORITY, Role.REGULATOR, Role.MARKET_SURVEILLANCE, Role.COMMISSION}
    assert not required(others) and not required([])
