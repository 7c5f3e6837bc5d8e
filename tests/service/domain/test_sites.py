"""District and zone of every site: by the name that an event tells, or else where the operator is enrolled."""

from typing import Any

import pytest

from service.domain.bodies import EnrolOperator
from service.domain.districts import CHONGQING, ZONES, zone_of
from service.domain.errors import InvalidBody, RuleBreach
from service.domain.events import parse_body
from service.domain.sites import locate
from tests.service.domain.story import BODIES, World

SITES = [{"site": "重庆两江工厂", "region": "500112"}, {"site": "万州分厂", "region": "500101"}]


def enrolment(**changes: Any) -> EnrolOperator:
    parsed = parse_body("enrol_operator", BODIES["enrol_operator"] | {"region": "500103", "sites": SITES} | changes)
    assert isinstance(parsed, EnrolOperator)
    return parsed


@pytest.mark.parametrize(
    ("site", "district", "zone"),
    [
        ("万州分厂", "万州区", "渝东北三峡库区城镇群"),
        ("重庆两江工厂", "渝北区", "中心城区"),
        ("另一工厂", "渝中区", "中心城区"),
        (None, "渝中区", "中心城区"),
    ],
)
def test_a_site_lies_where_its_operator_says_or_where_the_operator_is(
    site: str | None, district: str, zone: str
) -> None:
    found = locate(enrolment(), site)
    assert found.district is not None and found.zone is not None
    assert (found.district.zh, found.zone.zh) == (district, zone)


def test_an_operator_without_sites_has_its_own_place() -> None:
    body = {name: value for name, value in BODIES["enrol_operator"].items() if name != "sites"}
    parsed = parse_body("enrol_operator", body)
    assert isinstance(parsed, EnrolOperator)
    assert locate(parsed, "重庆两江工厂").region == body["region"]


def test_every_district_of_chongqing_lies_in_one_zone() -> None:
    assert ZONES.keys() == CHONGQING.keys()
    assert sorted(sum(zone is each for each in ZONES.values()) for zone in set(ZONES.values())) == [6, 9, 11, 12]


def test_elsewhere_there_are_no_zones() -> None:
    assert zone_of("510100") is None
    assert zone_of("500000") is None


def test_a_site_that_is_told_twice_is_refused() -> None:
    world = World()
    with pytest.raises(RuleBreach) as refused:
        world.tell("enrol_operator", sites=[SITES[0], SITES[0] | {"region": "500101"}])
    assert (refused.value.rule, refused.value.pointer) == ("site-twice", "/body/sites/1/site")


def test_a_site_in_no_region_is_refused_at_its_place() -> None:
    with pytest.raises(InvalidBody) as refused:
        enrolment(sites=[{"site": "厂", "region": "509999"}])
    assert [problem.pointer for problem in refused.value.problems] == ["/sites/0/region"]
