"""The organisation that a unified social credit code leads to: what everybody may know of it.

That is what pages and passports say of makers anyway (id, names, credit code), and in which roles it is enrolled and
whether it takes part, so that whoever hands a battery over can check to whom. Not where it is, nor its people, keys,
sites or batteries.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from api.pages.answers import answer_document, answer_page
from api.pages.negotiation import Form
from api.pages.rendering import Place, Visit, render
from service.lookup import Enrolled


def organisation_members(organisation: Enrolled) -> dict[str, object]:
    """One organisation as everybody may see it."""
    told = organisation.operator.enrolment
    return {
        "operator_id": told.operator_id,
        "name": told.name,
        "name_en": told.name_en,
        "uscc": told.uscc,
        "roles": [role.value for role in told.roles],
        "standing": organisation.standing.value,
    }


def answer_organisations(uscc: str, found: Sequence[Enrolled], visit: Visit, form: Form) -> Response:
    """Those enrolled with this credit code, one as a rule: a page, or JSON for programs."""
    if form is not Form.HTML:
        members = {"uscc": uscc, "organisations": [organisation_members(each) for each in found]}
        return answer_document(members, visit, Form.JSON)
    page = render("organisation.html", visit, Place("/find", (("code", uscc),)), uscc=uscc, found=found)
    return answer_page(page, visit)
