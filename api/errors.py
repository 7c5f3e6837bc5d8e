"""What can go wrong at the door, before any use-case is asked.

EdgeError
├── UnauthenticatedError   no API key or session, none that is valid, or both at once
├── SignInNeededError      a page for people who are signed in, or not yet with their second factor
├── ForgedRequestError     a change that no page of ours seems to have asked for
├── MisdirectedError       a page for people was asked for under a name that is not ours
└── KeyInAddressError      an API key in the query string, where logs and histories keep it
"""


class EdgeError(Exception):
    """Superclass of the errors of this package. Never raised directly."""


class UnauthenticatedError(EdgeError):
    """The route needs a caller and there is none."""


class SignInNeededError(EdgeError):
    """A person has to sign in first. `place` is the page for that, a constant of ours."""

    def __init__(self, place: str) -> None:
        super().__init__("this page is for people who are signed in")
        self.place = place


class ForgedRequestError(EdgeError):
    """A request by a session that changes something and lacks the token of our own pages, or comes from elsewhere."""


class MisdirectedError(EdgeError):
    """The request was meant for another host; the message says where this register is."""


class KeyInAddressError(EdgeError):
    """An API key stands in the query string."""
