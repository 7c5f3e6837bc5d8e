"""When the present session ends by itself: told on each page of the desk, and to the script that warns before it."""

from typing import NamedTuple

from api.csrf import token_for
from api.edge import current_register
from api.language import Catalogue
from api.pages.rendering import format_moment
from api.session_cookie import session_token
from api.sessions import present_session


class Ending(NamedTuple):
    """seconds: until the session ends if it is not used. last: using it does not put that off. notice: both in words.

    person: whose session it is, so that a page does not go on in the name of somebody else.
    """

    seconds: int
    last: bool
    notice: str
    person: str


def present_ending(say: Catalogue) -> Ending | None:
    """Of the full session of the present request; None where there is none."""
    session = present_session()
    if session is None or not session.is_full:
        return None
    last = session.ends_at == session.last_end
    notice = say("session.last" if last else "session.notice", at=format_moment(session.ends_at))
    seconds = int((session.ends_at - current_register().clock()).total_seconds())
    return Ending(max(seconds, 0), last, str(notice), session.person)


def members_of(ending: Ending) -> dict[str, object]:
    """For the script, with the token that forms carry from now on."""
    return ending._asdict() | {"csrf": token_for(session_token() or "")}
