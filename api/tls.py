"""https by the server itself: TLS 1.2 or 1.3 with forward secrecy, by a certificate that was given or one of our own.

The files are looked at again once a minute, so that a certificate that was renewed is used without a restart; one that
cannot be used leaves the present one in force and is logged.
"""

import logging
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from service.clock import Clock, wall_clock
from service.errors import SettingsError
from service.keys.certificate import fingerprint, keep_certificate, read_certificate
from service.settings import Settings

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; those of 1.3 are all good."""
LOOK_SECONDS = 60.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Files:
    """A certificate with its chain, and its key, both in PEM. `own_host`: made by ourselves, for this host."""

    certificate: Path
    key: Path
    own_host: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What people are told of a certificate."""

    sha256: str
    valid_until: datetime


def choose_files(settings: Settings, certificate: Path | None, key: Path | None) -> Files:
    """The files that were given, or those of our own. Raises SettingsError where the base URL is not https."""
    address = urlsplit(settings.base_url)
    if address.scheme != "https" or not address.hostname:
        raise SettingsError("serve --tls needs PACKTRAIL_BASE_URL to be the https address that people will use")
    if certificate is not None and key is not None:
        return Files(certificate, key)
    own = settings.data / "keys" / "tls.pem"
    return Files(own, own, address.hostname)


def prepare(files: Files, *, clock: Clock = wall_clock) -> Shown:
    """Make our own certificate where it is needed, and look at what will be used. Raises SettingsError."""
    now = clock()
    if files.own_host is not None:
        keep_certificate(files.certificate, files.own_host, now=now)
    certificate = read_certificate(files.certificate)
    if certificate.not_valid_after_utc <= now:
        ended = certificate.not_valid_after_utc.astimezone(UTC).date()
        raise SettingsError(f"the certificate in {files.certificate} ended on {ended}")
    make_context(files)
    return Shown(fingerprint(certificate), certificate.not_valid_after_utc)


def make_context(files: Files) -> ssl.SSLContext:
    """What connections are made with. Raises SettingsError where certificate and key cannot be used together."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_ciphers(CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(files.certificate, files.key, password=_no_password)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise SettingsError(f"{files.certificate} and {files.key} cannot be used together: {error}") from None
    return context


class Contexts:
    """The context of each new connection, read anew when the files change. Safe for use by several threads."""

    def __init__(self, files: Files, *, clock: Clock = wall_clock, tick: Callable[[], float] = time.monotonic) -> None:
        """`tick` counts seconds. Raises SettingsError."""
        self._files, self._clock, self._tick = files, clock, tick
        self._lock = threading.Lock()
        self._read = self._mark()
        self._context = make_context(files)
        self._looked = tick()

    def present(self) -> ssl.SSLContext:
        """The one in force."""
        if self._tick() - self._looked >= LOOK_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._context

    def for_gunicorn(self) -> Callable[[Any, Any], ssl.SSLContext]:
        """The hook that gunicorn calls with its configuration at each connection."""
        return lambda _configuration, _factory: self.present()

    def _look(self) -> None:
        self._looked = self._tick()
        try:
            if self._files.own_host is not None:
                keep_certificate(self._files.certificate, self._files.own_host, now=self._clock())
            if (mark := self._mark()) != self._read:
                self._context, self._read = make_context(self._files), mark
        except (SettingsError, OSError) as error:
            logger.error("the certificate in use stays: %s", error)

    def _mark(self) -> tuple[tuple[int, int], ...]:
        """Tells one state of the files from another. Raises SettingsError."""
        try:
            found = [file.stat() for file in (self._files.certificate, self._files.key)]
        except OSError as error:
            raise SettingsError(f"{error.filename} cannot be read") from None
        return tuple((each.st_mtime_ns, each.st_ino) for each in found)


def _no_password() -> str:
    """A key that is sealed by a password would otherwise have OpenSSL ask for it at the terminal."""
    raise ValueError("the key is sealed by a password: give it without one, in a file that only its owner can read")
