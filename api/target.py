"""The raw request target: the path as the client wrote it, before WSGI decoded it; and the host that it was meant for.

WSGI decodes `%2F` before routing, so a path whose segments may hold any character (a GS1 serial) or that has one exact
spelling (a tile) is split first and decoded afterwards, from these characters.

Pages for people who sign in answer to the host of the base URL only, and to this machine's own names: a stranger's name
that was made to lead here (DNS rebinding) shows no form to sign in. Public pages are the same whatever the host, since
nothing in them comes from it.
"""

import re
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import BaseConverter

from api.edge import current_register
from api.errors import MisdirectedError

_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.ASCII)
_CONTROLS = frozenset(map(chr, range(32))) | {"\x7f"}


class BatteryIdentifier(BaseConverter):
    """`<battery:name>`: a code, or GTIN/serial. A GTIN alone is none, so that `.../history` can be a serial number."""

    regex = r"(?:[0-9]{8,14}/[^/]+|(?![0-9]{8,14}(?:/|\Z))[^/]+)"
    part_isolating = False


def install(app: Flask) -> None:
    """Make `<battery:name>` known and refuse addresses with control characters."""
    app.url_map.converters["battery"] = BatteryIdentifier
    app.before_request(_refuse_control_characters)


def raw_path() -> str:
    """The path of the present request, still percent-encoded, without the query."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path
    if not raw.startswith("/"):  # absolute form, RFC 9112, 3.2.2
        raw = urlsplit(raw).path or "/"
    path: str = raw.partition("?")[0].partition("#")[0]
    return path


def require_own_host() -> None:
    """Raise MisdirectedError where the request was meant for a host that is not ours."""
    base = current_register().settings.base_url
    own, asked = urlsplit(base), request.host.lower()
    default = {"http": ":80", "https": ":443"}[own.scheme]
    if asked.removesuffix(default) == own.netloc.lower().removesuffix(default):
        return
    if _LOOPBACK.fullmatch(asked) is None:
        raise MisdirectedError(f"this register is at {base}")


def _refuse_control_characters() -> None:
    """Raise BadRequest for a path with control characters, which no identifier has, and for a query with NUL, which
    PostgreSQL text refuses."""
    if not _CONTROLS.isdisjoint(request.path):
        raise BadRequest("the path holds a control character")
    if b"%00" in request.query_string:
        raise BadRequest("the query holds a control character")
