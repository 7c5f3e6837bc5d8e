"""The originals of a second life: the batteries whose passports its own is linked to.

A module or cell that came out of a pack had no passport but the pack's, so the pack is the original. What never was
part of another is the original itself. Source: Regulation (EU) 2023/1542, Art. 77(7).
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from service.db.lineage import edges_from
from service.domain.lineage import LEFT
from service.domain.wholes import STEPS

MOST_LINKS = 100
"""So many links of each part are read, the oldest first: more than a part has in one life."""


def find_originals(connection: Connection, inputs: Sequence[str]) -> tuple[str, ...]:
    """Of the inputs of a second life, in their order, what each was last taken out of. Two look-ups each."""
    whole_of: dict[str, str] = {}
    level = list(inputs)
    for _ in range(STEPS):
        if not level:
            break
        found = edges_from(connection, level, limit=MOST_LINKS)
        left = {part: [link for link in links if link.link in LEFT] for part, links in found.items()}
        wholes = {part: links[-1].target for part, links in left.items() if links}
        whole_of |= wholes
        level = sorted(set(wholes.values()) - whole_of.keys())
    return tuple(dict.fromkeys(_outermost(code, whole_of) for code in inputs))


def _outermost(code: str, whole_of: dict[str, str]) -> str:
    for _ in range(STEPS):
        code = whole_of.get(code, code)
    return code
