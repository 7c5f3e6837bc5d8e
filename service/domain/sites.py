"""Sites of operators: in which district and zone each lies.

Events tell a site by its name (`site`, `station`); the enrolment of the operator says where a site of that name is. A
site that is not told there counts as lying where the operator is enrolled.
"""

from __future__ import annotations

from typing import NamedTuple

from service.domain.bodies import EnrolOperator
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.districts import District, region_of, zone_of


class Location(NamedTuple):
    """Where something is. district: None for a code without a row; zone: None outside Chongqing."""

    region: str
    district: District | None
    zone: District | None


def locate(enrolment: EnrolOperator, site: str | None = None) -> Location:
    """Where a site of this operator is; without a name, where the operator is enrolled."""
    regions = {each.site: each.region for each in enrolment.sites or ()}
    region = regions.get(site, enrolment.region) if site else enrolment.region
    return Location(region, region_of(region), zone_of(region))


def sites_have_one_place(case: Case[EnrolOperator]) -> None:
    names: set[str] = set()
    for at, each in enumerate(case.body.sites or ()):
        if each.site in names:
            raise breach("site-twice", f"/body/sites/{at}/site", site=each.site)
        names.add(each.site)
