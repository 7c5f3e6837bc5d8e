"""The identification link of IEC 61406-1: an address that is at once the name of one thing and the way to its data.

What a maker prints on its own domain is taken as a further name of a battery. The rules as rows of RULES:

- globally unique and never used again (ILS-1, ILS-3): the register gives each link to one battery, for ever;
- it leads to information and is never altered (ILS-2, ILS-4): the register stores it as it was told and never
  redirects from an address of its own, so that the name does not depend on a host that may go;
- at most 255 characters (ILS-5), an http or https address without user name (ILS-6), of the characters that an
  address may hold unescaped (ILS-7), case kept but never what tells two links apart (ILS-8), nothing that a reader or
  server rewrites: no dot segments, no empty ones, no escaped slash, no fragment (ILS-9).

Source: IEC 61406-1:2022, 4.1 to 4.9, by its table of contents; the wording of ILS-5 and ILS-7 to ILS-9: source needed.
Until then the characters are those of RFC 3986, and what browsers or servers may rewrite is refused.
"""

from __future__ import annotations

import re
from hashlib import sha256
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from service.domain.errors import InvalidCode

LONGEST = 255
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE | re.ASCII)
_STRANGE = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})|%2[Ff]|%5[Cc]|%[01][0-9A-Fa-f]|%7[Ff]")
_DOTS = re.compile(r"/(?:\.|%2[Ee]){1,2}(?=/|\Z)|//")


class IlsRule(NamedTuple):
    """One requirement on the string. `clause` of IEC 61406-1:2022."""

    name: str
    clause: str
    en: str
    zh: str


RULES: dict[str, IlsRule] = {
    row.name: row
    for row in (
        IlsRule("ILS-1", "4.1", "nothing is left behind the host to name one thing", "主机名之后没有可供标识的内容"),
        IlsRule("ILS-5", "4.5", f"a link has at most {LONGEST} characters", f"标识链接最长{LONGEST}个字符"),
        IlsRule("ILS-6", "4.6", "not an http or https address with a host", "须为含主机名的http或https地址"),
        IlsRule("ILS-7", "4.7", "this character cannot stand in a link", "标识链接中不允许该字符"),
        IlsRule("ILS-9", "4.9", "a reader or server would rewrite this", "读取设备或服务器会改写此处"),
    )
}


def parse_identification_link(text: str) -> str:
    """`text` itself when it can be an identification link. InvalidCode with the requirement it breaks."""
    if len(text) > LONGEST:
        raise _broken("ILS-5")
    strange = _STRANGE.search(text)
    if strange:
        raise _broken("ILS-7", strange.start())
    parts = _split(text)
    rewritten = _BAD_ESCAPE.search(text) or _DOTS.search(parts.path)
    if rewritten:
        offset = 0 if rewritten.re is _BAD_ESCAPE else text.find(parts.path, len(parts.scheme) + 3)
        raise _broken("ILS-9", offset + rewritten.start())
    if "#" in text:
        raise _broken("ILS-9", text.index("#"))
    if parts.path in ("", "/") and not parts.query:
        raise _broken("ILS-1")
    return text


def link_key(link: str) -> str:
    """32 bytes in hexadecimal that two links share exactly if they differ in the case of letters at most.

    Scheme and host never depend on case, and a QR code may spell all of an address in capitals.
    """
    return sha256(link.upper().encode()).hexdigest()


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        if host.startswith("[") or ":" in host:
            IPv6Address(host)
        elif not _HOST.fullmatch(host) or len(host) > 253:
            raise _broken("ILS-6")
    except (AddressValueError, ValueError):
        raise _broken("ILS-6") from None
    if parts.scheme not in ("http", "https") or port == 0 or parts.netloc.endswith(":") or "@" in parts.netloc:
        raise _broken("ILS-6")
    return parts


def _broken(rule: str, position: int | None = None) -> InvalidCode:
    row = RULES[rule]
    return InvalidCode(f"{row.en} ({rule})", f"{row.zh}（{rule}）", position)
