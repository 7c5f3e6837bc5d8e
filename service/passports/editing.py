"""Writing a content bit by bit: the draft changes by a few data points at a time, and survives until it is published.

A draft begins as what is published. Two people may write the same draft: each change says what it was made from, and
is refused where somebody else has changed that since.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection

from ledger import canonical
from service.domain.passport.completeness import missing_in_model
from service.domain.passport.composing import FOLLOWS, numbers_given, numbers_of_new, points_of_model, values_of_model
from service.domain.passport.content import Content, parse_content
from service.domain.passport.datapoints import UNIT_OF
from service.domain.passport.passport import PointValue
from service.domain.passport.publication import model_subject
from service.domain.passport.standing import Place, Standing, stand
from service.domain.passport.tiers import ALL
from service.domain.rules_use import date_in_china
from service.domain.words import Category
from service.errors import ConflictError, Fault, RefusedError
from service.passports.keeping import (
    content_of,
    find_draft,
    find_parts,
    find_versions,
    forget_drafts,
    keep_parts,
    make_parts,
    take_turn,
)
from service.passports.publishing import Author, published_content
from service.passports.reading import read_passport
from service.work import Register

_MOVED = (
    "somebody changed these data points while you wrote: yours are below, theirs are kept; save again to replace them",
    "您填写期间，他人修改了这些数据项。下方为您填写的内容，已保存的是他人的内容；再次保存将替换",
)
_EMPTY = (
    "a passport that was published keeps at least one data point: nothing was saved",
    "已发布的护照至少须保留一个数据项，未保存任何内容",
)
_NO_CATEGORY = ("choose the category of the battery first: nothing was saved", "请先选择电池类别，未保存任何内容")


class Origin(Enum):
    """Who says a value."""

    OWN = "own"
    MODEL = "model"
    DESIGN = "design"
    """It follows from another data point until it is measured."""
    RECORDED = "recorded"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Writing:
    """A content as it is being written. drafted: it differs from what is published. shared: the content of its model.

    points: every value of the passport as it would be with this content; of a model, those that it says.
    standing: by number, None while nobody has said of which category the battery is.
    """

    author: Author
    category: Category | None
    day: date
    content: Content
    drafted: bool
    shared: Content
    points: Mapping[int, PointValue]
    standing: Mapping[int, Standing] | None

    @property
    def of_model(self) -> bool:
        return self.author.state is None

    @property
    def missing(self) -> tuple[int, ...]:
        """What has to be said here before it is complete."""
        return self._in(Place.MISSING)

    @property
    def blocking(self) -> tuple[int, ...]:
        """What of that keeps it from being published; a battery of a model says only what differs.

        The gate itself is in `service.recording.passport_book`.
        """
        model = self.author.model
        if self.category is None or (model is not None and not self.of_model):
            return ()
        said = points_of_model(model) if model else frozenset[int]()
        return missing_in_model(self.category, self.day, self.content.keys() | said)

    @property
    def left_to_batteries(self) -> tuple[int, ...]:
        """What each battery of the model has to say before it is placed on the market of the Union.

        Without what will follow from a data point that is missing here.
        """
        missing = self.missing
        return tuple(nr for nr in self._in(Place.BATTERY) if FOLLOWS.get(nr) not in missing)

    def origin(self, nr: int) -> Origin:
        """Who says the value of a data point that is there."""
        method = self.points[nr].method
        if method in ("registered", "recorded"):
            return Origin.RECORDED
        if method != "declared":
            return Origin.MEASURED
        if nr in self.content:
            return Origin.MODEL if self.of_model else Origin.OWN
        model = self.author.model
        return Origin.MODEL if nr in self.shared or (model and nr in values_of_model(model)) else Origin.DESIGN

    def _in(self, place: Place) -> tuple[int, ...]:
        return tuple(nr for nr, each in (self.standing or {}).items() if each.place is place)


class Seen(NamedTuple):
    """What somebody had before him who changes it: which data points, and their `mark_of`."""

    numbers: Collection[int]
    mark: str


def open_writing(register: Register, author: Author, *, category: Category | None = None) -> Writing:
    """The draft of this author, or what is published where there is none. category: where nobody has said one yet."""
    with register.read() as reader:
        known, content, drafted, _ = _present(reader.connection, register, author)
    category, day = known or category, date_in_china(register.clock())
    if author.state is None:
        points = dict(values_of_model(author.model)) if author.model else {}
        points |= {nr: PointValue(nr, value, UNIT_OF.get(nr), None, None, "declared") for nr, value in content.items()}
        given = numbers_of_new(author.model, content)
        shared: Content = {}
    else:
        model = author.model.body.model_id if author.model else None
        shared = published_content(register, model_subject(model)) if model else {}
        points = dict(read_passport(register, author.state.code, audiences=ALL, own=content).points)
        given = numbers_given(author.state, author.model, content.keys() | shared.keys())
    standing = stand(category, day, given, of_model=author.state is None) if category else None
    return Writing(author, category, day, content, drafted, shared, points, standing)


def save_points(
    register: Register,
    author: Author,
    changes: Mapping[int, Mapping[str, Any] | None],
    *,
    seen: Seen,
    category: Category | None = None,
) -> None:
    """Put values into the draft, None takes one away. seen: what they were made from.

    Raises ConflictError where they have changed since, RefusedError where nothing would be left or the category is
    not known; InvalidBody for a value that does not keep to its shape.
    """
    values = {str(nr): value for nr, value in changes.items() if value is not None}
    checked = parse_content(values) if values else {}
    with register.write_beside() as connection:
        take_turn(connection, author.subject)
        now = _present(connection, register, author)
        if mark_of(now.content, seen.numbers) != seen.mark:
            raise ConflictError(_MOVED[0], [Fault("", "moved", *_MOVED)])
        after = {nr: value for nr, value in now.content.items() if nr not in changes} | checked
        wanted = now.category or category
        if after and wanted is not None:
            parts = make_parts(author.subject, now.published + 1, dict(sorted(after.items())), category=wanted)
            keep_parts(connection, register.vault, author.subject, now.published + 1, parts)
        elif now.published or after:
            raise RefusedError([Fault("", "missing", *(_EMPTY if not after else _NO_CATEGORY))])
        else:
            forget_drafts(connection, author.subject, published=0)


def mark_of(content: Content, numbers: Collection[int]) -> str:
    """What tells whether one of these data points has another value by now."""
    values = {str(nr): dict(content[nr]) for nr in sorted(numbers) if nr in content}
    return sha256(canonical.encode(values)).hexdigest()[:16]


def content_at(register: Register, author: Author, version: int) -> dict[int, dict[str, Any]] | None:
    """A published content, as far as it is kept; None where there is no such version."""
    with register.read() as reader:
        versions = find_versions(reader.connection, [author.subject]).get(author.subject, [])
        found = next((each for each in versions if each.version == version), None)
        return content_of(find_parts(reader.connection, register.vault, found.digests)) if found else None


def changed_numbers(before: Content, after: Content) -> tuple[int, ...]:
    """The data points that two contents say differently, or only one of them."""
    return tuple(nr for nr in sorted(before.keys() | after.keys()) if before.get(nr) != after.get(nr))


class _Present(NamedTuple):
    category: Category | None
    content: Content
    drafted: bool
    published: int


def _present(connection: Connection, register: Register, author: Author) -> _Present:
    """How the content stands at this moment, whatever was known when the author was looked up."""
    versions = find_versions(connection, [author.subject]).get(author.subject, [])
    published = versions[-1].version if versions else 0
    draft = find_draft(connection, register.vault, author.subject, published=published)
    if draft:
        category = Category(next(iter(draft.values())).document["category"])
        return _Present(category, content_of(draft), True, published)
    if not versions:
        return _Present(author.category, {}, False, 0)
    parts = find_parts(connection, register.vault, versions[-1].digests)
    return _Present(Category(versions[-1].category), content_of(parts), False, published)
