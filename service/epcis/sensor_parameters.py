"""Parameters about sensor elements: what was measured, by what, when, and how much in which unit.

Each parameter is asked of the event: one sensor report of it has to fit, for another parameter it may be another one.
Values are compared in the unit that the event has; one told in another unit does not fit.
Source: EPCIS 2.0, SimpleEventQuery, sensor parameters.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from service.epcis.comparing import Values, fits, is_there
from service.epcis.member_parameters import sensor_metadata, sensor_reports
from service.epcis.terms import local_name, measured

Json = Mapping[str, Any]
Test = Callable[[Json, Values], bool]
AMOUNT = re.compile(
    r"(?P<comparison>EQ|GT|GE|LT|LE)_(?P<member>value|minValue|maxValue|meanValue|sDev|percValue)_(?P<uom>[A-Z0-9]{2,4})"
)
RANKS = {f"{each}_percRank": each for each in ("GT", "GE", "LT", "LE")}
TIMES = {f"{each}_{member}": (each, member) for each in ("GE", "LT") for member in ("time", "startTime", "endTime")}
ADDRESSES = {
    f"EQ_{member}": member
    for member in ("deviceID", "dataProcessingMethod", "bizRules", "microorganism", "chemicalSubstance", "uriValue")
}
TEXTS = {"EQ_stringValue": "stringValue", "EQ_hexBinaryValue": "hexBinaryValue"}


def amount_test(found: re.Match[str]) -> Test:
    """How much, in a unit: of `AMOUNT`."""
    comparison, member, uom = found["comparison"], found["member"], found["uom"]
    return lambda event, values: any(
        report.get("uom") == uom and fits(comparison, report.get(member), values) for report in sensor_reports(event)
    )


def anywhere_test(comparison: str, member: str) -> Test:
    """A member of a sensor report, or of what is said of the sensor."""
    return lambda event, values: any(
        fits(comparison, each.get(member), values) for each in (*sensor_reports(event), *sensor_metadata(event))
    )


def has_type(event: Json, values: Values) -> bool:
    """What was measured, by its local name: whoever coined it."""
    wanted = {local_name(each) for each in values}
    return any(local_name(report.get("type", "")) in wanted for report in sensor_reports(event))


def has_elements(event: Json, values: Values) -> bool:
    """Whether there are sensor elements."""
    return is_there(event.get("sensorElementList")) == (values == ("true",))


def may_measure(kind: str) -> bool:
    """Whether an event of a kind can have a sensor report."""
    return bool(measured(kind))
