"""The header's links after sign-in: who sees which. A page that belongs there adds its row."""

from typing import NamedTuple

from service.domain.events import KINDS
from service.domain.roles import SUPERVISORS, Role
from service.people.roles import SCOPES_OF
from service.people.sessions import Session


class Entry(NamedTuple):
    """A link: where to, what it says (a key of the catalogue), the scope and the operator's roles that it needs.

    `also`: rooms with addresses of their own that belong to it.
    """

    path: str
    text: str
    scope: str = "read"
    roles: frozenset[Role] = frozenset()
    also: tuple[str, ...] = ()

    def current(self, path: str) -> str | None:
        """`aria-current` of the link on the page at `path`: page, true for one that belongs to it, or None."""
        if path == self.path:
            return "page"
        rooms = (self.path, *self.also) if self.path != "/desk" else self.also
        return "true" if any(path == room or path.startswith(f"{room}/") for room in rooms) else None


OVERSIGHT = (
    Entry("/desk", "desk.nav_start"),
    Entry("/desk/ledger", "desk.nav_ledger", roles=SUPERVISORS, also=("/desk/entries",)),
    Entry("/desk/figures", "desk.nav_figures", roles=SUPERVISORS),
    Entry("/desk/cases", "desk.nav_cases", roles=SUPERVISORS),
    Entry("/desk/duties", "desk.nav_duties", roles=SUPERVISORS, also=("/desk/licences",)),
    Entry("/desk/organisations", "desk.nav_organisations", roles=SUPERVISORS),
    Entry("/desk/reports", "desk.nav_reports", roles=SUPERVISORS),
    Entry("/desk/reported", "desk.nav_reported"),
)
BATTERIES = (
    Entry("/desk/packs", "desk.nav_packs", also=("/desk/register",)),
    Entry("/desk/models", "desk.nav_models", roles=KINDS["publish_model"].roles, also=("/desk/new-model",)),
    Entry("/desk/imports", "desk.nav_imports", "record"),
    Entry("/desk/labels", "desk.nav_labels"),
    Entry("/desk/documents", "desk.nav_documents"),
    Entry("/w", "desk.nav_phone", "record"),
)
ORGANISATION = (
    Entry("/desk/people", "desk.nav_people", "manage"),
    Entry("/desk/applications", "desk.nav_applications", "manage", frozenset({Role.AUTHORITY})),
    Entry("/desk/access", "desk.nav_access"),
    Entry("/desk/keys", "desk.nav_keys", "manage"),
    Entry("/desk/webhooks", "desk.nav_webhooks", "manage"),
    Entry("/account", "desk.nav_account"),
)


def entries_for(session: Session, roles: frozenset[Role]) -> list[list[Entry]]:
    """The links for a person of an operator with these roles, in groups of which none is empty."""
    scopes = SCOPES_OF[session.role]
    found = []
    for group in (OVERSIGHT, BATTERIES, ORGANISATION):
        found.append([each for each in group if each.scope in scopes and (not each.roles or each.roles & roles)])
    return [group for group in found if group]
