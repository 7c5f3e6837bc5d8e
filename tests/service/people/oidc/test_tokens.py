"""ID tokens: what holds, and every way of not holding."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from service.people.oidc.errors import SingleSignOnError
from service.people.oidc.provider import Provider
from service.people.oidc.tokens import key_id, read_subject
from tests.service.people.oidc.openid import Key, make_key

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
ISSUER = "https://login.example.cn"
PROVIDER = Provider(ISSUER, "packtrail", "login.example.cn")
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "packtrail",
    "sub": "248289761001",
    "nonce": "n-0S6_WzA2Mj",
    "iat": AT - 1,
    "exp": AT + 300,
}
KEYS = {alg: make_key(alg, alg) for alg in ("RS256", "ES256", "EdDSA", "Ed25519")}
PUBLISHED = [key.as_dict(private=False) for key in KEYS.values()]


def token(alg: str = "ES256", key: Key | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
    told = {name: value for name, value in (GOOD | claims).items() if value is not None}
    signer = key or KEYS[alg]
    return jwt.encode({"alg": alg, "kid": signer.kid} | (header or {}), told, signer, algorithms=[alg])


def subject(text: object, keys: list[dict[str, Any]] | None = None) -> str:
    return read_subject(text, PUBLISHED if keys is None else keys, PROVIDER, nonce=GOOD["nonce"], now=NOW)


def base64(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", KEYS)
def test_a_token_by_each_kind_of_key_holds(alg: str) -> None:
    assert subject(token(alg)) == "248289761001"
    assert key_id(token(alg)) == alg


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://login.example.cn/"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["packtrail", "another"]},
        {"aud": ["packtrail", "another"], "azp": "another"},
        {"aud": "packtrail", "azp": "another"},
        {"aud": []},
        {"aud": None},
        {"aud": {"packtrail": 1}},
        {"exp": AT - 60},
        {"exp": None},
        {"exp": "2099-01-01"},
        {"exp": True},
        {"iat": AT - 601},
        {"iat": AT + 61},
        {"iat": None},
        {"nbf": AT + 61},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["n-0S6_WzA2Mj"]},
        {"nonce": "ｎ"},
        {"sub": None},
        {"sub": ""},
        {"sub": 248289761001},
        {"sub": "x" * 256},
        {"sub": "学"},
        {"sub": "a\u0000b"},
    ],
    ids=json.dumps,
)
def test_a_token_for_another_place_time_attempt_or_nobody_does_not_hold(claims: dict[str, Any]) -> None:
    with pytest.raises(SingleSignOnError):
        subject(token(**claims))


def test_a_token_for_several_names_us_as_the_party_it_was_made_for() -> None:
    assert subject(token(aud=["packtrail", "another"], azp="packtrail")) == "248289761001"


def test_roles_and_groups_in_a_token_change_nothing() -> None:
    claims = {"roles": ["authority"], "groups": ["admin"], "email": "admin@example.cn", "preferred_username": "admin"}
    assert subject(token(**claims)) == "248289761001"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 7, "HS256", "RS512", "ES384", "PS256", ["ES256"]])
def test_an_unsigned_token_does_not_hold_however_it_is_spelt(alg: object) -> None:
    for signature in ("", "AAAA"):
        with pytest.raises(SingleSignOnError):
            subject(f"{base64({'alg': alg, 'kid': 'ES256'})}.{base64(GOOD)}.{signature}")


def test_a_public_key_is_no_shared_secret() -> None:
    """The oldest trick: HS256 with the bytes of the RSA public key as the secret."""
    told = f"{base64({'alg': 'HS256', 'kid': 'RS256'})}.{base64(GOOD)}"
    for secret in (KEYS["RS256"].as_pem(private=False), KEYS["RS256"].as_dict(private=False)["n"].encode()):
        mark = urlsafe_b64encode(hmac.digest(secret, told.encode(), "sha256")).rstrip(b"=").decode()
        with pytest.raises(SingleSignOnError):
            subject(f"{told}.{mark}")


def test_a_shared_secret_among_the_published_keys_is_not_used() -> None:
    secret = OctKey.generate_key(256, {"kid": "shared"})
    forged = jwt.encode({"alg": "HS256", "kid": "shared"}, GOOD, secret)
    with pytest.raises(SingleSignOnError):
        subject(forged, [secret.as_dict(private=True)])


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", KEYS)
def test_a_key_that_the_provider_has_not_published_signs_nothing(alg: str) -> None:
    swapped = make_key(alg, alg)  # the same key id
    with pytest.raises(SingleSignOnError):
        subject(token(alg, swapped))


def test_a_key_that_a_token_brings_along_is_not_looked_at() -> None:
    own = make_key("ES256", "ES256")
    for header in ({"jwk": own.as_dict(private=False)}, {"jku": "https://evil.example/keys"}, {"kid": "../../keys"}):
        with pytest.raises(SingleSignOnError):
            subject(token("ES256", own, header))


def test_an_extension_that_is_not_known_and_must_be_is_refused() -> None:
    with pytest.raises(SingleSignOnError):
        subject(jws_with_crit())


def jws_with_crit() -> str:
    head = base64({"alg": "ES256", "kid": "ES256", "crit": ["exp"], "exp": AT})
    signed = token().split(".")
    return f"{head}.{signed[1]}.{signed[2]}"


def test_which_key_signed_must_be_clear() -> None:
    unnamed = jwt.encode({"alg": "ES256"}, GOOD, KEYS["ES256"], algorithms=["ES256"])
    assert subject(unnamed) == "248289761001"
    twins = [*PUBLISHED, make_key("ES256", "other").as_dict(private=False)]
    with pytest.raises(SingleSignOnError):
        subject(unnamed, twins)
    same_id = [*PUBLISHED, make_key("ES256", "ES256").as_dict(private=False)]
    with pytest.raises(SingleSignOnError):
        subject(token(), same_id)


@pytest.mark.parametrize(
    "changes",
    [{"use": "enc"}, {"alg": "ES384"}, {"crv": "P-384"}, {"kty": "RSA"}, {"x": "AAAA"}, {"x": 7}, {"y": None}],
)
def test_a_published_key_for_something_else_or_none_at_all_is_not_used(changes: dict[str, Any]) -> None:
    with pytest.raises(SingleSignOnError):
        subject(token(), [KEYS["ES256"].as_dict(private=False) | changes])


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_short_rsa_key_is_not_used() -> None:
    short = RSAKey.generate_key(1024, {"kid": "short"})
    with pytest.raises(SingleSignOnError):
        subject(token("RS256", short), [short.as_dict(private=False)])


def test_a_changed_letter_breaks_the_signature() -> None:
    head, body, signature = token().split(".")
    changed = base64(GOOD | {"sub": "somebody-else"})
    for text in (f"{head}.{changed}.{signature}", f"{head}.{body}.{signature[:-4]}AAAA"):
        with pytest.raises(SingleSignOnError):
            subject(text)


@given(st.one_of(st.none(), st.text(), st.binary(), st.text("ab.=-_").map(lambda text: f"{text}.{text}.{text}")))
def test_whatever_comes_in_place_of_a_token_is_refused(text: object) -> None:
    with pytest.raises(SingleSignOnError):
        subject(text)


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "b64", "crit", "zip", "enc"]), st.text() | st.integers()))
def test_whatever_a_header_says_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(SingleSignOnError):
        subject(f"{base64(header)}.{base64(GOOD)}.AAAA")


def test_a_curve_has_one_kind_of_signature() -> None:
    other = ECKey.generate_key("secp256k1", {"kid": "k1"})
    with pytest.raises(SingleSignOnError):
        subject(token(), [other.as_dict(private=False) | {"kid": "ES256"}])
