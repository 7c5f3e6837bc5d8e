"""https by the server itself, started from the command line and asked over real sockets."""

import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from api.tls import LOOK_SECONDS, Contexts, Files, choose_files, prepare
from service.errors import SettingsError
from service.keys.certificate import fingerprint, keep_certificate, read_certificate
from tests.api.test_server import free_port
from tests.api.town import Town
from tests.needs import ROOT
from tests.service.town import StillClock


@dataclass(frozen=True)
class Served:
    port: int
    told: dict[str, str]
    log: Path
    file: Path

    def connect(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        return context.wrap_socket(plain, server_hostname="localhost")


def trusting(file: Path) -> ssl.SSLContext:
    """A client that takes this certificate and checks the host."""
    return ssl.create_default_context(cadata=file.read_text()[file.read_text().index("-----BEGIN CERT") :])


def ask(connection: ssl.SSLSocket) -> bytes:
    with connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return received


@pytest.fixture(scope="module")
def served(founded_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    data = founded_town.copied(folder / "register").settings.data
    command = [sys.executable, "-m", "api.cli", "serve", "--data", str(data), "--port", str(port)]
    with (folder / "log").open("wb") as stderr:
        process = subprocess.Popen(
            [*command, "--tls", "--json", "--workers", "1"],
            cwd=ROOT,
            env=os.environ | {"PACKTRAIL_BASE_URL": f"https://localhost:{port}"},
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
    assert process.stdout is not None
    started = Served(port, json.loads(process.stdout.readline()), folder / "log", data / "keys" / "tls.pem")
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
            break
        except OSError:
            assert process.poll() is None, started.log.read_text()
            time.sleep(0.1)
    yield started
    process.terminate()
    process.wait(15)


def test_it_answers_over_tls_with_forward_secrecy(served: Served) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = trusting(served.file)
        context.minimum_version = context.maximum_version = version
        connection = served.connect(context)
        assert connection.version() == {771: "TLSv1.2", 772: "TLSv1.3"}[version.value]
        name = (connection.cipher() or ("",))[0]
        assert name.startswith(("TLS_", "ECDHE-")) and ("GCM" in name or "CHACHA20" in name)
        answer = ask(connection)
        assert b" 200 " in answer.splitlines()[0]
        assert b"strict-transport-security: max-age=63072000" in answer.lower()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_older_versions_are_refused(served: Served, version: ssl.TLSVersion) -> None:
    context = trusting(served.file)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with pytest.raises((ssl.SSLError, OSError)):
        served.connect(context)


@pytest.mark.parametrize("cipher", ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA"])
def test_ciphers_without_forward_secrecy_or_authentication_are_refused(served: Served, cipher: str) -> None:
    context = trusting(served.file)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, OSError)):
        served.connect(context)


def test_the_fingerprint_that_was_printed_is_that_of_the_certificate(served: Served) -> None:
    assert served.told["address"] == f"https://127.0.0.1:{served.port}"
    connection = served.connect(trusting(served.file))
    shown = ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True) or b"")
    connection.close()
    assert shown in served.file.read_text().replace("\r", "")
    assert served.told["certificate_sha256"] == fingerprint(read_certificate(served.file))


def test_who_speaks_no_tls_gets_no_answer_and_no_line_of_alarm(served: Served) -> None:
    before = served.log.read_text()
    for sent in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\xff\xff" + bytes(100), b"\x00" * 200):
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as stranger:
            stranger.sendall(sent)
            stranger.shutdown(socket.SHUT_WR)
            received = b""
            try:
                while piece := stranger.recv(65536):
                    received += piece
            except ConnectionResetError:
                pass
        assert b"HTTP/1.1" not in received
    assert b" 200 " in ask(served.connect(trusting(served.file)))
    assert "failed outside" not in served.log.read_text().removeprefix(before)


@pytest.fixture
def given(tmp_path: Path) -> Files:
    """A certificate by an authority, and its key."""
    authority = trustme.CA()
    made = authority.issue_cert("id.example.cn")
    files = Files(tmp_path / "cert.pem", tmp_path / "key.pem")
    made.private_key_pem.write_to_path(files.key)
    made.cert_chain_pems[0].write_to_path(files.certificate)
    return files


def test_a_certificate_that_was_given_is_used(given: Files, town: Town) -> None:
    settings = replace(town.settings, base_url="https://id.example.cn")
    assert choose_files(settings, given.certificate, given.key) == given
    assert prepare(given).sha256 == fingerprint(read_certificate(given.certificate))
    assert not (town.settings.data / "keys" / "tls.pem").exists()


def test_a_base_url_that_is_not_https_is_refused(town: Town) -> None:
    with pytest.raises(SettingsError, match="PACKTRAIL_BASE_URL"):
        choose_files(replace(town.settings, base_url="http://127.0.0.1:8000"), None, None)


def test_a_certificate_with_another_key_or_past_its_end_is_refused(given: Files, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().issue_cert("id.example.cn").private_key_pem.write_to_path(other)
    with pytest.raises(SettingsError, match="together"):
        prepare(replace(given, key=other))
    end = read_certificate(given.certificate).not_valid_after_utc
    with pytest.raises(SettingsError, match="ended"):
        prepare(given, clock=lambda: end)


def test_a_certificate_that_was_renewed_is_used_within_a_minute(given: Files) -> None:
    seconds = [0.0]
    contexts = Contexts(given, tick=lambda: seconds[0])
    before = contexts.present()
    renewed = trustme.CA().issue_cert("id.example.cn")
    renewed.private_key_pem.write_to_path(given.key)
    assert contexts.present() is before
    seconds[0] += LOOK_SECONDS
    assert contexts.present() is before  # the key is new, its certificate is not there yet
    renewed.cert_chain_pems[0].write_to_path(given.certificate)
    seconds[0] += LOOK_SECONDS
    after = contexts.present()
    assert after is not before
    given.certificate.unlink()
    seconds[0] += LOOK_SECONDS
    assert contexts.present() is after


def test_our_own_is_made_anew_while_the_server_runs(tmp_path: Path) -> None:
    file, seconds, clock = tmp_path / "tls.pem", [0.0], StillClock(datetime.now(UTC))
    keep_certificate(file, "id.example.cn", now=clock())
    contexts = Contexts(Files(file, file, "id.example.cn"), clock=clock, tick=lambda: seconds[0])
    before = contexts.present()
    clock.now += timedelta(days=340)
    seconds[0] += LOOK_SECONDS
    assert contexts.present() is not before
    assert read_certificate(file).not_valid_after_utc > clock() + timedelta(days=300)
