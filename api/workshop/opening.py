"""What the pages of the workshop share: their chrome, and how a text leads to a battery."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request

from api.auth import present_registry
from api.desk.opening import go, person_caller, show
from api.edge import current_register
from api.pages.address import WrongAddressError, read_typed
from api.problems import Problem
from api.workshop.words import LEVELS
from service.domain.errors import InvalidCode
from service.domain.gbt34014 import fold_code
from service.lookup import find_batteries, suggest_batteries
from service.workshop.reading import MOST_CODES
from service.workshop.verdict import UNKNOWN

PATH = "/w"
MOST_TYPED = 300
MOST_SENT = MOST_CODES * MOST_TYPED
"""Characters of one field of a form: of the longest list of codes."""


def battery_path(code: str) -> str:
    """Where the battery in hand is shown."""
    return f"{PATH}/b/{code}"


def show_phone(template: str, *, status: int = 200, problem: Problem | None = None, **values: Any) -> Response:
    """A page of the workshop."""
    operator = person_caller().operator
    return show(
        template,
        status=status,
        problem=problem,
        operator=operator,
        signs_here=operator in present_registry().held,
        offline="on" if current_register().settings.offline else "off",
        levels=LEVELS,
        **values,
    )


def lead_to(text: str) -> Response:
    """To the battery that somebody typed, pasted or scanned; or a page that says why there is none, or which ones."""
    typed = text.strip()[:MOST_TYPED]
    reason = None
    try:
        asked = read_typed(typed)
        found = find_batteries(current_register(), asked.text if asked.named is None else typed, person_caller())
    except WrongAddressError as error:
        return show_unknown(typed, error.reason)
    except InvalidCode as error:
        reason = error
    else:
        if len(found.codes) == 1:
            return go(battery_path(found.codes[0]))
        if found.codes:
            return show_choice(found.codes)
        if found.operators:
            return go(f"/find?code={found.named.value}")
    return show_unknown(typed, reason)


def show_unknown(text: str, reason: InvalidCode | None = None) -> Response:
    """That no battery of the register has this name."""
    meant = suggest_batteries(current_register(), text)
    return show_phone(
        "w/unknown.html",
        status=404,
        text=fold_code(text)[:MOST_TYPED] or text,
        wrong=None if reason is None else reason.position,
        reason=reason,
        meant=meant,
        verdict=UNKNOWN,
    )


def show_choice(texts: Sequence[str]) -> Response:
    """Several codes were found: which one is meant."""
    return show_phone("w/choice.html", texts=list(texts))


def sent(name: str) -> list[str]:
    """All values of a field of the form that was sent, each at most MOST_SENT long."""
    return [each[:MOST_SENT] for each in request.form.getlist(name)]
