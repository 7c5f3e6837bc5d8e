"""Rule of `set_licence_day`: the authority says from when on a licence has to be told, and asks for no new licence.

Which role needs which licence for which events is a row of `licences.NEEDED`, found in the law. What the authority adds
is the day from which on one that the register was never told of counts as missing. Where the source of the row itself
is not found, nobody is refused, and so no day can be set.
"""

from __future__ import annotations

from typing import Any

from service.domain.bodies import SetLicenceDay
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.licences import NEEDED


def licence_day_can_be_set(case: Case[SetLicenceDay]) -> None:
    """Of a licence that the role needs, by a source that is known."""
    role, licence = case.body.role, case.body.licence
    needs = [need for need in NEEDED if (need.role, need.licence) == (role, licence)]
    words: dict[str, Any] = {"role": role.en, "role_zh": role.zh, "licence": licence.en, "licence_zh": licence.zh}
    if not needs:
        raise breach("licence-not-needed", "/body/licence", **words)
    if not any(need.is_enforced for need in needs):
        raise breach("licence-only-shown", "/body/licence", **words)
