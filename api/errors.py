"""What can go wrong at the door, before any use-case is asked.

EdgeError
├── UnauthenticatedError   no API key, or none that is valid
└── KeyInAddressError      an API key in the query string, where logs and histories keep it
"""


class EdgeError(Exception):
    """Superclass of the errors of this package. Never raised directly."""


class UnauthenticatedError(EdgeError):
    """The route needs a valid key and there is none."""


class KeyInAddressError(EdgeError):
    """An API key stands in the query string."""
