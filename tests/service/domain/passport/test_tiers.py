"""Rights of access as sets: what each kind of reader sees, and that nobody's set is a rank."""

from datetime import date

import pytest

from service.domain.passport.tiers import (
    ALL,
    CLAIMS,
    INTERESTED,
    PUBLIC,
    RIGHTS,
    Reader,
    Tier,
    is_supervision,
    readers_of,
    tiers_of,
)
from service.domain.roles import Role

DAY = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("role", "tiers"),
    [
        (Role.DEALER, {Tier.PT1}),
        (Role.MAKER, {Tier.PT1}),
        (Role.MARKET_SURVEILLANCE, {Tier.PT1, Tier.PT2, Tier.PT3}),
        (Role.NOTIFIED_BODY, {Tier.PT1, Tier.PT2, Tier.PT3}),
        (Role.COMMISSION, {Tier.PT1, Tier.PT2, Tier.PT3}),
        (Role.RECYCLER, {Tier.PT1, Tier.PT2, Tier.PT4}),
        (Role.WORKSHOP, {Tier.PT1, Tier.PT2, Tier.PT4}),
        (Role.REGULATOR, ALL),
    ],
)
def test_a_role_sees_its_set(role: Role, tiers: set[Tier]) -> None:
    assert tiers_of(readers_of({role}), DAY) == tiers


def test_authorities_and_interested_persons_each_see_what_the_other_does_not() -> None:
    authority, interest = tiers_of({Reader.EU_AUTHORITY}, DAY), tiers_of({Reader.INTEREST}, DAY)
    assert authority - interest == {Tier.PT3}
    assert interest - authority == {Tier.PT4}


def test_part_1_is_for_everybody_on_any_day() -> None:
    assert tiers_of(set(), date(2020, 1, 1)) == PUBLIC
    assert tiers_of(set(Reader), date(2020, 1, 1)) == PUBLIC


def test_who_has_a_legitimate_interest_can_be_said_otherwise() -> None:
    assert Tier.PT4 not in tiers_of(readers_of({Role.WORKSHOP}, frozenset({Role.RECYCLER})), DAY)
    assert Tier.PT4 in tiers_of(readers_of({Role.INSURER}, frozenset({Role.INSURER})), DAY)
    assert Role.INSURER not in INTERESTED


def test_only_the_regulator_reads_by_right_of_supervision() -> None:
    assert [reader for reader in Reader if is_supervision({reader}, DAY)] == [Reader.REGULATOR]


def test_every_right_and_claim_names_its_source() -> None:
    assert all(row.source for row in (*RIGHTS, *CLAIMS))
    assert {row.reader for row in RIGHTS} == set(Reader)
