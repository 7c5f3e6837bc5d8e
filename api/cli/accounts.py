"""`accounts.json` in the data folder: API keys as they were made, for those who set a register up on one machine.

A list of {"organisation", "role", "api_key", "login", "password"}. The file is for its owner only (mode 0600).
"""

import json
import os
from pathlib import Path
from typing import TypedDict

from service.errors import SettingsError
from service.settings import Settings


class Account(TypedDict):
    """A row of the file. `organisation` is the operator's id; login and password are of its first person, or null."""

    organisation: str
    role: str
    api_key: str
    login: str | None
    password: str | None


def accounts_file(settings: Settings) -> Path:
    return settings.data / "accounts.json"


def account(
    organisation: str, role: str, api_key: str, *, login: str | None = None, password: str | None = None
) -> Account:
    """The accounts of a program and, where they are given, of a person."""
    return {"organisation": organisation, "role": role, "api_key": api_key, "login": login, "password": password}


def read_accounts(settings: Settings) -> list[Account]:
    """What the file holds; nothing where there is none. Raises SettingsError when it is damaged."""
    file = accounts_file(settings)
    try:
        accounts: list[Account] = json.loads(file.read_text())
        return [account(each["organisation"], each["role"], each["api_key"]) | each for each in accounts]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, KeyError):
        raise SettingsError(f"{file} is damaged: move it away, then make new keys") from None


def write_accounts(settings: Settings, accounts: list[Account]) -> Path:
    """Replace the file."""
    file = accounts_file(settings)
    fresh = file.with_name(file.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(accounts, stream, ensure_ascii=False, indent=1)
        stream.write("\n")
    fresh.replace(file)
    return file
