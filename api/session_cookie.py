"""The cookies of people: which session, and, before there is one, which browser a form was given to.

Both have the prefix `__Host-`: set by this host only, for the whole of it, over https. Browsers count http on the
loopback address as safe too, so a trial on one's own machine works. There is no other cookie.
"""

from flask import Response, request

from service.people.sessions import DEVICE_LIFE

SESSION = "__Host-packtrail"
FORM = "__Host-packtrail-form"
_LONGEST = 100


def session_token() -> str | None:
    """The session's cookie in the present request, None where there is none."""
    return _read(SESSION)


def form_token() -> str | None:
    """The cookie of a browser without a session, to which its forms are bound."""
    return _read(FORM)


def set_session(response: Response, token: str, *, kept: bool) -> None:
    """Give the browser a session: for as long as it is open, or for a phone's thirty days."""
    _set(response, SESSION, token, seconds=int(DEVICE_LIFE.total_seconds()) if kept else None)
    drop(response, FORM)


def set_form(response: Response, token: str) -> None:
    """Mark a browser that has no session, until it is closed."""
    _set(response, FORM, token, seconds=None)


def drop(response: Response, name: str) -> None:
    """Have the browser forget a cookie."""
    _set(response, name, "", seconds=0)


def _read(name: str) -> str | None:
    value = request.cookies.get(name, "")
    return value if 0 < len(value) <= _LONGEST else None


def _set(response: Response, name: str, value: str, *, seconds: int | None) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax")
