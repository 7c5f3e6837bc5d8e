"""Lineage: what became of a battery's matter, as links that each entry adds and none takes away.

A link runs from a part or input to what holds its matter from then on, or held it until then:

- built_into, taken_out, dismantled_from, lost_from: a module or cell and the pack or module around it;
- consumed_into: a battery and the product of its second life;
- recycled_into: a battery or lot and the batch of recycling it went into; yielded: the batch and each lot it gave.

Links follow from how an event changed the states of its subjects, so a new kind of event needs nothing here. Parts that
were listed with their pack have no link for that: see `listing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from service.domain.bodies import Recycle
from service.domain.events import Event
from service.domain.materials.lots import lot_key
from service.domain.states import BatteryState, OpState
from service.domain.words import Word

BATCH, LOT = "batch:", "lot:"


class Link(Word):
    BUILT_INTO = "built_into", "built into", "装入"
    TAKEN_OUT = "taken_out", "taken out of", "拆出自"
    DISMANTLED_FROM = "dismantled_from", "dismantled from", "拆解自"
    LOST_FROM = "lost_from", "missing from", "缺失于"
    CONSUMED_INTO = "consumed_into", "became part of", "转为"
    RECYCLED_INTO = "recycled_into", "recycled in", "再生利用于"
    YIELDED = "yielded", "gave", "产出"


_RECYCLED = Link.RECYCLED_INTO
LEFT = frozenset({Link.TAKEN_OUT, Link.DISMANTLED_FROM, Link.LOST_FROM})
"""The part is not in the whole any more."""


SEEN_BACK: dict[Link, tuple[str, str]] = {
    Link.BUILT_INTO: ("has or had as a part", "含有或曾含有"),
    Link.TAKEN_OUT: ("gave out", "拆出"),
    Link.DISMANTLED_FROM: ("was dismantled into", "拆解得到"),
    Link.LOST_FROM: ("misses", "缺失"),
    Link.CONSUMED_INTO: ("was made of", "来源于"),
    Link.RECYCLED_INTO: ("took in", "投料"),
    Link.YIELDED: ("came out of", "产自"),
}
"""What a link says of its target, in English and Chinese."""


class Edge(NamedTuple):
    """One link between two nodes: codes of batteries, `batch:<index of the entry>`, `lot:<key of the lot>`."""

    source: str
    target: str
    link: Link


def edges_of(
    event: Event, index: int, before: Mapping[str, BatteryState], after: Mapping[str, BatteryState]
) -> tuple[Edge, ...]:
    """The links that `event` adds as entry `index`. before, after: states of its subjects; a new one has none before.

    An event that adds none costs a look at each subject.
    """
    return tuple(dict.fromkeys(_edges(event, index, before, after)))


def _edges(
    event: Event, index: int, before: Mapping[str, BatteryState], after: Mapping[str, BatteryState]
) -> Iterator[Edge]:
    for code, state in after.items():
        earlier = before.get(code)
        had, has = earlier.parent if earlier else None, state.parent
        if had is not None and had != has:
            yield Edge(code, had, _leaving(event, state))
        if has is not None and had != has:
            yield Edge(code, has, Link.BUILT_INTO)
        if state.consumed_into is not None and (earlier is None or earlier.consumed_into != state.consumed_into):
            yield Edge(code, state.consumed_into, Link.CONSUMED_INTO)
        if state.op_state is OpState.RECYCLED and (earlier is None or earlier.op_state is not OpState.RECYCLED):
            yield Edge(code, batch_node(index), _RECYCLED)
    if isinstance(event.body, Recycle):
        for each in event.body.input_lots or ():
            yield Edge(lot_node(lot_key(each.from_operator, each.material, each.lot)), batch_node(index), _RECYCLED)
        for output in event.body.outputs:
            lot = lot_node(lot_key(event.actor, output.material, output.lot))
            yield Edge(batch_node(index), lot, Link.YIELDED)


def _leaving(event: Event, state: BatteryState) -> Link:
    if state.op_state is OpState.LOST:
        return Link.LOST_FROM
    return Link.DISMANTLED_FROM if event.kind == "dismantle" else Link.TAKEN_OUT


def batch_node(index: int) -> str:
    """The node of the recycling batch that entry `index` records."""
    return f"{BATCH}{index}"


def lot_node(key: str) -> str:
    """The node of a lot of material, from its key."""
    return f"{LOT}{key}"
