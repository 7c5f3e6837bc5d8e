"""The entries that are about a battery: those that name it, and the one that accounts for it in a run of codes.

An entry names the batteries whose chains it continues (the log's own index). A part in a run of a dismantling has a
link of lineage to what it came out of instead, which says in which entry.
"""

from collections.abc import Collection

from service.db.lineage import edges_from
from service.domain.lineage import LEFT
from service.work import RegisterReader

LINKS = 100
"""More than one battery has."""


def accounted_in(reader: RegisterReader, code: str, named_in: Collection[int]) -> list[int]:
    """Entries that tell how a part left its whole and are none of those that name it: one search in an index."""
    [links] = edges_from(reader.connection, [code], limit=LINKS).values()
    return sorted({link.entry for link in links if link.link in LEFT} - set(named_in))


def entries_about(reader: RegisterReader, code: str) -> list[int]:
    """All of them, oldest first."""
    named_in = reader.history(code)
    return sorted({*named_in, *accounted_in(reader, code, named_in)})
