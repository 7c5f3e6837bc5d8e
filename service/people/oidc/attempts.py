"""Attempts to sign in at the provider, from leaving for it to coming back: each good once, ten minutes, in one browser.

What travels through the address (`state`) is random and kept as a hash; nonce and PKCE verifier never leave for the
browser. `holder` is the session or the browser that began: a stranger's answer cannot be slipped under somebody else.
Source: RFC 9700, 2.1.1 and 4.7; RFC 7636.
"""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from sqlalchemy import Connection, select

from ledger.entry import format_time
from service.db.factor_tables import oidc_attempt
from service.people.oidc.errors import FAILED, refusal
from service.people.oidc.provider import Provider

LIFE = timedelta(minutes=10)
_column = oidc_attempt.c


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was kept of it. `person`: who links; None: somebody signs in."""

    person: str | None
    nonce: str
    verifier: str


def begin(connection: Connection, holder: str, *, person: str | None, now: datetime) -> tuple[str, Attempt]:
    """A new attempt and its state. Those of anybody that have ended are deleted."""
    connection.execute(oidc_attempt.delete().where(_column.expires_at <= format_time(now)))
    state, attempt = secrets.token_urlsafe(32), Attempt(person, secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    row = oidc_attempt.insert().values(
        state=_digest(state),
        holder=holder,
        person=person,
        nonce=attempt.nonce,
        verifier=attempt.verifier,
        expires_at=format_time(now + LIFE),
    )
    connection.execute(row)
    return state, attempt


def spend(connection: Connection, state: str, *, holder: str, now: datetime) -> Attempt:
    """The open attempt of this state, which is open no more. Raises NotPermittedError where this holder has none."""
    mine = (_column.state == _digest(state)) & (_column.holder == holder)
    row = connection.execute(select(oidc_attempt).where(mine)).one_or_none()
    if row is None or row.expires_at <= format_time(now):
        raise refusal(FAILED)
    if connection.execute(oidc_attempt.delete().where(mine)).rowcount != 1:
        raise refusal(FAILED)
    return Attempt(row.person, row.nonce, row.verifier)


def leave_for(endpoint: str, provider: Provider, attempt: Attempt, *, state: str, back: str) -> str:
    """The address at the provider to which the browser goes."""
    challenge = urlsafe_b64encode(sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
    fields = {
        "response_type": "code",
        "scope": "openid",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "state": state,
        "nonce": attempt.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(fields)}"


def _digest(state: str) -> bytes:
    return sha256(state.encode("utf-8", "replace")).digest()
