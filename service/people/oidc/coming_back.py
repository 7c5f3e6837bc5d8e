"""There and back: a person leaves for the provider, comes back with a code, and is somebody here, or is linked."""

import logging
from dataclasses import dataclass

from service.people.accounts import find_person
from service.people.entering import SignedIn, let_in
from service.people.oidc import attempts
from service.people.oidc.attempts import Attempt
from service.people.oidc.discovery import directory_of
from service.people.oidc.errors import FAILED, SingleSignOnError, refusal
from service.people.oidc.fetching import post_form
from service.people.oidc.links import find_linked, link
from service.people.oidc.provider import Provider
from service.people.oidc.tokens import key_id, read_subject
from service.people.sessions import Device
from service.work import Register

CALLBACK = "/login/oidc/callback"
_LONGEST_CODE = 4096

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Return:
    """What the browser brought back: the parameters of the address."""

    state: str
    code: str
    issuer: str | None = None


def leave(register: Register, provider: Provider, *, holder: str, person: str | None = None) -> str:
    """The address at the provider. `person`: who links an account. NotPermittedError where it does not answer."""
    try:
        endpoint = directory_of(provider).endpoints().authorization
    except SingleSignOnError as error:
        raise _failed(error) from None
    with register.write_beside() as connection:
        state, attempt = attempts.begin(connection, holder, person=person, now=register.clock())
    return attempts.leave_for(endpoint, provider, attempt, state=state, back=_back(register))


def sign_in(register: Register, provider: Provider, came: Return, *, holder: str, device: Device) -> SignedIn:
    """A session, as a password would have given it: the second factor is still asked for. Raises NotPermittedError."""
    attempt = _spend(register, came, holder)
    if attempt.person is not None:
        raise refusal(FAILED)
    subject, now = _exchange(register, provider, came, attempt), register.clock()
    with register.write_beside() as connection:
        person = find_person(connection, find_linked(connection, provider.issuer, subject, now=now))
        return let_in(register, connection, person, device)


def link_account(register: Register, provider: Provider, came: Return, *, holder: str, person: str) -> None:
    """Link the account that the person has signed in to there. Raises NotPermittedError."""
    attempt = _spend(register, came, holder)
    if attempt.person != person:
        raise refusal(FAILED)
    subject = _exchange(register, provider, came, attempt)
    with register.write_beside() as connection:
        link(connection, provider.issuer, subject, person, now=register.clock())


def _spend(register: Register, came: Return, holder: str) -> Attempt:
    with register.write_beside() as connection:
        return attempts.spend(connection, came.state, holder=holder, now=register.clock())


def _exchange(register: Register, provider: Provider, came: Return, attempt: Attempt) -> str:
    """The subject for whom the code was given. Raises NotPermittedError; the reason is logged."""
    try:
        if came.issuer is not None and came.issuer != provider.issuer:  # RFC 9207
            raise SingleSignOnError("the answer is another provider's")
        if not 0 < len(came.code) <= _LONGEST_CODE:
            raise SingleSignOnError("the answer has no code")
        directory = directory_of(provider)
        fields = {
            "grant_type": "authorization_code",
            "code": came.code,
            "redirect_uri": _back(register),
            "code_verifier": attempt.verifier,
        }
        secret = provider.read_secret()
        given = post_form(directory.endpoints().token, fields, client_id=provider.client_id, secret=secret)
        token = given.get("id_token")
        keys = directory.keys(key_id(token))
        return read_subject(token, keys, provider, nonce=attempt.nonce, now=register.clock())
    except SingleSignOnError as error:
        raise _failed(error) from None


def _back(register: Register) -> str:
    return register.settings.base_url + CALLBACK


def _failed(error: SingleSignOnError) -> Exception:
    logger.warning("single sign-on: %s", error)
    return refusal(FAILED)
