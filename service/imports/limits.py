"""How large a file may be, and how long what is left of it is kept, as settings: `PACKTRAIL_IMPORT_...`."""

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """bytes: of the file. columns: of a row. cell: characters of a cell. line: bytes of a row.

    ratio: how many times larger than its packed form a part of an XLSX file may be, `unpacked`: bytes of all its parts.
    atomic_rows: of a file that is taken whole or not at all, which is one commit under the log's lock.
    days: after which the file and what became of its rows are deleted. waiting: jobs of one operator that are open.
    """

    bytes: int = 512 * 1024 * 1024
    rows: int = 2_000_000
    columns: int = 1024
    cell: int = 32_767
    line: int = 1024 * 1024
    ratio: int = 200
    unpacked: int = 4 * 1024 * 1024 * 1024
    atomic_rows: int = 10_000
    days: int = 30
    waiting: int = 20


NAMES = {f"PACKTRAIL_IMPORT_{field.name.upper()}": field.name for field in fields(Limits)}
"""The variables and the limits that they set."""


def read_limits(environment: Mapping[str, str]) -> Limits:
    """The limits as the environment sets them. Raises ValueError with the name of a variable that is no number."""
    given = {}
    for variable, name in NAMES.items():
        text = environment.get(variable)
        if not text:
            continue
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) < 1 << 53:
            raise ValueError(f"{variable} is a whole number from 1 on")
        given[name] = int(text)
    return Limits(**given)


def limits_environment(limits: Limits) -> dict[str, str]:
    """The variables that set these limits."""
    return {variable: str(getattr(limits, name)) for variable, name in NAMES.items()}
