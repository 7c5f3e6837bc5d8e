"""The gate of documents: who may see one, who may add one. One that somebody may not see is not there for him."""

from typing import Any

from api.auth import present_caller, present_registry, signed_in
from api.disclosing import note_shown
from api.edge import current_register
from api.passport_gate import leave_of, ties_of
from ledger.entry import format_hash
from service.db.views import load_states
from service.disclosure.readings import Disclosed, owner_of
from service.documents.keeping import Document, find_document, list_documents
from service.domain.papers import RULES, Paper
from service.domain.passport.publication import model_subject
from service.domain.passport.tiers import Tier
from service.domain.roles import Role
from service.errors import NotFoundError, NotPermittedError
from service.history import battery_history, may_read_all
from service.lookup import resolve_battery
from service.passports.access import Leave, Ties

MODEL = model_subject("")
DOCUMENTS = "/v1/documents"


def subject_of(text: str) -> str:
    """What documents stand under. Raises NotFoundError or InvalidCode."""
    if not text.startswith(MODEL):
        return resolve_battery(current_register(), text)
    if text.removeprefix(MODEL) not in present_registry().models:
        raise NotFoundError("there is no such model in this register")
    return text


def visible_documents(subject: str, *, before: str | None = None) -> list[Document]:
    """A page of the documents of a battery or model, as far as the present caller may see them."""
    leave, owner = _leave(subject)
    with current_register().read() as reader:
        found = list(list_documents(reader.connection, subject, leave.tiers, before=before))
    if any(each.tier is not Tier.PT1 for each in found):
        note_shown([Disclosed(subject, owner, frozenset({"documents"}), leave.supervised)])
    return found


def open_document(id_: str) -> Document:
    """A document that is about to be handed out to the present caller. Raises NotFoundError."""
    caller = present_caller()
    with current_register().read() as reader:
        found = find_document(reader.connection, id_)
    own = caller is not None and caller.operator == found.operator and "read" in caller.scopes
    if found.tier is Tier.PT1 or own:
        return found
    leave, owner = _leave(found.subject)
    if found.tier not in leave.tiers:
        raise NotFoundError("there is no such document")
    note_shown([Disclosed(found.subject, owner, frozenset({f"document:{found.digest.hex()[:32]}"}), leave.supervised)])
    return found


def check_may_add(subject: str, kind: Paper) -> None:
    """Raise NotPermittedError unless the present caller may add this to the battery or model."""
    operator, owner = signed_in().operator, _owner(subject)
    if operator == owner:
        return
    if not RULES[kind].party or subject.startswith(MODEL):
        raise NotPermittedError(f"a {kind.en} is added by {owner}, who answers for it")
    history = battery_history(current_register(), subject)
    if not may_read_all(signed_in(), history, present_registry()):
        raise NotPermittedError(f"a {kind.en} is added by those who took part in the battery's life")


def check_may_remove(found: Document) -> None:
    """Raise NotFoundError unless the present caller added it or runs the register."""
    caller = signed_in().operator
    if caller != found.operator and Role.AUTHORITY not in present_registry().roles_of(caller):
        raise NotFoundError("there is no such document of yours")


def document_members(found: Document) -> dict[str, Any]:
    """A document as JSON."""
    return {
        "id": found.id,
        "subject": found.subject,
        "kind": found.kind.value,
        "kind_title": found.kind.en,
        "kind_title_zh": found.kind.zh,
        "tier": found.tier.value,
        "media_type": found.media_type.value,
        "bytes": found.bytes,
        "name": found.name,
        "sha256": found.digest.hex(),
        "digest": format_hash(found.digest),
        "url": f"{current_register().settings.base_url}{DOCUMENTS}/{found.id}",
        "operator": found.operator,
        "added_at": found.added_at,
    }


def _leave(subject: str) -> tuple[Leave, str]:
    owner = _owner(subject)
    return leave_of(Ties(frozenset({owner})) if subject.startswith(MODEL) else ties_of(subject)), owner


def _owner(subject: str) -> str:
    """Whose data they are."""
    if subject.startswith(MODEL):
        model = present_registry().models.get(subject.removeprefix(MODEL))
        return model.maker if model else ""
    with current_register().read() as reader:
        states = load_states(reader.connection, [subject])
    return owner_of(states[subject]) if subject in states else ""
