"""Lists of batteries that people paste or choose: kept for 30 days under an id that follows from their content.

The same list handed in again is the same list. What becomes of each name is looked up anew whenever the list is read.
Vehicle numbers are not kept: they stand for a person's car.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import orjson
from sqlalchemy import Connection, select

from ledger.entry import format_time
from service.db import bulk, views
from service.db.packlist_tables import battery_list
from service.domain.errors import InvalidCode
from service.domain.identifiers.naming import giai_name, link_name
from service.domain.identifiers.recognition import Identified, Scheme, identify
from service.errors import Fault, NotFoundError, RefusedError
from service.lookup import Item, codes_of_items
from service.recording.listings import load_known
from service.recording.registry import Registry
from service.work import Register

MOST = 5_000
LONGEST_NAME = 300
KEPT = timedelta(days=30)
CLEAR_SECONDS = 3_600.0
_BETWEEN = re.compile(r"[\s,，、;；]+")
_list = battery_list.c


@dataclass(frozen=True, slots=True)
class Pasted:
    """A kept list. left_out: vehicle numbers that stood in it."""

    id: str
    operator: str
    made_at: str
    names: tuple[str, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Sought:
    """One name of a list. code: None where no battery of this register is found by it; `why` in English and Chinese."""

    name: str
    code: str | None = None
    why: tuple[str, str] = ("", "")


NOT_HERE = "not in this register", "本登记簿中没有"


def keep_list(connection: Connection, operator: str, text: str, *, now: datetime) -> str:
    """Keep the names in a text; gives the id.

    Raises RefusedError where there are none, or more than MOST.
    """
    names = split_names(text)
    kept = [name for name in names if not _is_vehicle(name)]
    if not names:
        raise _refused("name at least one battery", "请至少填写一个电池")
    if len(names) > MOST:
        raise _refused(
            f"a list has up to {MOST:,d} names, this one has {len(names):,d}: split it",
            f"一份清单最多{MOST:,d}项，此清单有{len(names):,d}项：请分成几份",
        )
    stored = orjson.dumps(kept)
    left_out = len(names) - len(kept)
    id_ = sha256(f"{operator} {left_out} ".encode() + stored).hexdigest()[:32]
    bulk.writer(connection).upsert(battery_list, [(id_, operator, format_time(now), stored, left_out)])
    return id_


def split_names(text: str) -> list[str]:
    """The names in a text, one a line or between commas, semicolons or blanks, each once."""
    return [name[:LONGEST_NAME] for name in dict.fromkeys(_BETWEEN.split(text)) if name]


def load_list(connection: Connection, id_: str, operator: str) -> Pasted:
    """A list of an operator. Raises NotFoundError."""
    row = connection.execute(select(battery_list).where(_list.id == id_, _list.operator == operator)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no list {id_}: lists are kept for {KEPT.days} days")
    return Pasted(row.id, row.operator, row.made_at, tuple(orjson.loads(bytes(row.names))), row.left_out)


def seek(connection: Connection, registry: Registry, names: Sequence[str]) -> list[Sought]:
    """What these names lead to, in order: a fixed number of statements for each few hundred."""
    named: dict[str, Identified] = {}
    faults: dict[str, tuple[str, str]] = {}
    for name in names:
        try:
            named[name] = identify(name)
        except InvalidCode as error:
            faults[name] = str(error), error.reason_zh
    codes = _codes(connection, named)
    known = load_known(connection, sorted(set(codes.values())), registry.models)
    found = []
    for name in names:
        code = codes.get(name)
        here = code if code in known else None
        found.append(Sought(name, here, ("", "") if here else faults.get(name, NOT_HERE)))
    return found


def forget_old(register: Register) -> None:
    """Delete lists that are older than KEPT."""
    with register.write_beside() as connection:
        connection.execute(battery_list.delete().where(_list.made_at < format_time(register.clock() - KEPT)))


def _codes(connection: Connection, named: dict[str, Identified]) -> dict[str, str]:
    codes = {name: each.value for name, each in named.items() if each.scheme is Scheme.CODE}
    items: dict[str, Item] = {}
    others: dict[str, str] = {}
    for name, each in named.items():
        if each.scheme is Scheme.ITEM:
            gtin, _, serial = each.value.partition("/")
            items[name] = gtin, serial.upper()
        elif each.scheme is Scheme.ASSET:
            others[name] = giai_name(each.value)
        elif each.scheme is Scheme.LINK:
            others[name] = link_name(each.value)
    by_item = codes_of_items(connection, items.values())
    by_name = views.find_codes(connection, sorted(set(others.values())))
    codes |= {name: by_item[item] for name, item in items.items() if item in by_item}
    return codes | {name: by_name[other] for name, other in others.items() if other in by_name}


def _is_vehicle(name: str) -> bool:
    try:
        return identify(name).scheme is Scheme.VEHICLE
    except InvalidCode:
        return False


def _refused(en: str, zh: str) -> RefusedError:
    return RefusedError([Fault("/names", "names", en, zh)])
