"""The certificate that the register makes for itself."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from service.errors import SettingsError
from service.keys.certificate import fingerprint, keep_certificate, read_certificate

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "keys" / "tls.pem"
    assert keep_certificate(file, "id.example.cn", now=NOW)
    return file


def test_it_is_for_one_host_and_signs_for_no_other(file: Path) -> None:
    certificate = read_certificate(file)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["id.example.cn"]
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert (certificate.not_valid_after_utc - NOW).days == 365
    assert fingerprint(certificate).count(":") == 31


@pytest.mark.parametrize(
    ("host", "kind"), [("192.0.2.7", x509.IPAddress), ("::1", x509.IPAddress), ("电池.cn", x509.DNSName)]
)
def test_it_may_be_for_an_address_or_a_chinese_name(tmp_path: Path, host: str, kind: type) -> None:
    keep_certificate(tmp_path / "tls.pem", host, now=NOW)
    names = read_certificate(tmp_path / "tls.pem").extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert [type(name) for name in names.value] == [kind]
    assert not keep_certificate(tmp_path / "tls.pem", host, now=NOW)


def test_only_its_owner_can_read_the_key_that_stands_with_it(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file)


def test_it_is_kept_until_its_last_thirty_days(file: Path) -> None:
    before = file.read_bytes()
    assert not keep_certificate(file, "id.example.cn", now=NOW + timedelta(days=334))
    assert file.read_bytes() == before
    assert keep_certificate(file, "id.example.cn", now=NOW + timedelta(days=335))
    assert file.read_bytes() != before


def test_another_host_gets_another(file: Path) -> None:
    assert keep_certificate(file, "id.example.com", now=NOW)


def test_a_file_that_is_none_is_replaced(file: Path) -> None:
    file.write_text("nonsense")
    with pytest.raises(SettingsError):
        read_certificate(file)
    assert keep_certificate(file, "id.example.cn", now=NOW)
