"""The header's links after sign-in: who sees which. A page that belongs there adds its row."""

from typing import NamedTuple

from service.domain.roles import SUPERVISORS, Role
from service.people.roles import SCOPES_OF
from service.people.sessions import Session


class Entry(NamedTuple):
    """A link: where to, what it says (a key of the catalogue), the scope and the operator's roles that it needs."""

    path: str
    text: str
    scope: str = "read"
    roles: frozenset[Role] = frozenset()


ENTRIES: tuple[Entry, ...] = (
    Entry("/desk", "desk.nav_start"),
    Entry("/desk/ledger", "desk.nav_ledger", roles=SUPERVISORS),
    Entry("/desk/cases", "desk.nav_cases", roles=SUPERVISORS),
    Entry("/desk/people", "desk.nav_people", "manage"),
    Entry("/desk/applications", "desk.nav_applications", "manage", frozenset({Role.AUTHORITY})),
    Entry("/desk/imports", "desk.nav_imports", "record"),
    Entry("/desk/labels", "desk.nav_labels"),
    Entry("/desk/documents", "desk.nav_documents"),
    Entry("/desk/access", "desk.nav_access"),
    Entry("/desk/keys", "desk.nav_keys", "manage"),
    Entry("/desk/webhooks", "desk.nav_webhooks", "manage"),
    Entry("/account", "desk.nav_account"),
)


def entries_for(session: Session, roles: frozenset[Role]) -> list[Entry]:
    """The links for a person of an operator with these roles."""
    scopes = SCOPES_OF[session.role]
    return [each for each in ENTRIES if each.scope in scopes and (not each.roles or each.roles & roles)]
