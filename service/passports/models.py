"""The models of an operator, each with how its passport stands."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ledger.entry import parse_entry
from ledger.tree import hash_leaf
from service.db.tables import model
from service.domain.passport.composing import numbers_of_new
from service.domain.passport.publication import model_subject
from service.domain.passport.standing import Place, stand
from service.domain.rules_use import date_in_china
from service.domain.states import Model
from service.errors import NotFoundError
from service.passports.keeping import Published, content_of, find_draft, find_versions
from service.work import Register

PAGE = 25


@dataclass(frozen=True, slots=True)
class ModelPassport:
    """wanted: how many mandatory data points a model is to say; given: how many of them it says, the draft included."""

    model: Model
    newest: Published | None
    drafted: bool
    given: int
    wanted: int


@dataclass(frozen=True, slots=True)
class OwnModels:
    """A page. count: of all. after: the id to go on behind, None on the last page."""

    rows: tuple[ModelPassport, ...]
    count: int
    after: str | None


def list_models(register: Register, operator: str, *, after: str = "") -> OwnModels:
    """Up to 25 models that this operator published, by id."""
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        own = registry.models_of(operator)
        ids = [each for each in own if each > after][: PAGE + 1]
        subjects = [model_subject(each) for each in ids[:PAGE]]
        versions = find_versions(reader.connection, subjects)
        rows = []
        for model_id, subject in zip(ids[:PAGE], subjects, strict=True):
            newest = versions[subject][-1] if subject in versions else None
            rows.append(_passport(reader.connection, register, registry.models[model_id], newest))
    return OwnModels(tuple(rows), len(own), ids[PAGE - 1] if len(ids) > PAGE else None)


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """The entry that published a model. at: when that was recorded."""

    index: int
    at: datetime
    leaf_hash: bytes


def entry_of_model(register: Register, model_id: str) -> ModelEntry:
    """Raises NotFoundError."""
    with register.read() as reader:
        index = reader.connection.execute(select(model.c.idx).where(model.c.id == model_id)).scalar_one_or_none()
        if index is None:
            raise NotFoundError("no such model in this register")
        data = reader.entries_at([index])[index]
    return ModelEntry(index, parse_entry(data).at, hash_leaf(data))


def _passport(connection: Connection, register: Register, known: Model, newest: Published | None) -> ModelPassport:
    published = newest.version if newest else 0
    draft = find_draft(connection, register.vault, model_subject(known.body.model_id), published=published)
    numbers = frozenset(content_of(draft)) if draft else newest.numbers if newest else frozenset[int]()
    day, category = date_in_china(register.clock()), known.body.category
    standing = stand(category, day, numbers_of_new(known, numbers), of_model=True)
    counted = [each for each in standing.values() if each.counts]
    given = sum(each.place is Place.GIVEN for each in counted)
    return ModelPassport(known, newest, bool(draft), given, len(counted))
