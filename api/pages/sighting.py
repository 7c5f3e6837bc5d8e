"""The page on which somebody before a battery says about where it is, so that copies of its label come to light.

The script works out a cell of about 5 km on the device and sends nothing finer. It is the only page that may ask for
the place of a device.
"""

from collections.abc import Sequence

from flask import Response

from api.pages.rendering import Place, Visit, asset, render
from service.domain.copies import CopySign

SCRIPT = "sighting.js"
POLICY = "camera=(), geolocation=(self), microphone=(), payment=(), usb=()"


def render_sighting(code: str, visit: Visit, signs: Sequence[CopySign]) -> str:
    """The page of the battery `code`. signs: what is known already."""
    say = visit.say
    return render(
        "sighting.html",
        visit,
        Place(f"/b/{code}/sighting"),
        code=code,
        script=asset(SCRIPT),
        signs=[say.pick(each.en, each.zh) for each in signs],
    )


def may_locate(response: Response) -> Response:
    """Let the page ask where it is, which others of this origin may not; nobody keeps it."""
    response.headers["Permissions-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    return response
