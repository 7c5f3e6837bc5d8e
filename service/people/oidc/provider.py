"""The OpenID provider of this installation, as its settings name it. There is one at most."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from service.errors import SettingsError

ISSUER, CLIENT, SECRET_FILE, NAME = (
    f"PACKTRAIL_OIDC_{each}" for each in ("ISSUER", "CLIENT_ID", "SECRET_FILE", "NAME")
)


@dataclass(frozen=True, slots=True)
class Provider:
    """issuer: its address, exactly as it writes it. name: what people call it. secret_file: None for none."""

    issuer: str
    client_id: str
    name: str
    secret_file: Path | None = None

    def read_secret(self) -> str | None:
        """The client's secret. Raises SettingsError."""
        if self.secret_file is None:
            return None
        try:
            return self.secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"{SECRET_FILE} names a file that cannot be read") from None


def read_provider(environment: Mapping[str, str]) -> Provider | None:
    """The provider, None where no issuer is set. Raises SettingsError."""
    issuer, client_id = environment.get(ISSUER, ""), environment.get(CLIENT, "")
    if not issuer:
        return None
    if not is_safe_address(issuer) or urlsplit(issuer).query:
        raise SettingsError(f"{ISSUER} is an https address, as the provider writes it in its tokens")
    if not client_id:
        raise SettingsError(f"{CLIENT} is missing: the provider names you by it")
    secret_file = environment.get(SECRET_FILE)
    name = environment.get(NAME) or str(urlsplit(issuer).hostname)
    return Provider(issuer, client_id, name, Path(secret_file) if secret_file else None)


def is_safe_address(address: object) -> bool:
    """Whether secrets may go there: https, or http on this very machine; no user, no fragment."""
    if not isinstance(address, str) or len(address) > 2048 or not address.isascii() or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc or "#" in address or " " in address or "\\" in address:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
