"""The small objects of the GEFEG schemas: a number and its unit, in the words of the schema.

The schemas want whole ohms, ampere hours and degrees in places, and shares between 0 and 100 %. What that loses stands
beside it as `x-exact`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from service.passports.formats.rows import Source
from service.passports.formats.scaling import exactly, rounded, scaled

Value = Mapping[str, Any]


def percent(ppm: int) -> dict[str, Any]:
    """0 to 100 %."""
    shown = min(max(ppm, 0), 1_000_000)
    return exactly({"percentageValue": scaled(shown, 4), "percent": "%"}, ppm, "ppm", lossy=shown != ppm)


def percent_a_month(ppm: int) -> dict[str, Any]:
    """Self-discharge."""
    return {"percentMonthValue": scaled(min(ppm, 1_000_000), 4), "percentMonth": "%/month"}


def milliampere_hours(mah: int) -> dict[str, Any]:
    """A capacity that the schemas let stand in mAh."""
    return {"amperehourMiliamperehourValue": mah, "ampereHourMiliamperehour": "mAh"}


def whole_ampere_hours(mah: int) -> dict[str, Any]:
    """A capacity that they want in whole Ah."""
    members = {"amperehourMiliamperehourValue": rounded(mah, 3), "ampereHourMiliamperehour": "Ah"}
    return exactly(members, mah, "mah", lossy=mah % 1000 != 0)


def capacity_throughput(mah: int) -> dict[str, Any]:
    """In Ah. The schemas spell its unit otherwise than that of other capacities."""
    return {"amperehourMiliamperehourValue": scaled(mah, 3), "amperehourMiliamperehour": "Ah"}


def energy_throughput(wh: int) -> dict[str, Any]:
    return {"kilowattHourValue": scaled(wh, 3), "kilowattHour": "kWh"}


def kilograms(grams: int) -> dict[str, Any]:
    return {"gramKgValue": scaled(grams, 3), "gramKg": "kg"}


def carbon(grams: int) -> dict[str, Any]:
    """Grams of CO2 equivalent for each kWh, as kilograms."""
    return {"kgCO2-equivalentPerKilowattHourValue": scaled(grams, 3), "kgCO2-equivalentPerKilowattHour": "kgCO2-eq/kWh"}


def ohms(uohm: int) -> dict[str, Any]:
    """Whole ohms, which for a pack is 0: the resistance itself stands in `x-exact`."""
    return exactly({"ohmValue": rounded(uohm, 6), "ohm": "Ohm"}, uohm, "uohm", lossy=uohm % 1_000_000 != 0)


def degrees(mc: int) -> dict[str, Any]:
    """Whole degrees Celsius."""
    return exactly({"celsiusValue": rounded(mc, 3), "degreeCelsius": "°C"}, mc, "mc", lossy=mc % 1000 != 0)


def volts(value: Value) -> dict[str, Any]:
    return {"voltValue": scaled(value["voltage_mv"], 3), "volt": "V", **_temperatures(value)}


def power_by_charge(value: Value) -> dict[str, Any]:
    members = {"wattValueAt80SoC": value["power_at_80_w"], "wattValueAt20SoC": value["power_at_20_w"], "watt": "W"}
    return members | _temperatures(value)


def power_now(value: Value) -> dict[str, Any] | None:
    """The same of a battery in use; None where it was measured at one state of charge only."""
    if "power_at_20_w" not in value:
        return None
    return power_by_charge({**value, "power_at_80_w": value.get("power_at_80_w", value["power_w"])})


def highest_power(value: Value) -> dict[str, Any]:
    return {"wattValue": value["maximum_w"], "watt": "W", **_temperatures(value)}


def c_rate(permille: int) -> dict[str, Any]:
    return {"amperePerAmpereHourValue": scaled(permille, 3), "amperePerAmpereHour": "A/Ah"}


def party(source: Source, nr: int, address: str | None) -> dict[str, Any] | None:
    """Name, mark and address of an operator: data point 2 or 3."""
    value = source.value(nr)
    if not value or address is None:
        return None
    return {
        "name": value["name"],
        "registeredTradeNameOrRegisteredTrademark": value.get("trade_name", value["name"]),
        "postalAddress": address,
    }


def address_line(value: Value) -> str | None:
    """A postal address in one line."""
    if not value:
        return None
    town = " ".join(filter(None, (value.get("postal_code"), value["city"])))
    return ", ".join(filter(None, (value.get("contact"), value["street"], town, value["country"])))


def later(day: date, months: int) -> date:
    """The same day of the month so many months on, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise ValueError("a month has a first day")


def _temperatures(value: Value) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, bound in (("from_mc", "Lower"), ("to_mc", "Upper")):
        if name in value:
            members[f"temperatureRange{bound}Boundary"] = "°C"
            members[f"temperatureRange{bound}BoundaryValue"] = rounded(value[name], 3)
    return members
