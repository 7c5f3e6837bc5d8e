"""What the provider says of itself: its addresses and its keys, fetched when needed and kept for a while.

It is believed about nothing else. The addresses have to be safe to send secrets to, the issuer the one that was set.
A token by a key that is not known has the keys fetched again, at most twice a minute, so that a rotation is followed
and a flood of invented key ids is not. Source: OpenID Connect Discovery 1.0, 4.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from service.people.oidc.errors import SingleSignOnError
from service.people.oidc.fetching import fetch_json
from service.people.oidc.provider import Provider, is_safe_address

FRESH_SECONDS = 3600.0
KEYS_FRESH_SECONDS = 600.0
AGAIN_SECONDS = 30.0
MOST_KEYS = 50

Key = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where people are sent, where codes are exchanged, where the keys stand."""

    authorization: str
    token: str
    keys: str


class Directory:
    """What one provider says. Safe for use by several threads."""

    def __init__(self, provider: Provider, now: Callable[[], float] = time.monotonic) -> None:
        """`now` counts seconds."""
        self._provider = provider
        self._now = now
        self._lock = threading.Lock()
        self._endpoints: tuple[float, Endpoints] | None = None
        self._keys: tuple[float, tuple[Key, ...]] | None = None

    def endpoints(self) -> Endpoints:
        """Its addresses. Raises SingleSignOnError."""
        with self._lock:
            if self._endpoints is None or self._now() - self._endpoints[0] > FRESH_SECONDS:
                issuer = self._provider.issuer
                said = fetch_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
                self._endpoints = (self._now(), read_endpoints(said, issuer))
            return self._endpoints[1]

    def keys(self, kid: object) -> Sequence[Key]:
        """Its keys, as JWK, fetched again if they are old or `kid` is none of theirs. Raises SingleSignOnError."""
        address = self.endpoints().keys
        with self._lock:
            age = self._now() - self._keys[0] if self._keys else float("inf")
            known = self._keys is not None and any(key.get("kid") == kid for key in self._keys[1])
            if self._keys is None or age > KEYS_FRESH_SECONDS or (not known and age > AGAIN_SECONDS):
                self._keys = (self._now(), read_keys(fetch_json(address)))
            return self._keys[1]


@cache
def directory_of(provider: Provider) -> Directory:
    """The one directory of a provider in this process."""
    return Directory(provider)


def read_endpoints(said: Mapping[str, Any], issuer: str) -> Endpoints:
    """The addresses in a provider's metadata. Raises SingleSignOnError."""
    if said.get("issuer") != issuer:
        raise SingleSignOnError("the provider calls itself by another address than the one that was set")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    addresses = [said.get(name) for name in names]
    for name, address in zip(names, addresses, strict=True):
        if not is_safe_address(address):
            raise SingleSignOnError(f"the provider's {name} is no address that secrets may go to")
    return Endpoints(*map(str, addresses))


def read_keys(said: Mapping[str, Any]) -> tuple[Key, ...]:
    """The keys in a provider's key set. Raises SingleSignOnError."""
    keys = said.get("keys")
    if not isinstance(keys, list) or len(keys) > MOST_KEYS or not all(isinstance(key, dict) for key in keys):
        raise SingleSignOnError(f"the provider's keys are no list of at most {MOST_KEYS} keys")
    return tuple(keys)
