"""The lists behind the numbers, as entries make them: batches, masses that fall short, codes that look alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from service.db.figure_tables import figure_item
from service.domain.rules_use import MASS_TOLERANCE_PERCENT
from service.figures.lives import Life, Told
from service.figures.tally import Tally, add, day_of

BATCHES, SHORTFALL, NEAR = "batches", "shortfall", "near"
REMEASURED = "remeasured"
"""Measurements that were corrected: `amount_g` is the entry of the newest correction."""
_item = figure_item.c


class Item(NamedTuple):
    """A row of `figure_item`. operator: whose it is. other: who gave it, or the code that looks like this one.

    amount_g, expected_g: of a batch, the batteries and the lots that went in; of a shortfall, what was weighed and what
    there was to weigh.
    """

    list: str
    index: int  # type: ignore[assignment]  # the field's word; tuple.index is of no use here
    code: str
    operator: str
    other: str
    month: str
    amount_g: int
    expected_g: int

    @property
    def key(self) -> tuple[str, int, str]:
        return self.list, self.index, self.code


Items = dict[tuple[str, int, str], Item]


class ItemBook:
    """What a stretch adds to the lists and takes from them."""

    def __init__(self, connection: Connection, added: Items, removed: Items) -> None:
        self._connection, self._added, self._removed = connection, added, removed

    def add(self, item: Item) -> None:
        """Put it on its list."""
        self._added[item.key] = item

    def forget(self, name: str, index: int, code: str) -> Item | None:
        """Take it from its list, if it is there; gives it."""
        key = (name, index, code)
        if key in self._added:
            found = self._added.pop(key)
        else:
            query = select(figure_item).where(_item.list == name, _item.idx == index, _item.code == code)
            row = self._connection.execute(query).one_or_none()
            if row is None or key in self._removed:
                return None
            found = self._removed[key] = Item(*row)
        return found

    def forget_near(self, code: str, maker: str) -> None:
        """Take the pairs from their list that this code, which was voided, is one of. There are few of a maker."""
        query = select(figure_item).where(_item.list == NEAR, _item.operator == maker)
        rows = self._connection.execute(query.where(or_(_item.code == code, _item.other == code)))
        stored = [Item(*row) for row in rows]
        for item in [*stored, *self._added.values()]:
            if item.list == NEAR and code in (item.code, item.other):
                self.forget(NEAR, item.index, item.code)

    def weigh_again(self, told: Told, mass_g: int, expected_g: int | None) -> None:
        """A mass on receipt was told anew. expected_g: what there was to weigh, None where that is not known."""
        before = self.forget(SHORTFALL, told.index, told.subjects[0])
        expected_g = before.expected_g if before else expected_g
        if expected_g is not None and (item := _shortfall(told, mass_g, expected_g)):
            self.add(item)


def batch_of(told: Told) -> Item:
    """A recycling batch."""
    body = told.body
    month = (body.get("done_on") or day_of(told.at))[:7]
    batteries, lots = (0, body["input_mass_g"]) if body.get("input_lots") else (body["input_mass_g"], 0)
    return Item(BATCHES, told.index, "", told.actor, "", month, batteries, lots)


def lots_of(told: Told, tally: Tally) -> None:
    """Count the lots that a batch gives, and those that it takes in."""
    month = (told.body.get("done_on") or day_of(told.at))[:7]
    for output in told.body["outputs"]:
        add(tally.lot, (month, told.actor, output["material"], ""), (output["mass_g"], 0))
    for lot in told.body.get("input_lots") or ():
        add(tally.lot, (month, lot["from_operator"], lot["material"], told.actor), (0, lot["mass_g"]))


def shortfall_of(told: Told, lives: Mapping[str, Life]) -> Item | None:
    """Whether what was weighed on receipt is less than what there was, by more than the scales may err."""
    mass_g = told.body.get("mass_g")
    return None if mass_g is None else _shortfall(told, mass_g, sum(life.mass_g for life in lives.values()))


def _shortfall(told: Told, mass_g: int, expected_g: int) -> Item | None:
    """Source of the tolerance: conservation rule 4."""
    if mass_g * 100 >= expected_g * (100 - MASS_TOLERANCE_PERCENT):
        return None
    giver, month = told.body["from_operator"], day_of(told.at)[:7]
    return Item(SHORTFALL, told.index, told.subjects[0], told.actor, giver, month, mass_g, expected_g)
