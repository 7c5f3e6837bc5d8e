"""Rules about the other names that a registration gives a battery; that each is given once is kept under the lock.

- An identification link that reads as an address of a battery is that battery's own (IEC 61406-1:2022, 4.1).
"""

from __future__ import annotations

from service.domain.bodies import Register
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.identifiers.naming import named_by_link


def link_names_itself(case: Case[Register]) -> None:
    link = case.body.identification_link
    found = None if link is None else named_by_link(link)
    if found is not None and found != case.event.subjects[0]:
        raise breach("link-of-another", "/body/identification_link", found=found, code=case.event.subjects[0])
