"""Changing a passport through the EN 18222 interface: each change is a new published version of the battery's content.

What the register knows from what was recorded is not changed here but by the events that say otherwise, and a passport
that was published is never deleted: Regulation (EU) 2023/1542, Art. 77(8) ends it only with the battery's recycling.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import select

from ledger.entry import format_hash, format_time
from service.db.passport_tables import passport_registration
from service.domain.passport.datapoints import RECORDED
from service.domain.passport.passport import Passport
from service.domain.words import Category
from service.errors import ConflictError, Fault, NotPermittedError, RefusedError
from service.passports.elements import changes_in
from service.passports.publishing import author_of_battery, discard, hand_in, merged, publish, published_content
from service.recording.recorder import Recorder
from service.work import Register

ART_77_8 = "Regulation (EU) 2023/1542, Art. 77(8)"
_registration = passport_registration.c


def change_passport(recorder: Recorder, passport: Passport, given: Mapping[str, Any], *, operator: str) -> None:
    """Publish the next version with what was sent. Raises RefusedError, NotPermittedError or ConflictError."""
    changes = changes_in(given, passport)
    unchanged = {
        str(nr) for nr in RECORDED if nr in passport.points and changes.get(str(nr)) == dict(passport.points[nr].value)
    }
    change_points(
        recorder, passport, {nr: value for nr, value in changes.items() if nr not in unchanged}, operator=operator
    )


def change_points(recorder: Recorder, passport: Passport, changes: Mapping[str, Any], *, operator: str) -> None:
    """As `change_passport`, by the numbers of the data points."""
    register = recorder.register
    if passport.has_ceased:
        raise ConflictError("this passport has ceased to exist with its battery")
    author = author_of_battery(register, passport.code, operator)
    if not changes:
        en, zh = "nothing is changed", "没有任何修改"
        raise RefusedError([Fault("", "missing", en, zh)])
    points = merged(published_content(register, passport.code), changes)
    draft = hand_in(register, author, points, category=passport.category)
    publish(recorder, draft, operator=operator)


def create_passport(
    recorder: Recorder, passport: Passport, given: Mapping[str, Any], *, operator: str, category: Category | None
) -> None:
    """Publish the first version of a battery's own content. Raises ConflictError where there is one."""
    register = recorder.register
    author = author_of_battery(register, passport.code, operator)
    if author.published:
        raise ConflictError(f"the passport of {passport.code} is there already, in version {passport.version.text}")
    changes = changes_in(given, passport)
    draft = hand_in(register, author, changes, category=category or passport.category)
    publish(recorder, draft, operator=operator)


def delete_passport(register: Register, passport: Passport, *, operator: str) -> None:
    """Drop what was handed in and never published. Raises NotPermittedError for what was."""
    author = author_of_battery(register, passport.code, operator)
    version = passport.version
    if version.model or version.item or not discard(register, author):
        en = "a passport that was published is not deleted: it ends when its battery has been recycled"
        zh = "已发布的护照不可删除：仅在电池再生利用后终止"
        raise NotPermittedError(en, [Fault("/dppId", "published", en, zh, ART_77_8)])


def register_passport(register: Register, code: str, entry: Mapping[str, str], *, operator: str) -> tuple[str, bool]:
    """Note in this register's own registry that the passport is served there; gives the id, and whether it is new.

    The registry of the Union (Implementing Regulation (EU) 2026/1778) is the Commission's: this one is for those who
    have none at hand. The id follows from what is registered, so that the same entry has the same one.
    """
    body = orjson.dumps(dict(entry), option=orjson.OPT_SORT_KEYS)
    name = format_hash(sha256(body).digest())
    row = passport_registration.insert().values(
        id=name, code=code, operator=operator, at=format_time(register.clock()), body=body
    )
    with register.write_beside() as connection:
        known = connection.execute(select(_registration.id).where(_registration.id == name)).scalar_one_or_none()
        if known is None:
            connection.execute(row)
    return name, known is None


def registrations_of(register: Register, code: str) -> list[dict[str, Any]]:
    """What was registered of a battery's passport, oldest first."""
    query = select(passport_registration).where(_registration.code == code).order_by(_registration.at, _registration.id)
    with register.read() as reader:
        rows = list(reader.connection.execute(query))
    return [{"id": row.id, "at": row.at, "operator": row.operator, **orjson.loads(bytes(row.body))} for row in rows]
