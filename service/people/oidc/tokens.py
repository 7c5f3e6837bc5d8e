"""The ID token: who signed in at the provider, in the provider's words, signed by one of its keys.

Only public-key signatures of three kinds are taken, each by a key of its own kind: a token cannot choose to be checked
with a shared secret, or not at all. Then issuer, audience, times and nonce have to be those of this installation and of
this attempt. Of all claims only `sub` is used: names, groups and roles that a token may hold decide nothing here.
Source: OpenID Connect Core 1.0, 3.1.3.7; RFC 8725.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from service.people.oidc.discovery import Key
from service.people.oidc.errors import SingleSignOnError
from service.people.oidc.provider import Provider

ALGORITHMS: Mapping[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "Ed25519": ("OKP", "Ed25519"),
    "EdDSA": ("OKP", "Ed25519"),  # the name before RFC 9864
}
"""Those that are taken: the kind of key, and its curve."""
LONGEST = 16_384
LEEWAY = 60
"""Seconds by which clocks may differ."""
OLDEST = 600
"""Seconds since a token was issued: it was for this attempt, just now."""
SHORTEST_RSA = 2048
_UNREADABLE = (JoseError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What reading a token or a key that others wrote may end in."""


def key_id(token: object) -> object:
    """The key that a token names in its header, not checked. Raises SingleSignOnError."""
    return _header(token).get("kid")


def read_subject(token: object, keys: Sequence[Key], provider: Provider, *, nonce: str, now: datetime) -> str:
    """The `sub` of a token that holds. Raises SingleSignOnError."""
    header = _header(token)
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        raise SingleSignOnError("the token is not signed in a way that is taken")
    try:
        key = _choose(keys, alg, header.get("kid"))
        signed = jws.deserialize_compact(str(token), key, algorithms=[alg])
        claims = orjson.loads(signed.payload)
    except _UNREADABLE as error:
        raise SingleSignOnError(f"the token does not hold: {type(error).__name__}") from None
    if not isinstance(claims, dict):
        raise SingleSignOnError("the token holds no claims")
    _check(claims, provider, nonce=nonce, now=int(now.timestamp()))
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isascii() or "\0" in subject:
        raise SingleSignOnError("the token does not say who signed in")
    return subject


def _check(claims: Mapping[str, Any], provider: Provider, *, nonce: str, now: int) -> None:
    """Raise SingleSignOnError unless the token is by this provider, for us, of now and of this attempt."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp", provider.client_id if len(audiences) == 1 else None)
    given = claims.get("nonce")
    rows = (
        ("issuer", claims.get("iss") == provider.issuer),
        ("audience", provider.client_id in audiences and party == provider.client_id),
        ("end", _number(claims.get("exp")) > now - LEEWAY),
        ("time of issue", now - OLDEST <= _number(claims.get("iat")) <= now + LEEWAY),
        ("beginning", _number(claims.get("nbf", 0)) <= now + LEEWAY),
        ("nonce", isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "replace"), nonce.encode())),
    )
    for name, holds in rows:
        if not holds:
            raise SingleSignOnError(f"the token's {name} is not the one it must have")


def _choose(keys: Sequence[Key], alg: str, kid: object) -> RSAKey | ECKey | OKPKey:
    """The one key that may have signed. Raises SingleSignOnError."""
    kind, curve = ALGORITHMS[alg]
    fit = [
        key
        for key in keys
        if key.get("kty") == kind
        and (curve is None or key.get("crv") == curve)
        and key.get("use", "sig") == "sig"
        and key.get("alg", alg) in (alg, curve)
        and (kid is None or key.get("kid") == kid)
    ]
    if len(fit) != 1:
        raise SingleSignOnError("the token does not say by which of the provider's keys it is signed")
    public = {name: fit[0][name] for name in ("kty", "crv", "n", "e", "x", "y") if name in fit[0]}
    if kind == "RSA":
        key = RSAKey.import_key(public)
        if key.public_key.key_size < SHORTEST_RSA:
            raise SingleSignOnError("the provider's key is too short")
        return key
    return ECKey.import_key(public) if kind == "EC" else OKPKey.import_key(public)


def _header(token: object) -> Mapping[str, Any]:
    if not isinstance(token, str) or len(token) > LONGEST or token.count(".") != 2:
        raise SingleSignOnError("there is no token in the answer")
    try:
        header = orjson.loads(urlsafe_b64decode(token.partition(".")[0].encode("ascii")))
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise SingleSignOnError("the token has no header")
    return header


def _number(value: object) -> float:
    """A time of a token; one that is none lies before all others, so that it ends a token."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("-inf")
