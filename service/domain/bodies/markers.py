"""The kinds of fields that bodies share: a name for each annotated type, with its bounds and its check."""

from __future__ import annotations

from typing import Annotated

from service.domain import units
from service.domain.countries import is_country
from service.domain.districts import is_region
from service.domain.errors import InvalidCode
from service.domain.fields import Text
from service.domain.gbt34014 import parse_code
from service.domain.gs1 import parse_gtin
from service.domain.identifiers.gs1_keys import GIAI_LENGTH, parse_giai
from service.domain.identifiers.identification_link import LONGEST, parse_identification_link
from service.domain.units import Quantity
from service.domain.vin import parse_vin


def check_region(text: str) -> None:
    """InvalidCode where no region of China has this code."""
    if not is_region(text):
        raise InvalidCode("not an administrative division of GB/T 2260", "不是GB/T 2260行政区划代码")


def check_country(text: str) -> None:
    """InvalidCode where no country has this code."""
    if not is_country(text):
        raise InvalidCode("not a country of ISO 3166-1 alpha-2", "不是ISO 3166-1二位国家代码")


LOT = Text(40, r"[A-Za-z0-9._/-]{1,40}")
CODE = Text(24, r"[A-Z0-9]{19}([A-Z0-9]{5})?", "code", parse_code)
UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

BatteryId = Annotated[str, CODE]
EventId = Annotated[str, Text(36, UUID7)]
Mass = Annotated[int, units.GRAMS]
MassOrNone = Annotated[int, units.GRAMS_OR_NONE]
Capacity = Annotated[int, units.AMPERE_HOURS]
Remaining = Annotated[int, Quantity("mah", 0, 100_000_000)]
Energy = Annotated[int, units.WATT_HOURS]
Throughput = Annotated[int, units.THROUGHPUT]
Soce = Annotated[int, units.HEALTH]
Share = Annotated[int, units.SHARE]
Cycles = Annotated[int, units.CYCLES]
Distance = Annotated[int, units.DISTANCE]
Temperature = Annotated[int, units.TEMPERATURE]
Resistance = Annotated[int, units.RESISTANCE]
Title = Annotated[str, Text(120)]
Words = Annotated[str, Text(500)]
Sentence = Annotated[str, Text(200)]
Site = Annotated[str, Text(80)]
Reference = Annotated[str, Text(60)]
Place = Annotated[str, Text(40)]
ModelId = Annotated[str, Text(40, r"[A-Za-z0-9._-]{1,40}", "model")]
OperatorId = Annotated[str, Text(40, r"[a-z][a-z0-9-]{1,39}", "operator")]
Pseudonym = Annotated[str, Text(64, r"[A-Za-z0-9._:-]{4,64}")]
Gtin = Annotated[str, Text(14, r"[0-9]{14}", "text", parse_gtin)]
Giai = Annotated[str, Text(GIAI_LENGTH, None, "text", parse_giai)]
OwnLink = Annotated[str, Text(LONGEST, None, "text", parse_identification_link)]
Region = Annotated[str, Text(6, r"[0-9]{6}", "region", check_region)]
Country = Annotated[str, Text(2, r"[A-Z]{2}", "text", check_country)]
Vin = Annotated[str, Text(17, r"[A-HJ-NPR-Z0-9]{17}", "text", parse_vin)]
