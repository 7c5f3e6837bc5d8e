"""Whether a rate is what a target asks for: pass, fail, or open where the register cannot know.

A rate is known between two bounds. What was passed on may yet be recovered, so it counts for the upper one. Of a batch
that crushes and smelts at once the rate of smelting alone is at least that of both, and at most that divided by the
rate of the step before, which has a target of its own. A target lies between the bounds: open.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from service.domain.recovery.sums import Key, Measure, Stage, Sum
from service.domain.recovery.targets import POWDER_PPM, PPM, RECYCLED_CONTENT, TARGETS, RecycledContent, Target
from service.domain.spans import holds_on
from service.domain.words import Material, Word

UNANALYSED_COUNTS = frozenset({Measure.POWDER, Measure.TARGET_MATERIAL})
"""Measures whose output is a product that may not have been analysed."""


class Outcome(Word):
    PASS = "pass", "met", "达标"
    FAIL = "fail", "missed", "未达标"
    OPEN = "open", "not known yet", "尚无定论"


class Verdict(NamedTuple):
    """in_force: on the day that was asked about; a later target shows what is to come."""

    target: Target
    outcome: Outcome
    in_force: bool


def rate_ppm(amount: Sum) -> int | None:
    """The share recovered as final product, rounded down; None where not all that went in is known."""
    return None if amount.unknown_in_g or not amount.in_mg else amount.out_mg * PPM // amount.in_mg


def is_impossible(amount: Sum) -> bool:
    """More came out than went in."""
    return bool(amount.in_mg) and not amount.unknown_in_g and amount.out_mg + amount.passed_mg > amount.in_mg


def verdicts(key: Key, amount: Sum, day: date) -> list[Verdict]:
    """What the targets in force on `day`, and those after it, say of a rate."""
    return [
        Verdict(target, judge(key, amount, target), holds_on(target, day))
        for target in TARGETS
        if target.measure is key.measure
        and key.stage in target.stages
        and (not target.families or key.family in target.families)
        and (target.until is None or day < target.until)
    ]


def judge(key: Key, amount: Sum, target: Target) -> Outcome:
    """Exact: whole numbers only."""
    if amount.unknown_in_g or not amount.in_mg:
        return Outcome.OPEN
    if target.at_most:
        return Outcome.PASS if amount.out_mg * PPM < target.ppm * amount.in_mg else Outcome.FAIL
    asked = target.ppm * amount.in_mg
    if amount.out_mg * PPM >= asked:
        return Outcome.PASS
    return Outcome.FAIL if _highest(key, amount, target) < asked else Outcome.OPEN


def _highest(key: Key, amount: Sum, target: Target) -> int:
    """The most that can have been recovered, in millionths of a milligram."""
    known = amount.out_mg * PPM
    if target.jurisdiction == "EU":  # the whole chain counts
        return target.ppm * amount.in_mg if amount.unknown_out_g else known + amount.passed_mg * PPM
    if key.measure in UNANALYSED_COUNTS and amount.unknown_out_g:
        return target.ppm * amount.in_mg
    if key.stage is Stage.WHOLE and Stage.PRETREATMENT not in target.stages:
        return known * PPM // POWDER_PPM
    return known


def judge_recycled_content(shares_ppm: Mapping[Material, int], made_on: date) -> list[tuple[RecycledContent, Outcome]]:
    """What Art. 8 says of a battery made on this day with these shares; a share that is not told is open."""
    return [
        (row, Outcome.OPEN if share is None else Outcome.PASS if share >= row.ppm else Outcome.FAIL)
        for row in RECYCLED_CONTENT
        if holds_on(row, made_on)
        for share in (shares_ppm.get(row.material),)
    ]
