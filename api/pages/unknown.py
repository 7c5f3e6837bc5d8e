"""What to say when a code leads nowhere: why that may be, which character cannot be right, and how to try again."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.rendering import Place, Visit, render
from service.domain.errors import InvalidCode
from service.domain.gbt34014 import fold_code
from service.domain.identifiers.recognition import Scheme
from service.errors import Absence


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A look-up that found nothing.

    text: what was asked for. invalid: why it can be no code, its position counted in the folded `text`.
    wrong_address: the address itself was refused, so nothing was looked up. scheme: of a name that is no battery code.
    meant: codes of registered batteries that look much like it. no_link: the battery is there, but not the kind of
    link that was asked for. absence: what proves that nothing is recorded of the code.
    """

    text: str
    invalid: InvalidCode | None = None
    wrong_address: bool = False
    scheme: Scheme | None = None
    meant: tuple[str, ...] = ()
    no_link: bool = False
    absence: Absence | None = None

    @property
    def status(self) -> int:
        return 400 if self.wrong_address else 404

    @property
    def position(self) -> int | None:
        """The first character of the folded text that is wrong, from 0; GTIN with serial number are not marked."""
        return None if self.invalid is None or "/" in self.text else self.invalid.position


def render_unknown(nowhere: Nowhere, visit: Visit) -> str:
    """The page."""
    say, invalid = visit.say, nowhere.invalid
    kind = "address" if nowhere.wrong_address else "wrong" if invalid else "unknown"
    lead = say(f"unknown.lead_{kind}")
    if nowhere.no_link:
        lead = say("unknown.lead_link")
    elif nowhere.scheme is not None:
        lead = say("unknown.lead_scheme", scheme=say.pick(nowhere.scheme.en, nowhere.scheme.zh))
    plain = nowhere.scheme is None and "/" not in nowhere.text
    shown = fold_code(nowhere.text) or nowhere.text if plain else nowhere.text
    reasons = ("unknown.typed", "unknown.early", "unknown.fake")
    return render(
        "unknown.html",
        visit,
        Place("/find", (("code", nowhere.text),)),
        heading=say(f"status.{kind}"),
        lead=lead,
        meant=nowhere.meant,
        absence=nowhere.absence,
        reasons=[say(reason) for reason in reasons] if kind == "unknown" and not nowhere.no_link else [],
        text=shown,
        wrong=nowhere.position,
        fault=_fault(invalid, nowhere.position, visit) if invalid else None,
        value="" if nowhere.wrong_address else nowhere.text,
    )


def _fault(invalid: InvalidCode, position: int | None, visit: Visit) -> str:
    reason = visit.say.pick(invalid.reason_en, invalid.reason_zh)
    if position is None:
        return visit.say("unknown.whole", reason=reason)
    return visit.say("unknown.position", position=position + 1, reason=reason)
