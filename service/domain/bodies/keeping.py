"""Bodies of the events that keep the register itself in order: who is enrolled, what is erased, what is corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from service.domain.bodies.markers import (
    LOT,
    Capacity,
    Cycles,
    Distance,
    Energy,
    EventId,
    Mass,
    OperatorId,
    Place,
    Reference,
    Region,
    Remaining,
    Sentence,
    Site,
    Soce,
    Title,
    Words,
)
from service.domain.duties.clocks import Clock
from service.domain.fields import COMMITMENT_PATTERN, Body, Items, Several, Text
from service.domain.roles import Role
from service.domain.units import CELLS, DAYS, MILLIVOLTS
from service.domain.uscc import parse_uscc
from service.domain.words import Act, CodingStandard, CorrectionReason, LicenceKind, OwnerType, Standing, VisualFinding


@dataclass(frozen=True, slots=True)
class Licence(Body):
    """valid_until: its last day; absent where it has none. scope: in the words of who granted it."""

    licence: LicenceKind
    number: Reference
    valid_from: date
    valid_until: date | None = None
    scope: Sentence | None = None


@dataclass(frozen=True, slots=True)
class OperatorSite(Body):
    """site: its name, as events tell it."""

    site: Site
    region: Region


@dataclass(frozen=True, slots=True)
class EnrolOperator(Body):
    """licences, sites: all that it has; absent where they are not told, empty is not possible."""

    operator_id: OperatorId
    name: Title
    roles: Annotated[tuple[Role, ...], Several(Role, 1, 12)]
    region: Region
    name_en: Title | None = None
    uscc: Annotated[str, Text(18, r"[0-9A-Z]{18}", "text", parse_uscc)] | None = None
    licences: Annotated[tuple[Licence, ...], Items(Licence, 1, 32)] | None = None
    sites: Annotated[tuple[OperatorSite, ...], Items(OperatorSite, 1, 64)] | None = None

    @property
    def names(self) -> tuple[str, str]:
        """What people call it, in English and Chinese; the Chinese one in both where no other was told."""
        return self.name_en or self.name, self.name


@dataclass(frozen=True, slots=True)
class SetStanding(Body):
    """since: the day of the ruling; what it says holds from its entry on. reason: for everybody, naming no person."""

    operator_id: OperatorId
    standing: Standing
    since: date
    reason: Sentence


@dataclass(frozen=True, slots=True)
class EraseValues(Body):
    """commitments: of restricted values in earlier entries of the battery, whose value and salt are destroyed.

    Source of the form: ledger/README.md, section 14.
    """

    basis: Sentence
    commitments: Annotated[tuple[str, ...], Several(Text(44, COMMITMENT_PATTERN), 1, 256)]
    reason: Words


@dataclass(frozen=True, slots=True)
class SetDeadline(Body):
    """The days of a duty whose number the law as found does not give, for facts from `valid_from` on.

    source: the clause or notice that says so.
    """

    duty: Annotated[str, Text(40, r"[a-z0-9-]{1,40}")]
    days: Annotated[int, DAYS]
    clock: Clock
    valid_from: date
    source: Sentence


@dataclass(frozen=True, slots=True)
class SetLicenceDay(Body):
    """From which day on such a licence of who acts in `role` counts as missing where the register was not told of it.

    It judges facts from that day on that are recorded later. source: the clause or notice that says so.
    """

    role: Role
    licence: LicenceKind
    told_from: date
    source: Sentence


@dataclass(frozen=True, slots=True)
class RecordMaintenance(Body):
    """detail: on what, or from what to what; never a secret, never a person. version: of the program at work."""

    act: Act
    detail: Sentence
    version: Reference


@dataclass(frozen=True, slots=True)
class Correct(Body):
    """event_id: of the event that is corrected. The fields below `note` are new values, each under its own name.

    They are told where data was incorrect; which of them a kind of event lets be corrected: corrections.CORRECTABLE.
    """

    event_id: EventId
    reason: CorrectionReason
    note: Sentence
    mass_g: Mass | None = None
    capacity_mah: Capacity | None = None
    energy_wh: Energy | None = None
    site: Site | None = None
    placed_on: date | None = None
    declaration_of_conformity: Reference | None = None
    registry_id: Reference | None = None
    sold_on: date | None = None
    certificate_on: date | None = None
    region: Region | None = None
    owner_type: OwnerType | None = None
    soce_ppm: Soce | None = None
    soce_out_ppm: Soce | None = None
    soce_in_ppm: Soce | None = None
    remaining_capacity_mah: Remaining | None = None
    full_cycles: Cycles | None = None
    odometer_km: Distance | None = None
    station: Place | None = None
    transport_document: Reference | None = None
    certificate_no: Reference | None = None
    replacement: Reference | None = None
    voucher: Reference | None = None
    software_version: Reference | None = None
    visual: VisualFinding | None = None
    voltage_mv: Annotated[int, MILLIVOLTS] | None = None
    coding_standard: CodingStandard | None = None
    cell_count: Annotated[int, CELLS] | None = None
    cell_lot: Annotated[str, LOT] | None = None
