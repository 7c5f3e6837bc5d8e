"""Handing in the content of a passport, and publishing it: an entry that commits to every part of it.

Two steps, because an operator that signs for itself has to see the digests before it signs. Who lets the service sign
does both at once. A content handed in again takes the place of the draft before it; what is published stays for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ledger.entry import format_time
from service.db import views
from service.domain.errors import InvalidBody
from service.domain.passport.completeness import Completeness, check_completeness
from service.domain.passport.composing import numbers_given, points_of_model
from service.domain.passport.content import Content, parse_content
from service.domain.passport.publication import model_subject
from service.domain.passport.tiers import Tier
from service.domain.rules_use import date_in_china
from service.domain.states import BatteryState, Model
from service.domain.words import Category
from service.errors import Fault, NotFoundError, NotPermittedError, RefusedError
from service.operators import CustodialEvent, admit_custodial
from service.passports.keeping import (
    Part,
    content_of,
    find_draft,
    find_parts,
    find_versions,
    forget_drafts,
    keep_parts,
    make_parts,
)
from service.recording.recorder import Recorded, Recorder
from service.work import Register

PUBLISH = "publish_passport"
_CATEGORY = ("the category of a battery without a model is needed", "无型号的电池须填写类别")


@dataclass(frozen=True, slots=True)
class Author:
    """Whose content it is: a model's, or one battery's. published: the newest version that is, 0: none.

    shared: of a battery, the numbers that the published content of its model gives.
    """

    subject: str
    category: Category | None
    published: int
    shared: frozenset[int]
    model: Model | None
    state: BatteryState | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A content that is handed in: what an entry has to say to publish it, and what it still lacks."""

    subject: str
    version: int
    category: Category
    parts: Mapping[Tier, Part]
    completeness: Completeness

    @property
    def body(self) -> dict[str, Any]:
        """The body of the event that publishes it."""
        numbers = sorted(content_of(self.parts))
        body: dict[str, Any] = {"version": self.version, "category": self.category.value}
        body |= {"points": [str(nr) for nr in numbers]}
        if not self.subjects:
            body["model_id"] = self.subject.removeprefix(model_subject(""))
        return body | {f"{tier.value}_sha256": part.text for tier, part in sorted(self.parts.items())}

    @property
    def subjects(self) -> list[str]:
        """The battery that the event names, none for a model."""
        return [] if self.subject.startswith(model_subject("")) else [self.subject]


def author_of_model(register: Register, model_id: str, operator: str) -> Author:
    """The content of a model, for its maker. Raises NotFoundError and NotPermittedError."""
    subject = model_subject(model_id)
    with register.read() as reader:
        model = register.current_registry(reader.connection).models.get(model_id)
        versions = find_versions(reader.connection, [subject]).get(subject, [])
    if model is None:
        raise NotFoundError("no such model in this register")
    if model.maker != operator:
        raise NotPermittedError(f"model {model_id} belongs to {model.maker}")
    newest = versions[-1].version if versions else 0
    return Author(subject, model.body.category, newest, frozenset(), model, None)


def author_of_battery(register: Register, code: str, operator: str) -> Author:
    """The own content of a battery, for who answers for it. Raises NotFoundError and NotPermittedError."""
    with register.read() as reader:
        state = views.load_states(reader.connection, [code]).get(code)
        if state is None:
            raise NotFoundError(f"{code} is not in this register")
        registry = register.current_registry(reader.connection)
        model = registry.models.get(state.model_id) if state.model_id else None
        of_model = model_subject(state.model_id) if state.model_id else code
        found = find_versions(reader.connection, [code, of_model])
    if operator != (state.responsible or state.maker):
        raise NotPermittedError(f"{state.responsible or state.maker} answers for this passport")
    own, shared = found.get(code, []), found.get(of_model, [])
    category = model.body.category if model else Category(own[-1].category) if own else None
    numbers = shared[-1].numbers if model and shared else frozenset[int]()
    return Author(code, category, own[-1].version if own else 0, numbers, model, state)


def hand_in(register: Register, author: Author, given: object, *, category: Category | None = None) -> Draft:
    """Keep a content as the draft of the next version. Raises RefusedError with every fault of it at once."""
    content = read_content(given)
    wanted = author.category or category
    if wanted is None:
        raise RefusedError([Fault("/category", "missing", *_CATEGORY)])
    if category is not None and category is not wanted:
        en, zh = f"the category is {wanted.value}", f"类别应为{wanted.zh}"
        raise RefusedError([Fault("/category", "passport-category", en, zh)])
    parts = make_parts(author.subject, author.published + 1, content, category=wanted)
    with register.write_beside() as connection:
        keep_parts(connection, register.vault, author.subject, author.published + 1, parts)
    return _draft(author, wanted, {part.tier: part for part in parts}, date_in_china(register.clock()))


def read_content(given: object) -> dict[int, dict[str, Any]]:
    """The content in decoded JSON. Raises RefusedError whose pointers begin at `/points`."""
    try:
        return parse_content(given)
    except InvalidBody as error:
        faults = [Fault(f"/points{p.pointer}", p.code, p.message_en, p.message_zh) for p in error.problems]
        raise RefusedError(faults) from None


def find_draft_of(register: Register, author: Author) -> Draft:
    """The draft that was handed in last. Raises NotFoundError."""
    with register.read() as reader:
        parts = find_draft(reader.connection, register.vault, author.subject, published=author.published)
    if not parts:
        raise NotFoundError("no content was handed in since the last version")
    category = Category(next(iter(parts.values())).document["category"])
    return _draft(author, category, parts, date_in_china(register.clock()))


def publish(recorder: Recorder, draft: Draft, *, operator: str, at: datetime | None = None) -> Recorded:
    """Record that a draft is published, signed with the key held for `operator`. Raises its refusal."""
    register = recorder.register
    members = {
        "type": PUBLISH,
        "subjects": draft.subjects,
        "body": draft.body,
        "occurred_at": format_time(at or register.clock()),
    }
    [outcome] = recorder.record([admit_custodial(register, operator, CustodialEvent(members, {}))])
    if not isinstance(outcome, Recorded):
        raise outcome
    return outcome


def discard(register: Register, author: Author) -> int:
    """Drop the draft; gives the number of its parts. What was published stays."""
    with register.write_beside() as connection:
        return forget_drafts(connection, author.subject, published=author.published)


def published_content(register: Register, subject: str) -> dict[int, dict[str, Any]]:
    """The newest published content of a model or battery; empty where there is none."""
    with register.read() as reader:
        versions = find_versions(reader.connection, [subject]).get(subject, [])
        if not versions:
            return {}
        return content_of(find_parts(reader.connection, register.vault, versions[-1].digests))


def merged(content: Content, changes: Mapping[str, Any]) -> dict[str, Any]:
    """A content with changes as they are handed in: by number as text, null takes a value away (RFC 7396)."""
    points: dict[str, Any] = {str(nr): dict(value) for nr, value in content.items()}
    for key, value in changes.items():
        if value is None:
            points.pop(key, None)
        elif isinstance(value, dict) and isinstance(points.get(key), dict):
            there = points[key] | value
            points[key] = {name: each for name, each in there.items() if each is not None}
        else:
            points[key] = value
    return points


def _draft(author: Author, category: Category, parts: Mapping[Tier, Part], day: date) -> Draft:
    numbers = frozenset(content_of(parts))
    if author.state is not None:
        given = numbers_given(author.state, author.model, numbers | author.shared)
    else:
        given = numbers | (points_of_model(author.model) if author.model else frozenset())
    report = check_completeness(category, day, given)
    return Draft(author.subject, author.published + 1, category, parts, report)
