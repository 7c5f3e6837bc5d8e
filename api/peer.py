"""Who is at the other end: the client's address, told by proxies only where these are trusted.

A proxy adds the address of whoever called it to the end of X-Forwarded-For. So the header is read from its end, and
only as long as the one who wrote the next address is itself listed in PACKTRAIL_TRUSTED_PROXIES; what stands before the
first untrusted address may be anybody's invention. Every other header of the kind (Forwarded, X-Real-IP,
X-Forwarded-Host, X-Forwarded-Proto) is ignored: host and scheme are those of the base URL.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from flask import request

from api.edge import current_register
from service.settings import Networks

Address = IPv4Address | IPv6Address

MAX_PROXIES = 16
"""Addresses of X-Forwarded-For that are looked at, from its end."""


def client_address() -> str:
    """The address of the present request's client, in one spelling; "" where the server knows none (a local socket).

    An IPv4 address that came as IPv6 (`::ffff:192.0.2.1`) is written as IPv4.
    """
    trusted = current_register().settings.trusted_proxies
    return find_client(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""), trusted)


def find_client(peer: str, forwarded: str, trusted: Networks) -> str:
    """The client, where `peer` is connected to us and sent `forwarded` as X-Forwarded-For."""
    address = _parse(peer)
    if address is None:
        return ""
    if trusted and forwarded:
        for text in reversed(forwarded.rsplit(",", MAX_PROXIES)[-MAX_PROXIES:]):
            before = _parse(text.strip(" \t"))
            if before is None or not is_trusted(address, trusted):
                break
            address = before
    return str(address)


def is_trusted(address: Address, trusted: Networks) -> bool:
    """Whether the address belongs to one of our proxies."""
    return any(address.version == network.version and address in network for network in trusted)


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.scope_id is not None:  # names a network card of ours, no property of the client
            return IPv6Address(int(address))
    return address


def neighbourhood(address: str) -> str:
    """What one subscriber is likely to hold at least: the address itself for IPv4, its /64 for IPv6.

    Limits that counted whole IPv6 addresses could be passed by anybody with a home line.
    """
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((int(parsed) >> 64 << 64, 64)))
    return address
