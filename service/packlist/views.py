"""What a person keeps for the list of batteries: filters under names of their own, and the columns that are shown.

All of it stands beside the log and belongs to the person alone; colleagues have their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import orjson
from sqlalchemy import Connection, select

from service.db import bulk
from service.db.packlist_tables import pack_view
from service.errors import Fault, RefusedError
from service.packlist.reading import Filter

MOST = 20
"""Filters that one person keeps."""
LONGEST_NAME = 60
_CHOSEN = ""
"""In place of a filter's name: the columns."""
_view = pack_view.c


class Column(StrEnum):
    """What can stand beside the code, in the order of the list."""

    LEVEL = "level"
    MODEL = "model"
    STATE = "state"
    MADE = "made"
    TIE = "tie"
    LABEL = "label"
    EU = "eu"


USUAL = (Column.MODEL, Column.STATE, Column.MADE, Column.LABEL, Column.EU)
"""Of a person who chose nothing."""


@dataclass(frozen=True, slots=True)
class Views:
    """filters: by name, in the order of names. columns: those that were chosen; None: nothing was."""

    filters: Mapping[str, Filter]
    columns: tuple[Column, ...] | None

    @property
    def shown(self) -> tuple[Column, ...]:
        return USUAL if self.columns is None else self.columns


def load_views(connection: Connection, person: str) -> Views:
    """What a person keeps. What an older version kept and this one does not know is left out."""
    rows = connection.execute(select(pack_view).where(_view.person == person).order_by(_view.name))
    found = {row.name: orjson.loads(bytes(row.content)) for row in rows}
    columns = found.pop(_CHOSEN, None)
    known = Filter.__dataclass_fields__
    filters = {name: Filter(**{key: each[key] for key in each if key in known}) for name, each in found.items()}
    return Views(filters, None if columns is None else tuple(each for each in Column if each in columns))


def keep_filter(connection: Connection, person: str, name: str, wanted: Filter) -> None:
    """Keep a filter; one of the same name gives way. Raises RefusedError."""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        en = f"give it a name of up to {LONGEST_NAME} letters"
        raise RefusedError([Fault("/name", "name", en, f"请填写名称，最多{LONGEST_NAME}个字符")])
    if not wanted.asked():
        raise RefusedError([Fault("/name", "filter", "choose something first: this list is not filtered",
                                  "请先选择筛选条件：当前清单未筛选")])  # fmt: skip
    filters = load_views(connection, person).filters
    if name not in filters and len(filters) >= MOST:
        en, zh = f"{MOST} filters are kept already: delete one first", f"已保存{MOST}个筛选条件：请先删除一个"
        raise RefusedError([Fault("/name", "most", en, zh)])
    bulk.writer(connection).upsert(pack_view, [(person, name, orjson.dumps(wanted.asked()))])


def forget_filter(connection: Connection, person: str, name: str) -> None:
    """Delete a filter, if there is one of this name."""
    if name != _CHOSEN:
        connection.execute(pack_view.delete().where(_view.person == person, _view.name == name))


def choose_columns(connection: Connection, person: str, columns: Iterable[str] | None) -> None:
    """Show these columns from now on, in the order of the list; None: the usual ones. Other names are ignored."""
    if columns is None:
        connection.execute(pack_view.delete().where(_view.person == person, _view.name == _CHOSEN))
        return
    given = set(columns)
    chosen = [each.value for each in Column if each.value in given]
    bulk.writer(connection).upsert(pack_view, [(person, _CHOSEN, orjson.dumps(chosen))])
