"""The parts that a dismantling accounts for by runs of codes, beside the batteries that it names.

An event names 64 batteries, and a battery of cells may have hundreds. So the body tells the others as their
registration lists them: a first code and how many, with what became of each. Every code of a run changes as if the
event named it; the cost is one step for each code, and one event accounts for `PARTS_AT_ONCE` of them.

A module that is taken apart too is taken out and dismantled by the same event: it takes both steps of the lifecycle,
and its own parts are to be accounted for like those of the battery named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from service.domain.bodies.ending import Dismantle
from service.domain.listing import is_serial, joined, run_of
from service.domain.words import Outcome

PARTS_AT_ONCE = 5_000
"""Codes in all runs of one event: more than the largest packs have cells with codes of their own."""
STEPS: Mapping[Outcome, tuple[str, ...]] = {
    Outcome.RECOVERED: ("module",),
    Outcome.MISSING: ("missing",),
    Outcome.DISMANTLED: ("module", "subject"),
}
"""By what became of it, which parts of the event a code plays, one after the other: see `lifecycle.TRANSITIONS`."""
SHOWN = 8
"""Codes or runs in one message."""


class Accounted(NamedTuple):
    """One part, what became of it, and where its run stands in the event."""

    code: str
    outcome: Outcome
    pointer: str


def count_of(body: object) -> int:
    """How many codes the runs of a body have."""
    return sum(run.count for run in body.parts or ()) if isinstance(body, Dismantle) else 0


def accounted_for(body: object) -> Iterator[Accounted]:
    """Every code in the runs of a body, in its order; none where they are too many, which a rule refuses."""
    if not isinstance(body, Dismantle) or body.parts is None or count_of(body) > PARTS_AT_ONCE:
        return
    for at, run in enumerate(body.parts):
        pointer = f"/body/parts/{at}/first"
        for code in run_of(run.first, run.count).codes():
            yield Accounted(code, run.outcome, pointer)


def told_parts(kind: str, body: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The same of the JSON of a recorded event: each code, and the parts of the event that it plays."""
    if kind != "dismantle":
        return
    for run in body.get("parts") or ():
        steps = STEPS[Outcome(run["outcome"])]
        for code in run_of(run["first"], run["count"]).codes():
            yield code, steps


def told_codes(event: Mapping[str, Any]) -> list[str]:
    """All batteries that a recorded event, as JSON, is about: its subjects, and those in runs."""
    return [*event["subjects"], *(code for code, _ in told_parts(event["type"], event["body"]))]


def in_few_words(codes: Sequence[str]) -> str:
    """Codes for a message: a few one by one, many as runs (`001CE12ABCDEFGG2R0000001*96`) up to a number of them."""
    if len(codes) <= SHOWN:
        return ", ".join(codes)
    told = [*(code for code in codes if not is_serial(code)), *_runs(code for code in codes if is_serial(code))]
    return ", ".join(told if len(told) <= SHOWN else [*told[:SHOWN], "…"])


def _runs(codes: Iterable[str]) -> Iterator[str]:
    for run in joined(map(run_of, codes)):
        yield run.code() if run.size == 1 else f"{run.code()}*{run.size}"
