"""Which fields of event bodies are not for everybody, as rows: what for, from which law, and who may see them.

A restricted value does not stand in an entry. The body that is signed and hashed carries `<field>_commitment` in its
place; the value and its salt are disclosed to the register beside the event, kept beside the log, and can be erased.
The rules read the value; where it was erased they read that there was one (`withheld`), and judge nothing by it.

Source of the classes: Regulation (EU) 2023/1542, Art. 77(2) and Annex XIII: part 1 is public, parts 2 and 4 are for
persons with a legitimate interest, part 3 for authorities.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

SUFFIX = "_commitment"


class Audience(StrEnum):
    """Who may be shown a restricted value, besides the operator that told it."""

    INTEREST = "legitimate interest"
    """Who took part in the battery's life, regulators and the authority."""
    REGISTER = "register"
    """Nobody: the register compares it with others of its kind and shows it to no one."""


class Restriction(NamedTuple):
    """One row: a field of the body of a `kind` of event."""

    kind: str
    name: str
    audience: Audience
    source: str

    @property
    def commitment(self) -> str:
        """The member that stands in the signed body instead."""
        return self.name + SUFFIX


_HEALTH = "Regulation (EU) 2023/1542, Annex XIII, part 4(a) and (b)"
_USE = "Regulation (EU) 2023/1542, Annex XIII, part 4(d)"
_PERSON = "Regulation (EU) 2016/679, Art. 4(1) and 5(1)(c); PIPL, Art. 4 and 6"
_FREE = "Regulation (EU) 2016/679, Art. 5(1)(c): free text may name people"

_ROWS = (
    Restriction("install", "vin", Audience.REGISTER, _PERSON),
    Restriction("install", "odometer_km", Audience.INTEREST, _PERSON),
    Restriction("sell", "region", Audience.INTEREST, _PERSON),
    Restriction("sell", "owner_type", Audience.INTEREST, _PERSON),
    Restriction("transfer_ownership", "new_owner", Audience.INTEREST, _PERSON),
    Restriction("transfer_ownership", "owner_type", Audience.INTEREST, _PERSON),
    Restriction("transfer_ownership", "region", Audience.INTEREST, _PERSON),
    Restriction("report_soh", "soce_ppm", Audience.INTEREST, _HEALTH),
    Restriction("report_soh", "remaining_capacity_mah", Audience.INTEREST, _HEALTH),
    Restriction("report_soh", "full_cycles", Audience.INTEREST, _USE),
    Restriction("report_soh", "temperature_mc", Audience.INTEREST, _USE),
    Restriction("report_soh", "note", Audience.INTEREST, _FREE),
    Restriction("report_soh", "throughput_wh", Audience.INTEREST, _USE),
    Restriction("report_soh", "odometer_km", Audience.INTEREST, _PERSON),
    Restriction("report_soh", "power_w", Audience.INTEREST, _HEALTH),
    Restriction("report_soh", "resistance_uohm", Audience.INTEREST, _HEALTH),
    Restriction("report_soh", "round_trip_efficiency_ppm", Audience.INTEREST, _HEALTH),
    Restriction("report_soh", "self_discharge_ppm", Audience.INTEREST, _HEALTH),
    Restriction("report_soh", "soc_ppm", Audience.INTEREST, _USE),
    Restriction("report_incident", "incident", Audience.INTEREST, _USE),
    Restriction("report_incident", "happened_on", Audience.INTEREST, _USE),
    Restriction("report_incident", "evidence_sha256", Audience.INTEREST, _USE),
    Restriction("begin_service", "reason", Audience.INTEREST, _USE),
    Restriction("repair", "reason", Audience.INTEREST, _USE),
    Restriction("repair", "soce_ppm", Audience.INTEREST, _HEALTH),
    Restriction("replace_pack", "vin", Audience.REGISTER, _PERSON),
    Restriction("replace_pack", "reason", Audience.INTEREST, _USE),
    Restriction("replace_pack", "odometer_km", Audience.INTEREST, _PERSON),
    Restriction("swap", "vin", Audience.REGISTER, _PERSON),
    Restriction("swap", "soc_out_ppm", Audience.INTEREST, _USE),
    Restriction("swap", "soc_in_ppm", Audience.INTEREST, _USE),
    Restriction("swap", "soce_out_ppm", Audience.INTEREST, _HEALTH),
    Restriction("swap", "soce_in_ppm", Audience.INTEREST, _HEALTH),
    Restriction("retire", "reason", Audience.INTEREST, _USE),
    Restriction("retire", "soce_ppm", Audience.INTEREST, _HEALTH),
    Restriction("retire", "vin", Audience.REGISTER, _PERSON),
    Restriction("issue_notice", "reason", Audience.INTEREST, _FREE),
    Restriction("lift_notice", "reason", Audience.INTEREST, _FREE),
    Restriction("scrap_vehicle", "vin", Audience.REGISTER, _PERSON),
    Restriction("test", "remaining_capacity_mah", Audience.INTEREST, _HEALTH),
    Restriction("test", "soce_ppm", Audience.INTEREST, _HEALTH),
    Restriction("test", "resistance_uohm", Audience.INTEREST, _HEALTH),
    Restriction("test", "insulation_kohm", Audience.INTEREST, _HEALTH),
    Restriction("test", "visual", Audience.INTEREST, _USE),
    Restriction("correct", "note", Audience.INTEREST, _FREE),
    Restriction("correct", "region", Audience.INTEREST, _PERSON),
    Restriction("correct", "owner_type", Audience.INTEREST, _PERSON),
    Restriction("correct", "soce_ppm", Audience.INTEREST, _HEALTH),
    Restriction("correct", "soce_out_ppm", Audience.INTEREST, _HEALTH),
    Restriction("correct", "soce_in_ppm", Audience.INTEREST, _HEALTH),
    Restriction("correct", "visual", Audience.INTEREST, _USE),
    Restriction("correct", "remaining_capacity_mah", Audience.INTEREST, _HEALTH),
    Restriction("correct", "full_cycles", Audience.INTEREST, _USE),
    Restriction("correct", "odometer_km", Audience.INTEREST, _PERSON),
)

RESTRICTED: dict[str, dict[str, Restriction]] = {}
"""The rows by kind and field."""
for _row in _ROWS:
    RESTRICTED.setdefault(_row.kind, {})[_row.name] = _row

_NONE: Mapping[str, Restriction] = {}


def restricted_in(kind: str) -> Mapping[str, Restriction]:
    """The restricted fields of a kind by name; none for other kinds."""
    return RESTRICTED.get(kind, _NONE)


@cache
def commitments_in(kind: str) -> Mapping[str, str]:
    """Of a kind, the members of the signed body that are commitments, and the fields they stand for."""
    return {row.commitment: row.name for row in restricted_in(kind).values()}


def find_commitments(kind: str, body: Mapping[str, Any]) -> dict[str, str]:
    """The commitments that a signed body holds, by the field each stands for: text as it stands there."""
    names = commitments_in(kind)
    return {names[member]: value for member, value in body.items() if member in names}
