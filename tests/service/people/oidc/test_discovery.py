"""What a provider says of itself, and how little of it is believed."""

from collections.abc import Iterator
from typing import Any

import pytest

from service.people.oidc.discovery import AGAIN_SECONDS, KEYS_FRESH_SECONDS, Directory, read_endpoints, read_keys
from service.people.oidc.errors import SingleSignOnError
from service.people.oidc.provider import Provider
from tests.service.people.oidc.openid import OpenId

ISSUER = "https://login.example.cn/realm"
SAID = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": "https://keys.example.cn/",
}


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def openid() -> Iterator[OpenId]:
    with OpenId() as provider:
        yield provider


def test_addresses_are_taken_from_the_issuer_that_was_set() -> None:
    endpoints = read_endpoints(SAID, ISSUER)
    assert (endpoints.authorization, endpoints.keys) == (f"{ISSUER}/authorize", "https://keys.example.cn/")


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://login.example.cn"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://login.example.cn/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "http://169.254.169.254/latest"},
        {"jwks_uri": "https://user:password@keys.example.cn/"},
        {"jwks_uri": "https://"},
        {"jwks_uri": ["https://keys.example.cn/"]},
        {"jwks_uri": "https://keys.example.cn/\r\nX-Injected: 1"},
        {"jwks_uri": "https://keys.example.cn:99999/"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://login.example.cn/#fragment"},
        {"authorization_endpoint": "https://" + "x" * 3000},
    ],
    ids=str,
)
def test_an_address_that_secrets_may_not_go_to_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(SingleSignOnError):
        read_endpoints(SAID | changes, ISSUER)


@pytest.mark.parametrize("said", [{}, {"keys": {}}, {"keys": ["x"]}, {"keys": [{}] * 51}])
def test_keys_that_are_no_list_of_keys_are_refused(said: dict[str, Any]) -> None:
    with pytest.raises(SingleSignOnError):
        read_keys(said)


def test_keys_are_kept_and_a_new_one_is_found_once_in_a_while(openid: OpenId) -> None:
    seconds = Seconds()
    directory = Directory(Provider(openid.issuer, "packtrail", "test"), seconds)
    for _ in range(3):
        assert directory.keys("first")[0]["kid"] == "first"
    assert openid.asked.count("/keys") == 1
    openid.rotate()
    for _ in range(50):
        assert directory.keys("second")[0]["kid"] == "first"
    seconds.now += AGAIN_SECONDS + 1
    assert directory.keys("second")[0]["kid"] == "second"
    assert openid.asked.count("/keys") == 2
    seconds.now += KEYS_FRESH_SECONDS + 1
    directory.keys("second")
    assert openid.asked.count("/keys") == 3
    assert openid.asked.count("/.well-known/openid-configuration") == 1


def test_a_provider_that_is_away_is_an_error_of_ours() -> None:
    directory = Directory(Provider("http://127.0.0.1:9", "packtrail", "test"))
    with pytest.raises(SingleSignOnError):
        directory.endpoints()
