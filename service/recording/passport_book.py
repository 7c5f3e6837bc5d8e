"""The passports of a commit's events: what is published follows on what was, and nothing incomplete goes on the market.

The law's gates are here because they need look-ups: Regulation (EU) 2023/1542, Art. 77(1) and (4). What stands beside
the log is looked at only when an event comes in; when entries are replayed, their own words decide.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger import canonical
from ledger.entry import format_time
from service.db import bulk
from service.db.passport_tables import passport_version
from service.domain.bodies import PlaceOnMarket
from service.domain.case import Facts
from service.domain.events import Event, body_mapping
from service.domain.passport.completeness import check_completeness, needs_passport
from service.domain.passport.composing import numbers_given, points_of_model
from service.domain.passport.datapoints import APPLIES_FROM, DATA_POINTS
from service.domain.passport.publication import PublishPassport, missing_for, model_subject
from service.domain.states import BatteryState, Model, PassportStatus
from service.domain.words import Category, Market
from service.errors import ConflictError, Fault, FaultyError, NotPermittedError, RefusedError
from service.passports.keeping import content_of, find_parts, find_versions
from service.passports.slots import CREATING, Source, save_sources, source_of
from service.private.values import Cabinet

ART_77_4 = "Regulation (EU) 2023/1542, Art. 77(4)"
ART_77_1 = "Regulation (EU) 2023/1542, Art. 77(1)"
ART_77_3 = "Regulation (EU) 2023/1542, Art. 77(3)"
_NO_CONTENT = ("no passport of this battery is published", "该电池的护照尚未发布")


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest published content of a subject: its version, the numbers it gives, for which category."""

    version: int
    numbers: frozenset[int]
    category: Category


@dataclass(frozen=True, slots=True)
class PassportMark:
    """A point to go back to."""

    newest: dict[str, Newest]
    rows: int
    sources: int
    created: frozenset[str]


class PassportBook:
    """Published contents and the sources of passports, as they change from event to event."""

    def __init__(self, connection: Connection, cabinet: Cabinet) -> None:
        self._connection = connection
        self._cabinet = cabinet
        self._newest: dict[str, Newest] = {}
        self._rows: list[tuple[str, int, int, str, bytes]] = []
        self._sources: list[Source] = []
        self._created: set[str] = set()

    def look_up(self, events: Iterable[Event], states: Mapping[str, BatteryState]) -> None:
        """Learn what is published of the models and batteries of these events."""
        wanted = set()
        for event in events:
            if isinstance(event.body, PublishPassport):
                wanted.add(_subject(event, event.body))
            elif isinstance(event.body, PlaceOnMarket):
                models = [state.model_id for code in event.subjects if (state := states.get(code))]
                wanted |= {*event.subjects, *(model_subject(each) for each in models if each)}
        for subject, versions in find_versions(self._connection, sorted(wanted)).items():
            last = versions[-1]
            self._newest[subject] = Newest(last.version, last.numbers, Category(last.category))

    def settle(self, event: Event, after: dict[str, BatteryState], facts: Facts) -> dict[str, BatteryState]:
        """The states after an event that the rules accept, or raise why its passport does not allow it."""
        if isinstance(event.body, PublishPassport):
            self._check_publication(event, event.body, facts)
        elif isinstance(event.body, PlaceOnMarket):
            return {code: self._placed(event.body, state, facts) for code, state in after.items()}
        return after

    def note(self, event: Event, index: int, received_at: datetime) -> None:
        """Take in an accepted event."""
        body = event.body
        if isinstance(body, PublishPassport):
            subject = _subject(event, body)
            self._newest[subject] = Newest(body.version, body.numbers, body.category)
            stored = canonical.encode(body_mapping(body))
            self._rows.append((subject, body.version, index, format_time(received_at), stored))
        self._sources += [row for code in event.subjects if (row := source_of(code, event, index))]
        if event.kind in CREATING and event.subjects:
            self._created.add(event.subjects[0])

    def save(self, connection: Connection) -> None:
        """Store what the accepted events changed."""
        bulk.writer(connection).insert(passport_version, self._rows)
        save_sources(connection, self._sources, created=frozenset(self._created))

    def mark(self) -> PassportMark:
        """Remember the present point."""
        return PassportMark(dict(self._newest), len(self._rows), len(self._sources), frozenset(self._created))

    def back_to(self, mark: PassportMark) -> None:
        """Forget what was taken in since `mark`."""
        self._newest, self._created = dict(mark.newest), set(mark.created)
        del self._rows[mark.rows :]
        del self._sources[mark.sources :]

    def _check_publication(self, event: Event, body: PublishPassport, facts: Facts) -> None:
        subject = _subject(event, body)
        model = _check_author(event, body, facts)
        known = self._newest.get(subject)
        following = known.version + 1 if known else 1
        if body.version != following:
            en, zh = f"the next version is {following}", f"下一版本应为{following}"
            raise ConflictError(en, [Fault("/body/version", "passport-version", en, zh, ART_77_4)])
        if model is not None and body.category is not model.body.category:
            en = f"the model is of category {model.body.category.value}"
            zh = f"型号的类别为{model.body.category.zh}"
            raise RefusedError([Fault("/body/category", "passport-category", en, zh, ART_77_1)])
        if not event.subjects or model is None:
            said = points_of_model(model) if model else frozenset[int]()
            if missing := missing_for(body, facts.today, known=said):
                raise RefusedError(_missing_faults(missing, "/body/points"))
        if not self._cabinet.replaying:
            self._check_content(body, subject)

    def _check_content(self, body: PublishPassport, subject: str) -> None:
        """The content that the entry publishes stands beside the log, and says what the entry says of it."""
        parts = find_parts(self._cabinet.connection, self._cabinet.vault, body.digests)
        said = {"category": body.category.value, "subject": subject, "version": body.version}
        for tier in body.digests:
            document = dict(parts[tier].document) if tier in parts else {}
            document.pop("points", None)
            if document != said | {"tier": tier.value}:
                en = "no such content was handed in: PUT it first, and sign the digests of the answer"
                raise RefusedError(
                    [Fault(f"/body/{tier.value}_sha256", "content", en, "未提交该内容：请先提交，再签署返回的摘要")]
                )
        if frozenset(content_of(parts)) != body.numbers:
            en, zh = "these are not the data points that the content gives", "与内容中的数据项不符"
            raise RefusedError([Fault("/body/points", "content", en, zh)])

    def _placed(self, body: PlaceOnMarket, state: BatteryState, facts: Facts) -> BatteryState:
        """A battery after it was placed on the market: its passport is in force only there and if it is complete."""
        before = facts.states[state.code].passport
        if body.market is not Market.EU:
            return state.changed({"passport": before})
        model = facts.models.get(state.model_id) if state.model_id else None
        of_model = self._newest.get(model_subject(state.model_id)) if state.model_id else None
        own = self._newest.get(state.code)
        main = of_model or own
        if body.passport_version is not None and (main is None or body.passport_version > main.version):
            en = f"there is no version {body.passport_version} of the passport"
            zh = f"护照没有版本{body.passport_version}"
            raise RefusedError([Fault("/body/passport_version", "passport-version", en, zh, ART_77_3)])
        required = body.placed_on >= APPLIES_FROM
        category = model.body.category if model else own.category if own else None
        if category is None:
            if required:
                raise RefusedError([Fault("/body/passport_version", "passport-content", *_NO_CONTENT, ART_77_1)])
            return state.changed({"passport": before})
        contents = (of_model.numbers if of_model else frozenset()) | (own.numbers if own else frozenset())
        check = check_completeness(category, body.placed_on, numbers_given(state, model, contents))
        if required and needs_passport(category, state.energy_wh) and not check.is_complete:
            raise RefusedError(_missing_faults(check.missing, "/body/passport_version"))
        return state.changed({"passport": PassportStatus.ACTIVE if check.is_complete else before})


def _subject(event: Event, body: PublishPassport) -> str:
    return event.subjects[0] if event.subjects else model_subject(body.model_id or "")


def _check_author(event: Event, body: PublishPassport, facts: Facts) -> Model | None:
    """The model whose content is published, or which the battery is of. Raises where it is not the actor's to say."""
    if (event.subjects and body.model_id is not None) or (not event.subjects and body.model_id is None):
        en, zh = "a passport is of a model or of one battery", "护照须属于一个型号或一个电池"
        raise RefusedError([Fault("/body/model_id", "passport-subject", en, zh)])
    if body.model_id is not None:
        model = facts.models.get(body.model_id)
        if model is None:
            en, zh = f"model {body.model_id} is not published", f"型号{body.model_id}未发布"
            raise RefusedError([Fault("/body/model_id", "model-unknown", en, zh)])
        if model.maker != event.actor:
            raise _not_theirs(
                f"model {body.model_id} belongs to {model.maker}", f"型号{body.model_id}属于{model.maker}"
            )
        return model
    state = facts.states[event.subjects[0]]
    answers = state.responsible or state.maker
    if event.actor != answers:
        raise _not_theirs(f"{answers} answers for this passport", f"该护照由{answers}负责")
    return facts.models.get(state.model_id) if state.model_id else None


def _not_theirs(en: str, zh: str) -> FaultyError:
    return NotPermittedError(en, [Fault("/actor", "passport-author", en, zh, ART_77_4)])


def _missing_faults(missing: Iterable[int], pointer: str) -> list[Fault]:
    """One for each data point, by number."""
    rows = [DATA_POINTS[nr] for nr in missing]
    return [
        Fault(
            pointer,
            f"data-point-{row.nr}",
            f"data point {row.nr} is missing: {row.en}",
            f"缺少数据项{row.nr}：{row.zh}",
            row.source,
        )
        for row in rows
    ]
