"""The pages that explain: how to check a battery, what is kept of people, how accessible this is.

What they say has to stay true: the tests hold the periods and numbers in them against the code.
"""

from __future__ import annotations

from typing import NamedTuple

from flask.typing import ResponseReturnValue

from api.auth import PUBLIC, caller_by_key
from api.edge import current_register
from api.pages.answers import answer_plain, visit_of_request
from api.pages.rendering import Place, render
from api.routes import Routes, Terms
from service.reported.reading import KEPT as REPORTS_KEPT
from service.scans.noting import KEPT as SIGHTINGS_KEPT

routes = Routes("about", described=False, identify=caller_by_key)


class Section(NamedTuple):
    """A heading and paragraphs, keys of the catalogue. tones: whether the tones are shown and explained."""

    title: str
    texts: tuple[str, ...]
    tones: bool = False


TONES = (
    ("ok", "tone.ok", "tone.ok_text"),
    ("attention", "tone.attention", "tone.attention_text"),
    ("ended", "tone.ended", "tone.ended_text"),
    ("stop", "tone.stop", "tone.stop_text"),
    ("unknown", "tone.unknown", "tone.unknown_text"),
)
HELP = (
    Section("help.scan", ("help.scan_text", "help.host")),
    Section("help.plate", ("help.plate_text", "help.copied")),
    Section("help.status", ("help.status_text",), tones=True),
    Section("help.proof", ("help.proof_text", "help.proof_self")),
    Section("help.never", ("help.never_text",)),
)
PRIVACY = (
    Section("privacy.public", ("privacy.public_text", "privacy.limits")),
    Section("privacy.register", ("privacy.register_text", "privacy.erasure")),
    Section("privacy.scans", ("privacy.scans_text",)),
    Section("privacy.reports", ("privacy.reports_text",)),
    Section("privacy.work", ("privacy.work_text",)),
    Section("privacy.rights", ("privacy.rights_text",)),
)
ACCESSIBILITY = (
    Section("access_page.goal", ("access_page.goal_text",)),
    Section("access_page.tested", ("access_page.tested_text",)),
    Section("access_page.known", ("access_page.known_text", "access_page.known_scan")),
    Section("access_page.tell", ("access_page.tell_text",)),
)


@routes.get("/how-to-check", Terms(PUBLIC, "How to check a battery and what is said about it"))
def show_help() -> ResponseReturnValue:
    return _show("/how-to-check", "help.title", HELP)


@routes.get("/privacy", Terms(PUBLIC, "What is kept of people"))
def show_privacy() -> ResponseReturnValue:
    return _show("/privacy", "privacy.title", PRIVACY)


@routes.get("/accessibility", Terms(PUBLIC, "How accessible these pages are, and how to tell of a barrier"))
def show_accessibility() -> ResponseReturnValue:
    return _show("/accessibility", "access_page.title", ACCESSIBILITY)


def _show(path: str, title: str, sections: tuple[Section, ...]) -> ResponseReturnValue:
    register = current_register()
    visit = visit_of_request(register)
    say = visit.say
    values = {"days": SIGHTINGS_KEPT.days, "year": REPORTS_KEPT.days, "host": register.settings.base_url}
    page = render(
        "about.html",
        visit,
        Place(path),
        title=say(title),
        sections=[(each, say(each.title), [say(text, **values) for text in each.texts]) for each in sections],
        tones=[(tone, say(word), say(text)) for tone, word, text in TONES],
    )
    return answer_plain(page, visit)
