"""Settings: read once at start, from the environment and the data folder; frozen after.

Every setting is a variable `PACKTRAIL_...`; `docs/settings.md` lists them.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from service.db.engine import sqlite_url
from service.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the register is and how it appears to the world.

    `data` holds keys, the rollback pin and, without `database_url`, the database. `base_url` is the address printed
    in QR codes. `max_body_bytes` bounds a request. `map_seconds`: so long at most is news not in a map.
    """

    data: Path
    database_url: str
    base_url: str
    master_key_file: Path
    master_key: str | None = field(default=None, repr=False)
    max_body_bytes: int = 8 * 1024 * 1024
    map_seconds: int = 60

    @property
    def pin_file(self) -> Path:
        return self.data / "log.pin"

    @property
    def policy_file(self) -> Path:
        """Says which cosignatures make a checkpoint witnessed; see service.witnessing.head."""
        return self.data / "witness-policy.txt"

    @property
    def log_key_file(self) -> Path:
        return self.data / "keys" / "log"


def read_settings(environment: Mapping[str, str] = os.environ, *, data: Path | None = None) -> Settings:
    """Settings from `PACKTRAIL_*` variables; `data` overrides PACKTRAIL_DATA. Raises SettingsError."""
    folder = (data or Path(environment.get("PACKTRAIL_DATA", "var"))).absolute()
    base_url = environment.get("PACKTRAIL_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError("PACKTRAIL_BASE_URL is an address like https://id.example.cn")
    return Settings(
        data=folder,
        database_url=environment.get("PACKTRAIL_DATABASE_URL") or sqlite_url(folder / "register.db"),
        base_url=base_url,
        master_key_file=Path(environment.get("PACKTRAIL_MASTER_KEY_FILE", folder / "keys" / "master")),
        master_key=environment.get("PACKTRAIL_MASTER_KEY") or None,
        map_seconds=_read_seconds(environment, "PACKTRAIL_MAP_SECONDS", 60),
    )


def _read_seconds(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 86_400:
        raise SettingsError(f"{name} is a number of seconds, 1 to 86400")
    return int(text)
