"""The address in the QR code, and its shortest spelling.

Two forms, both on a server of the operator's own choosing:

- `{base}/b/{code}`: the code of GB/T 34014 itself;
- `{base}/01/{gtin}/21/{serial}`: a GS1 Digital Link, for trade items that have a GTIN.

A QR code packs 45 characters, capitals and digits among them, into 5.5 bits each, and every other character into 8
bits. Scheme and host may be written in capitals without a change of meaning (RFC 3986, 6.2.2.1), and our server takes
`/B/` for `/b/`, so an address is spelled in capitals wherever that leaves it the same address. No other part is
touched: a path of somebody else's is not ours to spell.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import SplitResult, quote, urlsplit

from labels.errors import LinkError

# IEC 61406-1 bounds an identification link at 255 characters.
MAX_LINK = 255

_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]+")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE | re.ASCII)
_PATH = re.compile(r"(?:/[A-Za-z0-9._~%!$&'()*+,;=:@-]+)*")
_CODE = re.compile(r"[A-Z0-9]{1,48}")
_GTIN14 = re.compile(r"[0-9]{14}")
# GS1 General Specifications, encodable character set 82: the characters an element string may hold.
_SERIAL = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}""")


def battery_link(base_url: str, code: str) -> str:
    """`{base}/b/{code}`: the base without query, fragment or user name, the code in capitals and digits."""
    base = _check_base(base_url)
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise LinkError(f"a battery code has 1 to 48 capitals and digits, not {_show(code)}")
    return _bounded(f"{base}/b/{code}")


def digital_link(base_url: str, gtin14: str, serial: str) -> str:
    """`{base}/01/{gtin}/21/{serial}`, every character of the serial that an address gives a meaning to percent-encoded.

    Source: GS1 Digital Link Standard, URI Syntax; GS1 General Specifications, application identifiers 01 and 21.
    """
    base = _check_base(base_url)
    if not isinstance(gtin14, str) or not _GTIN14.fullmatch(gtin14):
        raise LinkError(f"a GTIN is written with 14 digits here, not {_show(gtin14)}")
    expected = _check_digit(gtin14[:13])
    if gtin14[13] != expected:
        raise LinkError(f"the check digit of GTIN {gtin14} should be {expected}")
    if not isinstance(serial, str) or not _SERIAL.fullmatch(serial):
        raise LinkError(f"a serial number has 1 to 20 characters of the GS1 set, not {_show(serial)}")
    if serial in (".", ".."):
        raise LinkError(
            "browsers remove a path segment of one or two dots, encoded or not: it cannot be a serial number"
        )
    return _bounded(f"{base}/01/{gtin14}/21/{quote(serial, safe='-._')}")


def shortest(link: str) -> str:
    """The spelling that makes the smallest QR code: capitals where it stays the same address, else the link."""
    parts = _split(link)
    path = re.sub(r"/b(?=/[^/]+\Z)", "/B", parts.path)
    capitals = f"{parts.scheme.upper()}://{parts.netloc.upper()}{path}"
    if "?" in link or "#" in link or not _ALPHANUMERIC.fullmatch(capitals):
        return link
    return capitals


def hosts_of(link: str) -> tuple[str, str]:
    """The host of a link in lower case, without and with its port: what people see in the browser after scanning."""
    parts = _split(link)
    return parts.hostname or "", parts.netloc.lower()


def _check_base(base_url: str) -> str:
    """The base without the slash at its end."""
    parts = _split(base_url)
    if "?" in base_url or "#" in base_url:
        raise LinkError("a base address has no query and no fragment")
    path = parts.path.rstrip("/")
    if not _PATH.fullmatch(path) or re.search(r"%(?![0-9A-Fa-f]{2})", path) or _has_dots(path):
        raise LinkError(f"the path of the base address is not sound: {_show(path)}")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _split(link: str) -> SplitResult:
    if not isinstance(link, str) or len(link) > MAX_LINK or not link.isascii() or not link.isprintable() or " " in link:
        raise LinkError(f"an address is printable ASCII without blanks, at most {MAX_LINK} characters")
    try:
        parts = urlsplit(link)
        host, port = parts.hostname or "", parts.port
        if host.startswith("[") or ":" in host:
            IPv6Address(host)
        elif not _HOST.fullmatch(host) or len(host) > 253:
            raise LinkError(f"not a host name: {_show(host)}")
    except AddressValueError as error:
        raise LinkError(f"not an IPv6 address: {_show(link)}") from error
    except LinkError:
        raise
    except ValueError as error:
        raise LinkError(f"not an address: {_show(link)}") from error
    if parts.scheme not in ("http", "https") or port == 0 or parts.netloc.endswith(":"):
        raise LinkError(f"an address begins with https:// or http://, not {_show(link)}")
    if "@" in parts.netloc:
        raise LinkError("an address on a label carries no user name: it would hide the host")
    return parts


def _has_dots(path: str) -> bool:
    """Whether a browser would rewrite the path: it resolves `.` and `..`, also when they are percent-encoded."""
    return any(re.fullmatch(r"(?:\.|%2[eE]){1,2}", segment) for segment in path.split("/"))


def _bounded(link: str) -> str:
    if len(link) > MAX_LINK:
        raise LinkError(f"the address has {len(link)} characters; {MAX_LINK} is the most")
    return link


def _check_digit(digits: str) -> str:
    """Source: GS1 General Specifications, check digit calculation: weights 3 and 1 in turn from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _show(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."
