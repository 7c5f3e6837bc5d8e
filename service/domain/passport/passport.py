"""A battery passport as somebody may see it: data points by number, and the facts that identify it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from service.domain.passport.tiers import Tier
from service.domain.states import LifeStatus, OpState, PassportStatus
from service.domain.words import Category


@dataclass(frozen=True, slots=True)
class PointValue:
    """The value of one data point.

    value: plain JSON, the fields of its shape in `shapes.SHAPES`, whole numbers of the unit in the field's name.
    at: when it was true in the world; by: who says so; method: how it was found: "registered", "declared" (by the
    model), "computed", or the method that a measurement names. uncertainty_ppm: where a measurement gives it.
    index: the entry of the log that it comes from, None for what follows from several.
    """

    nr: int
    value: Mapping[str, Any]
    unit: str | None
    at: datetime | None
    by: str | None
    method: str
    uncertainty_ppm: int | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """An economic operator as enrolled."""

    operator_id: str
    name: str
    name_en: str | None
    uscc: str | None
    region: str


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of a passport this is, and how the log fixes it.

    model, item: the numbers of the published contents, 0: none. seq: how many entries name the battery. Together they
    name one content for ever. digests: by tier, what the newest `publish_passport` entries commit to, base64, first of
    the model and then of the item. indexes: the entries that say so.
    """

    model: int
    item: int
    seq: int
    digests: Mapping[str, Mapping[Tier, str]] = field(default_factory=dict)
    indexes: Mapping[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return f"{self.model}.{self.item}.{self.seq}"


@dataclass(frozen=True, slots=True)
class Passport:
    """A passport at one moment, for readers of `tiers`. `points` holds nothing of another tier.

    code: GB/T 34014. serial: AI 21 of the same battery. responsible: who answers for the passport (Art. 77(4), (7)).
    derived_from: codes of what a second life was made of. originals: of the batteries whose passports its own is linked
    to, which are these or what they came out of; they stay readable. placed_on: the market's date.
    """

    id: str
    code: str
    gtin: str | None
    serial: str
    category: Category | None
    status: PassportStatus
    op_state: OpState
    life_status: LifeStatus
    version: Version
    model_id: str | None
    maker: Party
    responsible: Party
    made_on: date
    updated_at: datetime
    tiers: frozenset[Tier]
    points: Mapping[int, PointValue]
    derived_from: tuple[str, ...] = ()
    originals: tuple[str, ...] = ()
    consumed_into: str | None = None
    placed_on: date | None = None
    market: str | None = None
    in_service_on: date | None = None
    """For readers of part 4 only: when somebody began to use it says something about that person."""
    registry_id: str | None = None
    flags: tuple[str, ...] = ()

    @property
    def has_ceased(self) -> bool:
        """Whether the battery was recycled. Source: Regulation (EU) 2023/1542, Art. 77(8)."""
        return self.status is PassportStatus.CEASED
