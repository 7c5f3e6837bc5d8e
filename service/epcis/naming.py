"""Batteries as EPCs: their GS1 Digital Link where they have a GTIN, else their address in this register; and back.

GTIN and serial number lead to the code by arithmetic, so a battery that is about to be registered can be told by them
too.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from sqlalchemy import Connection

from service.epcis.canonical_uris import HOST, canonical_uri, split_link
from service.lookup import Item, codes_of_items, items_of_codes

_OWN = re.compile(r"https?://[^?#]*/[bB]/([A-Z0-9]{19}(?:[A-Z0-9]{5})?)")


@dataclass(frozen=True, slots=True)
class Names:
    """How batteries are called. items: GTIN and serial number of those that have them; codes: by canonical EPC."""

    base_url: str
    items: Mapping[str, Item] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)

    def epc_of(self, code: str) -> str:
        """The EPC of a battery."""
        item = self.items.get(code)
        return f"{self.base_url}/b/{code}" if item is None else format_epc(*item)

    def code_of(self, epc: str) -> str | None:
        """The code behind an EPC, or None."""
        match = _OWN.fullmatch(epc)
        return match[1] if match else self.codes.get(canonical_uri(epc))


def names_for(connection: Connection, base_url: str, codes: Sequence[str]) -> Names:
    """The names of these batteries: one look-up."""
    return Names(base_url, items_of_codes(connection, codes) if codes else {})


def names_in(connection: Connection, base_url: str, epcs: Iterable[str]) -> Names:
    """Whom these EPCs name: one look-up. Those that cannot be resolved are left out."""
    wanted: dict[str, Item] = {}
    for epc in epcs:
        canonical = canonical_uri(epc)
        keys = split_link(canonical)
        if keys.keys() == {"01", "21"}:
            wanted[canonical] = (keys["01"], unquote(keys["21"]))
    found = codes_of_items(connection, sorted(set(wanted.values()))) if wanted else {}
    return Names(base_url, codes={epc: found[item] for epc, item in wanted.items() if item in found})


def format_epc(gtin: str, serial: str) -> str:
    """The EPC of a serialised GTIN."""
    return f"{HOST}/01/{gtin}/21/{quote(serial, safe='')}"
