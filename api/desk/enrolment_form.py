"""An enrolment as a form has it: texts, roles, rows of licences and of sites; what was left empty is not told.

A row counts where anything but its kind was typed, so that to empty it takes the licence or the site out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request

from api.desk.opening import field
from service.domain.bodies import EnrolOperator
from service.domain.events import body_mapping

TEXTS = ("name", "name_en", "uscc", "region")
OF_A_LICENCE = ("licence", "number", "valid_from", "valid_until", "scope")
OF_A_SITE = {"site": "site", "region": "site_region"}
"""Members of a site, and what their fields are called: a form has a region of its own."""
MOST_LICENCES, MOST_SITES = 32, 64
SPARE = 3
"""Empty rows of each kind in the form of an enrolment that is there already."""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form. roles: their names."""

    texts: Row
    roles: tuple[str, ...]
    licences: tuple[Row, ...]
    sites: tuple[Row, ...] = ()

    @classmethod
    def of(cls, enrolment: EnrolOperator) -> "Typed":
        """As it is enrolled, with room for more."""
        members = body_mapping(enrolment)
        licences = [*members.get("licences", ()), *({} for _ in range(SPARE))]
        sites = [*members.get("sites", ()), *({} for _ in range(SPARE))]
        return cls(
            {name: members.get(name, "") for name in TEXTS},
            tuple(members["roles"]),
            tuple({name: each.get(name, "") for name in OF_A_LICENCE} for each in licences[:MOST_LICENCES]),
            tuple({name: each.get(name, "") for name in OF_A_SITE} for each in sites[:MOST_SITES]),
        )

    def body(self) -> dict[str, Any]:
        """The members of the enrolment, which the domain checks."""
        body: dict[str, Any] = {name: text for name, text in self.texts.items() if text}
        body["roles"] = list(self.roles)
        licences = _told(self.licences, apart="licence")
        sites = _told(self.sites)
        return body | ({"licences": licences} if licences else {}) | ({"sites": sites} if sites else {})


def read_form(*, least: int = 0) -> Typed:
    """The form that was sent, with at least so many rows of licences."""
    licences = max(least, _rows("number", MOST_LICENCES))
    return Typed(
        {name: field(name) for name in TEXTS},
        tuple(request.form.getlist("roles")),
        tuple({name: field(f"{name}_{row}") for name in OF_A_LICENCE} for row in range(licences)),
        tuple(
            {name: field(f"{typed}_{row}") for name, typed in OF_A_SITE.items()}
            for row in range(_rows("site", MOST_SITES))
        ),
    )


def _rows(name: str, most: int) -> int:
    """How many rows were sent, by the field that each has."""
    return next((row for row in reversed(range(most)) if f"{name}_{row}" in request.form), -1) + 1


def _told(rows: Iterable[Row], *, apart: str = "") -> list[Row]:
    return [
        {name: value for name, value in row.items() if value}
        for row in rows
        if any(value for name, value in row.items() if name != apart)
    ]
