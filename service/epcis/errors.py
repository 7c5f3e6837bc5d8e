"""What can go wrong with what is asked or captured in the words of EPCIS.

ServiceError
├── FaultyError
│   └── QueryParameterError     a parameter of a query is not known or not well formed (QueryParameterException)
├── QueryTooLargeError          more events than a query allows (QueryTooLargeException)
├── TooManyEventsError          more events than one capture takes (CaptureLimitExceededException)
└── NotOfferedError             a part of EPCIS that is not offered here
"""

from service.errors import Fault, FaultyError, RefusedError, ServiceError


class QueryParameterError(FaultyError):
    """A parameter that is not known, or whose value cannot be read."""

    def __init__(self, name: str, message_en: str, message_zh: str) -> None:
        super().__init__(f"{name}: {message_en}", [Fault(f"/{name}", "parameter", message_en, message_zh)])


class QueryTooLargeError(ServiceError):
    """A query finds more events than its maxEventCount, or so many have to be looked at that nobody can say."""


class TooManyEventsError(ServiceError):
    """A document holds more events than one capture takes. Nothing was stored."""


class NotOfferedError(ServiceError):
    """A part of EPCIS that this register does not offer. The message says what to do instead."""


def refused(pointer: str, code: str, en: str, zh: str) -> RefusedError:
    """One fault of an EPCIS event, at a pointer inside it."""
    return RefusedError([Fault(pointer, code, en, zh)])
