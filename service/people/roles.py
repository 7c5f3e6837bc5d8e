"""What a person may do for its organisation. What the organisation itself may do follows from its own roles."""

from __future__ import annotations

from collections.abc import Mapping

from service.access import SCOPES
from service.domain.words import Word


class PersonRole(Word):
    ADMIN = "admin", "administrator", "管理员"
    RECORDER = "recorder", "recorder", "记录员"
    READER = "reader", "reader", "查阅员"


SCOPES_OF: Mapping[PersonRole, frozenset[str]] = {
    PersonRole.ADMIN: frozenset(SCOPES),
    PersonRole.RECORDER: frozenset({"record", "read"}),
    PersonRole.READER: frozenset({"read"}),
}
"""As those of API keys: see service.access."""
