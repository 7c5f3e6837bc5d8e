"""The living style page: every component of the design system in its states, from the real style sheets."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from api.auth import PUBLIC, caller_by_key
from api.edge import current_register
from api.pages.about import TONES
from api.pages.answers import answer_plain, visit_of_request
from api.pages.rendering import ICONS, Place, render
from api.routes import Routes, Terms

routes = Routes("style", described=False, identify=caller_by_key)

COLOURS = (
    "ink", "soft", "line", "paper", "ground", "link", "focus",
    "ok", "ok-paper", "attention", "attention-paper", "ended", "ended-paper", "unknown", "unknown-paper",
)  # fmt: skip
SAMPLE = "001PE12ABCDEFGG2T0000001"
DIGEST = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
"""Of nothing at all, by SHA-256."""


@routes.get("/style", Terms(PUBLIC, "The design system, each component in its states"))
def show_style() -> ResponseReturnValue:
    visit = visit_of_request(current_register())
    page = render(
        "style.html",
        visit,
        Place("/style"),
        colours=COLOURS,
        tones=[(tone, visit.say(word), visit.say(text)) for tone, word, text in TONES],
        icons=ICONS,
        code=SAMPLE,
        share=62,
        digest=DIGEST,
    )
    return answer_plain(page, visit)
