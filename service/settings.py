"""Settings: read once at start, from the environment and the data folder; frozen after.

Every setting is a variable `PACKTRAIL_...`; `docs/settings.md` lists them.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from service.db.address import sqlite_url
from service.documents.limits import DocumentLimits, read_document_limits
from service.domain.passport.tiers import INTERESTED
from service.domain.roles import Role
from service.errors import SettingsError
from service.imports.limits import Limits, read_limits
from service.people.oidc.provider import Provider, read_provider
from service.webhooks.addresses import Reach, read_reach

Networks = tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the register is and how it appears to the world.

    `data` holds keys, the rollback pin and, without `database_url`, the database. `base_url` is the address printed
    in QR codes. `max_body_bytes` bounds a request. `map_seconds`: so long at most is news not in a map.
    `interested`: the roles that read passports as persons with a legitimate interest. `backup_url`: where a copy
    answers when this register does not. `imports`: how large imported files may be. `trusted_proxies`: whose word about
    the client's address is taken. `oidc`: where people may sign in instead of by password. `supervision_days`: so long
    owners are not told of readings by right of supervision. `documents`: how large those may be. `webhooks`: where
    these may lead. `offline`: whether phones of the workshop keep pages that open without a network.
    """

    data: Path
    database_url: str
    base_url: str
    master_key_file: Path
    master_key: str | None = field(default=None, repr=False)
    max_body_bytes: int = 8 * 1024 * 1024
    map_seconds: int = 60
    interested: frozenset[Role] = INTERESTED
    backup_url: str | None = None
    imports: Limits = field(default_factory=Limits)
    trusted_proxies: Networks = ()
    oidc: Provider | None = None
    supervision_days: int = 30
    documents: DocumentLimits = field(default_factory=DocumentLimits)
    webhooks: Reach = field(default_factory=Reach)
    offline: bool = True

    @property
    def pin_file(self) -> Path:
        return self.data / "log.pin"

    @property
    def policy_file(self) -> Path:
        """Says which cosignatures make a checkpoint witnessed; see service.witnessing.head."""
        return self.data / "witness-policy.txt"

    @property
    def report_layout_file(self) -> Path:
        """Says which columns reports have, where somebody wrote it; see service.reports.layout."""
        return self.data / "report-layout.toml"

    @property
    def log_key_file(self) -> Path:
        return self.data / "keys" / "log"


def read_settings(environment: Mapping[str, str] = os.environ, *, data: Path | None = None) -> Settings:
    """Settings from `PACKTRAIL_*` variables; `data` overrides PACKTRAIL_DATA. Raises SettingsError."""
    folder = (data or Path(environment.get("PACKTRAIL_DATA", "var"))).absolute()
    backup = environment.get("PACKTRAIL_BACKUP_URL")
    return Settings(
        data=folder,
        database_url=environment.get("PACKTRAIL_DATABASE_URL") or sqlite_url(folder / "register.db"),
        base_url=_read_address("PACKTRAIL_BASE_URL", environment.get("PACKTRAIL_BASE_URL", "http://127.0.0.1:8000")),
        master_key_file=Path(environment.get("PACKTRAIL_MASTER_KEY_FILE", folder / "keys" / "master")),
        master_key=environment.get("PACKTRAIL_MASTER_KEY") or None,
        map_seconds=_read_seconds(environment, "PACKTRAIL_MAP_SECONDS", 60),
        interested=_read_roles(environment, "PACKTRAIL_LEGITIMATE_INTEREST", INTERESTED),
        backup_url=_read_address("PACKTRAIL_BACKUP_URL", backup) if backup else None,
        imports=_read_imports(environment),
        trusted_proxies=_read_networks(environment, "PACKTRAIL_TRUSTED_PROXIES"),
        oidc=read_provider(environment),
        supervision_days=_read_days(environment, "PACKTRAIL_SUPERVISION_DAYS", 30),
        documents=_read_documents(environment),
        webhooks=_read_reach(environment),
        offline=_read_switch(environment, "PACKTRAIL_OFFLINE"),
    )


def _read_address(name: str, text: str) -> str:
    address = text.rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError(f"{name} is an address like https://id.example.cn")
    return address


def _read_seconds(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 86_400:
        raise SettingsError(f"{name} is a number of seconds, 1 to 86400")
    return int(text)


def _read_days(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) > 3650:
        raise SettingsError(f"{name} is a number of days, 0 to 3650")
    return int(text)


def _read_switch(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "on"
    if text not in ("on", "off"):
        raise SettingsError(f"{name} is on or off")
    return text == "on"


def _read_documents(environment: Mapping[str, str]) -> DocumentLimits:
    try:
        return read_document_limits(environment)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _read_networks(environment: Mapping[str, str], name: str) -> Networks:
    texts = environment.get(name, "").replace(",", " ").split()
    try:
        return tuple(map(ip_network, texts))
    except ValueError as error:
        raise SettingsError(f"{name} lists addresses and networks like 10.0.0.0/8: {error}") from None


def _read_reach(environment: Mapping[str, str]) -> Reach:
    try:
        return read_reach(environment)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _read_imports(environment: Mapping[str, str]) -> Limits:
    try:
        return read_limits(environment)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _read_roles(environment: Mapping[str, str], name: str, default: frozenset[Role]) -> frozenset[Role]:
    given = environment.get(name)
    if given is None:
        return default
    names = given.replace(",", " ").split()
    known = {role.value for role in Role}
    if unknown := sorted(set(names) - known):
        raise SettingsError(f"{name} lists roles; {unknown[0]} is none of {', '.join(sorted(known))}")
    return frozenset(map(Role, names))
