"""Whole numbers of a small unit as the decimals that other formats write, without losing a digit unseen.

Where a format wants fewer digits than there are, the exact number stands beside it as `x-exact`: every schema here
admits members that it does not name.
"""

from collections.abc import Mapping
from typing import Any

EXACT = "x-exact"


def scaled(value: int, places: int) -> int | float:
    """`value` divided by 10**places: `scaled(452300, 3)` is 452.3, `scaled(450000, 3)` is 450."""
    unit = int(10**places)
    whole, rest = divmod(value, unit)
    return whole if not rest else value / unit


def rounded(value: int, places: int) -> int:
    """`value` divided by 10**places as the nearest whole number, halves to the even one."""
    return round(value, -places) // int(10**places)


def exactly(members: Mapping[str, Any], value: int, unit: str, *, lossy: bool) -> dict[str, Any]:
    """`members`, with the number that they stand for beside them where they do not hold all of it."""
    return {**members, EXACT: {"value": value, "unit": unit}} if lossy else dict(members)
