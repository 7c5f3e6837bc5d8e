"""What Battery Pass tells of energy and of the battery's condition: numbers with the time of their last update.

Of EV batteries some values are told by other data points than of the rest: see each function.
"""

from typing import Any

from ledger.entry import format_time
from service.passports.formats.batterypass_values import midnight
from service.passports.formats.rows import Fill, Source
from service.passports.formats.scaling import scaled


def rated_energy(source: Source) -> float | int | None:
    """kWh: the capacity at the nominal voltage."""
    capacity, voltage = source.value(11).get("capacity_mah"), source.value(27).get("voltage_mv")
    return None if capacity is None or voltage is None else scaled(capacity * voltage, 9)


def power_ratio(source: Source) -> object:
    """W for each Wh: the greatest power by the rated energy."""
    energy, limits = rated_energy(source), source.value(30)
    return round(limits["maximum_w"] / (1000 * energy), 6) if energy and limits else None


def remaining_energy(source: Source) -> object:
    """kWh: of an EV battery its share of certified energy, of another its remaining capacity at nominal voltage."""
    energy, soce = rated_energy(source), source.value(61).get("soce_ppm")
    if energy is not None and soce is not None:
        return dated(source, 61, "remainingEnergyValue", round(energy * soce / 1_000_000, 6))
    left, voltage = source.value(62).get("capacity_mah"), source.value(27).get("voltage_mv")
    if left is None or voltage is None:
        return None
    return dated(source, 62, "remainingEnergyValue", scaled(left * voltage, 9))


def remaining_capacity(source: Source) -> object:
    """Ah. Of an EV battery, of which #62 is not told, #51: its capacity as it is now."""
    nr = 62 if source.value(62) else 51
    found = source.value(nr).get("capacity_mah")
    return None if found is None else dated(source, nr, "remainingCapacityValue", scaled(found, 3))


def remaining_power(source: Source) -> object:
    """At 80 % state of charge, since the submodel has one place; of an EV battery #53."""
    nr = 63 if source.value(63) else 53
    value = source.value(nr)
    if not value:
        return None
    when = moment(source, nr)
    at_80 = {"atSoC": 80, "powerCapabilityAt": value.get("power_at_80_w", value["power_w"])}
    return {"remainingPowerCapabilityValue": {**at_80, "rPCLastUpdated": when}, "lastUpdate": when}


def remaining_efficiency(source: Source) -> object:
    nr = 64 if source.value(64) else 57
    found = source.value(nr).get("efficiency_ppm")
    return None if found is None else dated(source, nr, "remainingRoundTripEnergyEfficiencyValue", scaled(found, 4))


def self_discharge_growth(source: Source) -> object:
    """%, since the beginning."""
    value = source.value(65)
    if not value.get("initial_ppm"):
        return None
    growth = (value["rate_ppm"] - value["initial_ppm"]) * 1_000_000 // value["initial_ppm"]
    return dated(source, 65, "evolutionOfSelfDischargeValue", scaled(growth, 4))


def resistance_increase(source: Source) -> object:
    found = source.value(56).get("increase_ppm")
    if found is None:
        return None
    return [dated(source, 56, "internalResistanceIncreaseValue", scaled(found, 4)) | {"batteryComponent": "pack"}]


def negative_events(source: Source) -> object:
    events = source.value(69).get("events")
    if events is None:
        return None
    return [
        {"negativeEvent": f"{each['incident']} ({each['severity']})", "lastUpdate": midnight(each["happened_on"])}
        for each in events
    ]


def temperatures(source: Source) -> object:
    """Minutes outside the boundaries; None where one of the four is not known."""
    names = {
        "timeExtremeHighTemp": "hot_minutes",
        "timeExtremeLowTemp": "cold_minutes",
        "timeExtremeHighTempCharging": "hot_charging_minutes",
        "timeExtremeLowTempCharging": "cold_charging_minutes",
    }
    value = source.value(70)
    if any(name not in value for name in names.values()):
        return None
    return {ours: value[theirs] for ours, theirs in names.items()} | {"lastUpdate": moment(source, 70)}


def measured(nr: int, field: str, member: str, places: int) -> Fill:
    """One number with the time of its last update."""

    def fill(source: Source) -> object:
        found = source.value(nr).get(field)
        return None if found is None else dated(source, nr, member, scaled(found, places))

    return fill


def dated(source: Source, nr: int, member: str, value: float) -> dict[str, Any]:
    return {member: value, "lastUpdate": moment(source, nr)}


def moment(source: Source, nr: int) -> str:
    """When the data point was true; the passport's last change where that is not said."""
    point = source.point(nr)
    return format_time((point and point.at) or source.passport.updated_at)
