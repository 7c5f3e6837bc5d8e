"""The body of `publish_passport`: which version of which content stands, and by what hashes a reader can check it.

The content itself is kept beside the log: parts 2 and 3 are not public. The entry commits to each part. Part 1 by the
SHA-256 of its canonical JSON, which anybody can compute; the others with a salt, because what is easily guessed would
be told by its bare hash. A reader gets content and salt of the parts that are for him; see docs/passport.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from service.domain import units
from service.domain.bodies.markers import ModelId
from service.domain.fields import COMMITMENT_PATTERN, Body, Several, Text
from service.domain.passport.completeness import missing_in_model
from service.domain.passport.tiers import Tier
from service.domain.words import Category

Digest = Annotated[str, Text(44, COMMITMENT_PATTERN)]
_NUMBER = Text(2, r"[1-9]|[1-6][0-9]|7[01]")


@dataclass(frozen=True, slots=True)
class PublishPassport(Body):
    """model_id: for the content of a model; without one the event names its battery.

    points: the numbers of the data points that the content gives. It holds a digest for each part with a data point.
    """

    version: Annotated[int, units.VERSION]
    category: Category
    points: Annotated[tuple[str, ...], Several(_NUMBER, 1, 71)]
    model_id: ModelId | None = None
    pt1_sha256: Digest | None = None
    pt2_sha256: Digest | None = None
    pt3_sha256: Digest | None = None
    pt4_sha256: Digest | None = None

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(map(int, self.points))

    @property
    def digests(self) -> Mapping[Tier, str]:
        """The digests that are there, base64, by tier."""
        given = ((tier, getattr(self, f"{tier.value}_sha256")) for tier in Tier)
        return {tier: digest for tier, digest in given if digest is not None}


def model_subject(model_id: str) -> str:
    """What the content of a model is filed under; that of a battery stands under its code."""
    return f"model:{model_id}"


def missing_for(body: PublishPassport, day: date, *, known: frozenset[int]) -> tuple[int, ...]:
    """What a published content of a model lacks. `known`: what the model itself says."""
    return missing_in_model(body.category, day, body.numbers | known)
