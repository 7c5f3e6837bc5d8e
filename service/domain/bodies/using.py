"""Bodies of the events of a battery in use: vehicles, owners, health, service, notices, borders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from service.domain import units
from service.domain.bodies.markers import (
    BatteryId,
    Country,
    Cycles,
    Distance,
    Place,
    Pseudonym,
    Reference,
    Region,
    Remaining,
    Resistance,
    Sentence,
    Share,
    Soce,
    Temperature,
    Throughput,
    Vin,
    Words,
)
from service.domain.fields import COMMITMENT_PATTERN, Body, Text
from service.domain.words import Incident, LateReason, Notice, OwnerType, RetireReason, Severity, SohMethod


@dataclass(frozen=True, slots=True)
class Install(Body):
    """certificate_on: the day of the vehicle's certificate of conformity, or the day an imported one was cleared."""

    vin: Vin
    odometer_km: Distance
    position: Place | None = None
    certificate_on: date | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class Sell(Body):
    sold_on: date
    region: Region
    owner_type: OwnerType
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class TransferOwnership(Body):
    """new_owner: a pseudonym that the reporting operator keeps; never a name or a number of a person."""

    new_owner: Pseudonym
    owner_type: OwnerType
    region: Region
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class ReportSoh(Body):
    """uncertainty_ppm: of the state of certified energy. odometer_km: of the vehicle it is in."""

    soce_ppm: Soce
    remaining_capacity_mah: Remaining
    full_cycles: Cycles
    method: SohMethod
    temperature_mc: Temperature | None = None
    note: Words | None = None
    device: Reference | None = None
    uncertainty_ppm: Share | None = None
    throughput_wh: Throughput | None = None
    odometer_km: Distance | None = None
    power_w: Annotated[int, units.POWER] | None = None
    resistance_uohm: Resistance | None = None
    round_trip_efficiency_ppm: Share | None = None
    self_discharge_ppm: Share | None = None
    soc_ppm: Share | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class ReportIncident(Body):
    """evidence_sha256: of a file that the reporting operator keeps."""

    incident: Incident
    severity: Severity
    happened_on: date
    evidence_sha256: Annotated[str, Text(44, COMMITMENT_PATTERN)] | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class LoadBmsSoftware(Body):
    """reset_used: by the software reset function, which ends the first maker's liability for what the software does.

    Source: Regulation (EU) 2023/1542, Art. 14(3).
    """

    software_version: Reference
    software_maker: Sentence
    reset_used: bool
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class BeginService(Body):
    reason: Sentence
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class Repair(Body):
    """soce_ppm: after the repair. A part replaced is named on both sides: what came out, what went in."""

    reason: Sentence
    soce_ppm: Soce
    safety_test_passed: bool
    removed: BatteryId | None = None
    inserted: BatteryId | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class ReplacePack(Body):
    """voucher: says where the old pack goes."""

    vin: Vin
    reason: RetireReason
    voucher: Reference
    odometer_km: Distance | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class Swap(Body):
    """soc, soce: states of charge and of certified energy of the battery taken out and of the one put in."""

    vin: Vin
    station: Place
    soc_out_ppm: Share
    soc_in_ppm: Share
    soce_out_ppm: Soce | None = None
    soce_in_ppm: Soce | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class IssueNotice(Body):
    """notice_id: as the issuer numbers it."""

    notice: Notice
    notice_id: Annotated[str, Text(40, r"[A-Za-z0-9._/-]{1,40}")]
    reason: Sentence
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class LiftNotice(Body):
    notice: Notice
    notice_id: Annotated[str, Text(40, r"[A-Za-z0-9._/-]{1,40}")]
    reason: Sentence
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class Export(Body):
    """hs_code: six digits of the Harmonized System, and up to four of the tariff."""

    country: Country
    hs_code: Annotated[str, Text(10, r"[0-9]{6}([0-9]{2}([0-9]{2})?)?")]
    customs_no: Reference
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class ImportBack(Body):
    """country: where it comes from."""

    country: Country
    customs_no: Reference
    late_reason: LateReason | None = None
