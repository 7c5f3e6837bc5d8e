"""Where a webhook may lead: which URLs are taken, and which addresses are connected to.

1. A URL is taken if it is plain: https, a name in ASCII with a dot, a port from the list, no user, no fragment.
2. The name is resolved anew for each connection, and only once: whoever connects gets the address that was checked, so
   that a name cannot lead elsewhere between the check and the connection.
3. ALL addresses of the name have to be public. One that is not says that somebody tries something.

What is not public stands in tables of rows. With `Reach.private`, for trials on one machine or in one network, private
and loopback addresses are let through, and http to loopback; addresses that serve machines their credentials never are.

Source: IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 4291, 6052, 3056, 4380.
"""

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from service.webhooks.errors import DeliveryError, WebhookRefusedError
from service.webhooks.outcomes import Outcome

PORTS, PRIVATE = "PACKTRAIL_WEBHOOK_PORTS", "PACKTRAIL_WEBHOOK_PRIVATE"
HTTPS = 443
LONGEST = 2_000

Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Sequence[str]]
"""From a name to all its addresses as text. Raises OSError."""

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\])(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?P<query>\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII,
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LAST_LABEL = re.compile(r"[a-z][a-z-]*|xn--[a-z0-9-]+")
"""Of a name. With a digit in it a resolver might take the whole for an IPv4 address: 127.1, 0x7f.0x1."""
_OWN_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "arpa", "onion", "test")
"""Last labels of names that mean something else in each network. Source: RFC 6761, 6762, 7686, 8375; ICANN."""

_NEVER = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16",  # link-local; 169.254.169.254: metadata of most clouds
        "100.100.100.200/32",  # metadata of Aliyun
        "168.63.129.16/32",  # agent of Azure, a public address
        "192.0.0.192/32",  # metadata of Oracle
        "0.0.0.0/8",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "fe80::/10",
        "fd00:ec2::/32",  # metadata of AWS
        "fd20:ce::/32",  # metadata of Google
        "ff00::/8",
        "::/128",
        "::ffff:0:0:0/96",  # IPv4 translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
    )
)
_PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
"""IPv6 outside of it is not public, whatever it is."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far webhooks reach. ports: those that a URL may name."""

    ports: frozenset[int] = frozenset({HTTPS})
    private: bool = False

    def environment(self) -> dict[str, str]:
        """The variables that set it."""
        return {PORTS: " ".join(map(str, sorted(self.ports))), PRIVATE: str(int(self.private))}


class Target(NamedTuple):
    """A URL, taken apart. `path` holds the query too."""

    tls: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The name as the header Host has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (HTTPS if self.tls else 80) else f"{host}:{self.port}"


def read_reach(environment: Mapping[str, str]) -> Reach:
    """The reach as the environment sets it. Raises ValueError that names the variable."""
    private = environment.get(PRIVATE) or "0"
    if private not in ("0", "1"):
        raise ValueError(f"{PRIVATE} is 0 or 1")
    words = (environment.get(PORTS) or str(HTTPS)).replace(",", " ").split()
    if not all(word.isascii() and word.isdigit() and 0 < int(word) < 65_536 for word in words):
        raise ValueError(f"{PORTS} lists ports, 1 to 65535")
    return Reach(frozenset(map(int, words)), private == "1")


def parse_url(text: str, reach: Reach) -> Target:
    """The target of a webhook. Nothing is resolved. Raises WebhookRefusedError."""
    found = _URL.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        raise _refused(
            "url",
            "an address like https://hooks.example.cn/batteries, in ASCII, without user, password and fragment",
            "应为https://hooks.example.cn/batteries形式的ASCII地址，不含用户名、密码和片段",
        )
    tls, host = found["scheme"] == "https", found["host"].strip("[]").lower()
    port = int(found["port"] or (HTTPS if tls else 80))
    if not tls and not (reach.private and _is_loopback(host)):
        raise _refused("scheme", "only https is used", "仅支持https")
    if not reach.private and not _is_public_name(host):
        raise _refused(
            "host", "the host is a public domain name, not an address or a name of one network", "主机须为公共域名"
        )
    if port > 65_535 or (port not in reach.ports and not reach.private):
        ports = ", ".join(map(str, sorted(reach.ports)))
        raise _refused("port", f"only these ports are used: {ports}", f"仅可使用端口：{ports}")
    return Target(tls, host, port, (found["path"] or "/") + (found["query"] or ""))


def find_address(target: Target, reach: Reach, resolve: Resolve) -> str:
    """The address to connect to: the first one of the name, after all of them were checked. Raises DeliveryError."""
    try:
        found = [_parse(text) for text in resolve(target.host)]
    except (OSError, ValueError, UnicodeError):
        raise DeliveryError(Outcome.ADDRESS) from None
    if not found or not all(is_allowed(address, reach) for address in found):
        raise DeliveryError(Outcome.ADDRESS)
    if not target.tls and not all(address.is_loopback for address in found):
        raise DeliveryError(Outcome.ADDRESS)
    return str(found[0])


def is_allowed(address: Address, reach: Reach) -> bool:
    """Whether a webhook may connect to this address."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return reach.private and is_allowed(address.ipv4_mapped, reach)
    if any(address in network for network in _NEVER):
        return False
    if reach.private:
        return True
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return False
    return address.is_global and not any(address in network for network in _PRIVATE)


def resolve_name(host: str) -> Sequence[str]:
    """All addresses of a name, by the machine's own resolver."""
    rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in rows]


def _parse(text: str) -> Address:
    """An address. One with a zone (fe80::1%eth0) is of this link only, and so none: ValueError."""
    if "%" in text:
        raise ValueError(text)
    return ip_address(text)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_public_name(host: str) -> bool:
    labels = host.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    return _LAST_LABEL.fullmatch(labels[-1]) is not None and labels[-1] not in _OWN_NAMES


def _refused(code: str, en: str, zh: str) -> WebhookRefusedError:
    return WebhookRefusedError("/url", code, en, zh)
