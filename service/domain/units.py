"""Quantities: whole numbers of the unit in the field's name, and how people read them.

`Quantity` is field metadata: `mass_g: Annotated[int, Quantity("g", 1, 50_000_000)]`. Display rows give, for each unit,
the larger unit people use and how many decimal places that moves. Nothing here is ever a float.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Quantity:
    """Unit (a key of DISPLAYS) and the inclusive range of a field."""

    unit: str
    minimum: int
    maximum: int


class Display(NamedTuple):
    """places: the stored number divided by 10**places is a number of `en` (or `zh`)."""

    unit: str
    places: int
    en: str
    zh: str
    name_en: str
    name_zh: str


DISPLAYS: dict[str, Display] = {
    row.unit: row
    for row in (
        Display("g", 3, "kg", "千克", "grams", "克"),
        Display("mah", 3, "Ah", "安时", "milliampere hours", "毫安时"),
        Display("wh", 3, "kWh", "千瓦时", "watt hours", "瓦时"),
        Display("mv", 3, "V", "伏", "millivolts", "毫伏"),
        Display("ppm", 4, "%", "%", "parts per million", "百万分之一"),
        Display("uohm", 3, "mΩ", "毫欧", "microohms", "微欧"),
        Display("kohm", 3, "MΩ", "兆欧", "kiloohms", "千欧"),
        Display("km", 0, "km", "公里", "kilometres", "公里"),
        Display("mc", 3, "°C", "℃", "thousandths of a degree Celsius", "千分之一摄氏度"),
        Display("cycles", 0, "cycles", "次", "cycles", "次"),
        Display("count", 0, "pieces", "个", "pieces", "个"),
        Display("days", 0, "days", "日", "days", "日"),
        Display("w", 3, "kW", "千瓦", "watts", "瓦"),
        Display("permille", 3, "C", "C", "thousandths of A/Ah", "千分之一安/安时"),
        Display("minutes", 0, "minutes", "分钟", "minutes", "分钟"),
        Display("months", 0, "months", "个月", "months", "个月"),
        Display("years", 0, "years", "年", "years", "年"),
    )
}


COUNTED = frozenset({"vehicle", "version", "count", "days"})
"""Units of plain counting numbers, which are shown as they are."""


def unit_of(name: str) -> Display | None:
    """The display row of a quantity by its field name (`mass_g` -> g); None for a name that carries no unit."""
    return DISPLAYS.get(name.rpartition("_")[2])


def format_quantity(value: int, name: str, lang: str) -> str:
    """`format_quantity(452300, "mass_g", "en")` -> "452.3 kg". Exact: all decimals, no trailing zeros.

    lang: "en" or "zh". A percentage stands without a space. KeyError for a name without a unit.
    """
    row = DISPLAYS[name.rpartition("_")[2]]
    text = format_decimal(value, row.places)
    symbol = row.zh if lang == "zh" else row.en
    return f"{text}{symbol}" if symbol == "%" else f"{text} {symbol}"


def format_decimal(value: int, places: int, *, grouped: bool = True) -> str:
    """`format_decimal(452300, 3)` -> "452.3". grouped: with commas between thousands."""
    number = Decimal(value).scaleb(-places)
    text = f"{number:,f}" if grouped else f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


AMPERE_HOURS = Quantity("mah", 1, 100_000_000)
WATT_HOURS = Quantity("wh", 1, 100_000_000)
GRAMS = Quantity("g", 1, 50_000_000)
GRAMS_OR_NONE = Quantity("g", 0, 50_000_000)
MILLIVOLTS = Quantity("mv", 1, 5_000_000)
SHARE = Quantity("ppm", 0, 1_000_000)
HEALTH = Quantity("ppm", 0, 1_100_000)
CYCLES = Quantity("cycles", 0, 1_000_000)
COPIES = Quantity("count", 1, 100)
CELLS = Quantity("count", 1, 10_000)
DAYS = Quantity("days", 0, 3_650)
TEMPERATURE = Quantity("mc", -60_000, 200_000)
RESISTANCE = Quantity("uohm", 0, 100_000_000)
INSULATION = Quantity("kohm", 0, 100_000_000)
DISTANCE = Quantity("km", 0, 5_000_000)
POWER = Quantity("w", 1, 10_000_000)
THROUGHPUT = Quantity("wh", 0, 1_000_000_000_000)
PACKS = Quantity("vehicle", 1, 16)
VERSION = Quantity("version", 1, 1_000_000)
