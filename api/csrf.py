"""That a request which changes something was made by a page of ours, and not by somebody else's.

Two signs, and both are asked for. The browser says where the request comes from (Sec-Fetch-Site, or Origin where that
is missing). And the request carries a token that only our own pages know: a hash of the cookie, in the form field
`csrf_token` or, for scripts, in the header X-CSRF-Token. Before there is a session the token is bound to a cookie of
its own, so that nobody can be signed in by a stranger's form.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import urlsplit

from flask import request

from api.edge import current_register
from api.errors import ForgedRequestError

FIELD, HEADER = "csrf_token", "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
URL_ENCODED = "application/x-www-form-urlencoded"
LONGEST_FORM = 500_000
FORMS = (URL_ENCODED, "multipart/form-data")
_OURS = frozenset({"same-origin", "none"})


def token_for(cookie: str) -> str:
    """The token that belongs to a cookie."""
    return urlsafe_b64encode(sha256(b"packtrail form\n" + cookie.encode("utf-8", "surrogateescape")).digest()).decode()


def check_request(cookie: str | None, *, by_form: bool) -> None:
    """Raise ForgedRequestError for an unsafe method without the token of `cookie`, or from another site.

    by_form: the token may stand in a form field, which has the body read.
    """
    if request.method in SAFE:
        return
    if not _is_from_here():
        raise ForgedRequestError("the request comes from another site")
    given = request.headers.get(HEADER, "")
    if not given and by_form and request.mimetype in FORMS:
        if request.mimetype == URL_ENCODED:  # Werkzeug limits the number of parts of the other kind alone
            request.max_content_length = LONGEST_FORM
        given = request.form.get(FIELD, "")
    wanted = token_for(cookie) if cookie else ""
    if not wanted or not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "surrogateescape")):
        raise ForgedRequestError("the form was not made for this session, or the session has ended since")


def _is_from_here() -> bool:
    """What the browser says; one that says nothing at all is left to the token."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _OURS
    origin, own = request.headers.get("Origin"), urlsplit(current_register().settings.base_url)
    return origin is None or origin == f"{own.scheme}://{own.netloc}"
