"""Rules about the names that batteries have beside their codes, and operators beside their ids.

That a battery's name is given once is kept under the lock.

- An identification link that reads as an address of a battery is that battery's own (IEC 61406-1:2022, 4.1).
- A unified social credit code is one organisation's (GB 32100-2015), and that is one operator of this register. What
  was enrolled before this rule stays: whoever has a code keeps it.
"""

from __future__ import annotations

from service.domain.bodies import EnrolOperator, Register
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.identifiers.naming import named_by_link


def link_names_itself(case: Case[Register]) -> None:
    link = case.body.identification_link
    found = None if link is None else named_by_link(link)
    if found is not None and found != case.event.subjects[0]:
        raise breach("link-of-another", "/body/identification_link", found=found, code=case.event.subjects[0])


def credit_code_is_free(case: Case[EnrolOperator]) -> None:
    holder = case.facts.uscc_holder
    if holder is not None:
        raise breach("uscc-taken", "/body/uscc", operator=holder, uscc=case.body.uscc)
