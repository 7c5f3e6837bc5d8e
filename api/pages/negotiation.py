"""Which of its four forms the address of a battery answers in: by Accept, else as a page.

A browser gets the page, and so does everything that asks for nothing we have: a person who scans a label must never
end at "not acceptable". `linkType=linkset` asks for the linkset whatever Accept says; what other link types do is said
in `links`, and no link is taken from the request.
Sources: RFC 9110, 12.5.1; RFC 9264; GS1-Conformant Resolver Standard 1.2, 2.9 (linkType=linkset).
"""

from __future__ import annotations

from enum import StrEnum

from api.language import weigh

_MAX_HEADER = 2000


class Form(StrEnum):
    """The media types, best first where the client likes several equally."""

    HTML = "text/html"
    JSON = "application/json"
    JSON_LD = "application/ld+json"
    LINKSET = "application/linkset+json"


def choose_form(accept: str, link_type: str | None = None) -> Form:
    """The form for this Accept header and this `linkType`."""
    if link_type in ("linkset", "all"):
        return Form.LINKSET
    ranges = [weigh(item) for item in accept[:_MAX_HEADER].split(",")]
    best, best_rank = Form.HTML, (0.0, 0)
    for form in Form:
        rank = _rank(form, ranges)
        if rank[0] > 0 and rank > best_rank:
            best, best_rank = form, rank
    return best


def _rank(form: Form, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    """Weight and specificity of the most specific range that names this form; no range, no weight."""
    names = ("*/*", f"{form.partition('/')[0]}/*", form.value)
    matching = [(names.index(name), weight) for name, weight in ranges if name in names]
    if not matching:
        return 0.0, 0
    specificity, weight = max(matching)
    return weight, specificity
