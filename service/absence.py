"""Absence: that nothing is recorded of a code, as far as the register's newest map proves it.

A map covers the entries before its own. Of entries that came since nothing is proven until the next one; and a module
or cell that is listed with its pack has no entry of its own, so whoever asks looks for listings first.
"""

from ledger.entry import parse_time
from ledger.epoch import look_up
from service.errors import Absence
from service.work import RegisterReader


def find_absence(reader: RegisterReader, code: str) -> Absence | None:
    """What proves that no entry names `code`; None where an entry does, or where there is no map yet."""
    answer, mapped = look_up(reader, code), reader.state().mapped
    if answer is None or mapped is None or answer.row is not None or reader.history(code):
        return None
    return Absence(code, mapped.size, parse_time(mapped.at), reader.size() - mapped.size - 1)
