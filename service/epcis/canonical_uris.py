"""GS1 identifiers in their one canonical spelling: EPC URNs and Digital Links of any host -> `https://id.gs1.org/...`.

Used to compare identifiers and to hash events. A text that is no GS1 identifier is given back as it is. Sources: GS1
EPC Tag Data Standard, section 6 (pure identity URIs); GS1 Digital Link URI syntax; CBV 2.0, event hash (the lowest
level of identification stays, a query does not).
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from service.domain.gs1 import gtin_check_digit

HOST = "https://id.gs1.org"

_NAMES = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
    "cpv": "22", "lot": "10", "ser": "21",
}  # fmt: skip
"""The short names of application identifiers that a Digital Link may spell."""
_KEYS = {
    "00": r"\d{18}", "01": r"\d{8}|\d{12,14}", "253": r"\d{13}.{0,17}", "255": r"\d{13,25}", "401": r".{1,30}",
    "402": r"\d{17}", "414": r"\d{13}", "417": r"\d{13}", "8003": r"\d{14}.{0,16}", "8004": r"\d{4}.{0,26}",
    "8006": r"\d{18}", "8010": r".{1,30}", "8017": r"\d{18}", "8018": r"\d{18}",
}  # fmt: skip
"""The identification keys, with the form of their values."""
_QUALIFIERS = {"01": ("21", "235", "10"), "8006": ("21", "10"), "414": ("254",), "8010": ("8011",)}
"""What may follow a key, the most exact first: only that one stays."""
_LINK = re.compile(r"https?://[^/?#]+/([^?#]*)", re.IGNORECASE)
_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(\d{6,12})\.(.*)", re.DOTALL)
_UNSAFE = str.maketrans({each: f"%{ord(each):02X}" for each in "!()*+,:"})


class _Scheme(NamedTuple):
    """digits: of company prefix and reference together. leads: the reference's first digit leads the key."""

    key: str
    digits: int
    leads: bool = False
    before: str = ""
    after: str = ""


_SCHEMES = {
    "id:sgtin": _Scheme("01", 13, leads=True, after="/21/"),
    "id:upui": _Scheme("01", 13, leads=True, after="/235/"),
    "class:lgtin": _Scheme("01", 13, leads=True, after="/10/"),
    "idpat:sgtin": _Scheme("01", 13, leads=True, after="*"),
    "id:itip": _Scheme("8006", 13, leads=True),
    "id:sscc": _Scheme("00", 17, leads=True),
    "id:sgln": _Scheme("414", 12, after="/254/"),
    "id:pgln": _Scheme("417", 12),
    "id:grai": _Scheme("8003", 12, before="0"),
    "id:gdti": _Scheme("253", 12),
    "id:sgcn": _Scheme("255", 12),
    "id:gsrn": _Scheme("8018", 17),
    "id:gsrnp": _Scheme("8017", 17),
    "id:gsin": _Scheme("402", 16),
}


def canonical_uri(text: str) -> str:
    """The canonical spelling of a GS1 identifier; any other text unchanged."""
    if text.startswith("urn:epc:"):
        return _from_urn(text) or text
    if text[:4].lower() == "http":
        return _from_link(text) or text
    return text


def split_link(uri: str) -> dict[str, str]:
    """`https://id.gs1.org/01/{gtin}/21/{serial}` -> {"01": gtin, "21": serial}; empty for what is not canonical."""
    if not uri.startswith(HOST + "/"):
        return {}
    segments = uri[len(HOST) + 1 :].split("/")
    return dict(zip(segments[0::2], segments[1::2], strict=True)) if len(segments) % 2 == 0 else {}


def _from_link(uri: str) -> str | None:
    match = _LINK.match(uri)
    if match is None:
        return None
    segments = match[1].rstrip("/").split("/")
    for at in range(len(segments) - 1):
        key = _NAMES.get(segments[at], segments[at])
        if key in _KEYS and re.fullmatch(_KEYS[key], segments[at + 1]):
            rest = [_NAMES.get(each, each) if n % 2 == 0 else each for n, each in enumerate(segments[at + 2 :])]
            return _joined(key, segments[at + 1], rest)
    return None


def _joined(key: str, value: str, rest: list[str]) -> str | None:
    if len(rest) % 2:
        return None
    qualifiers = dict(zip(rest[0::2], rest[1::2], strict=True))
    if not qualifiers.keys() <= {*_QUALIFIERS.get(key, ()), *(("22",) if key in ("01", "8006") else ())}:
        return None
    finest = next((name for name in _QUALIFIERS.get(key, ()) if name in qualifiers), None)
    value = value.zfill(14) if key == "01" else value
    return f"{HOST}/{key}/{value}" + (f"/{finest}/{qualifiers[finest]}" if finest else "")


def _from_urn(text: str) -> str | None:
    match = _URN.fullmatch(text)
    if match is None:
        return None
    kind, scheme, prefix, rest = match.groups()
    special = _SPECIAL.get(f"{kind}:{scheme}")
    if special is not None:
        return special(prefix, rest)
    row = _SCHEMES.get(f"{kind}:{scheme}")
    if row is None:
        return None
    width = row.digits - len(prefix)
    reference, tail = rest[:width], rest[width:]
    if width < 0 or not ((reference.isascii() and reference.isdigit()) or not width) or (tail and tail[0] != "."):
        return None
    digits = reference[:1] + prefix + reference[1:] if row.leads else prefix + reference
    key = f"{HOST}/{row.key}/{row.before}{digits}{gtin_check_digit(row.before + digits)}"
    return _with_tail(row, key, tail[1:])


def _with_tail(row: _Scheme, key: str, tail: str) -> str:
    if not tail or row.after == "*" or (row.key == "414" and tail == "0"):
        return key
    if row.key == "8006":
        piece, total, serial = (*tail.split(".", 2), "", "")[:3]
        return f"{key}{piece}{total}/21/{serial.translate(_UNSAFE)}"
    return key + row.after + tail.translate(_UNSAFE)


def _giai(prefix: str, rest: str) -> str:
    return f"{HOST}/8004/{prefix}{rest.translate(_UNSAFE)}"


def _ginc(prefix: str, rest: str) -> str:
    return f"{HOST}/401/{prefix}{rest.translate(_UNSAFE)}"


def _cpi(prefix: str, rest: str) -> str | None:
    part, dot, serial = rest.rpartition(".")
    return f"{HOST}/8010/{(prefix + part).translate(_UNSAFE)}/8011/{serial}" if dot else None


_SPECIAL: dict[str, Callable[[str, str], str | None]] = {"id:giai": _giai, "id:ginc": _ginc, "id:cpi": _cpi}
