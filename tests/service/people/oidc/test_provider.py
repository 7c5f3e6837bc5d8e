"""The provider in the settings."""

from pathlib import Path

import pytest

from service.errors import SettingsError
from service.people.oidc.provider import Provider, read_provider

ISSUER = "https://login.example.cn"


def test_without_an_issuer_there_is_none() -> None:
    assert read_provider({}) is None


def test_a_provider_is_called_by_its_host_unless_it_has_a_name(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    environment = {"PACKTRAIL_OIDC_ISSUER": ISSUER, "PACKTRAIL_OIDC_CLIENT_ID": "packtrail"}
    assert read_provider(environment) == Provider(ISSUER, "packtrail", "login.example.cn")
    more = {"PACKTRAIL_OIDC_NAME": "渝快办", "PACKTRAIL_OIDC_SECRET_FILE": str(file)}
    named = read_provider(environment | more)
    assert named is not None and (named.name, named.read_secret()) == ("渝快办", "s3cret")


@pytest.mark.parametrize("issuer", ["http://login.example.cn", "login.example.cn", f"{ISSUER}?a=b", "https://a@b"])
def test_an_issuer_is_an_https_address(issuer: str) -> None:
    with pytest.raises(SettingsError, match="PACKTRAIL_OIDC_ISSUER"):
        read_provider({"PACKTRAIL_OIDC_ISSUER": issuer, "PACKTRAIL_OIDC_CLIENT_ID": "packtrail"})


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PACKTRAIL_OIDC_CLIENT_ID"):
        read_provider({"PACKTRAIL_OIDC_ISSUER": ISSUER})
    with pytest.raises(SettingsError, match="PACKTRAIL_OIDC_SECRET_FILE"):
        Provider(ISSUER, "packtrail", "x", tmp_path / "none").read_secret()
