"""python -m tests.security.components FILE: what the product is made of, as CycloneDX 1.6, from the lock file.

Each component has its version, the hashes that pip checks, its licence, and its package URL.
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from tests.needs import ROOT

LOCK = ROOT / "requirements.lock"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(.*\n(?: .*\n)*)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_LICENCES = re.compile(r"License :: (?:OSI Approved :: )?(.+)")


def pins(lock: Path = LOCK) -> Iterator[tuple[str, str, list[str]]]:
    """Name, version and hashes of each locked package."""
    for match in _PIN.finditer(lock.read_text(encoding="utf-8")):
        yield match[1], match[2], _HASH.findall(match[3])


def licence_of(name: str) -> str | None:
    """As its metadata say; None where they say nothing, or where it is not needed on this machine."""
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return None
    said = found.get("License-Expression") or "; ".join(
        match[1] for each in found.get_all("Classifier") or () if (match := _LICENCES.fullmatch(each))
    )
    return said or (found.get("License") or "").partition("\n")[0] or None


def components() -> list[dict[str, Any]]:
    found = []
    for name, version, hashes in pins():
        licence = licence_of(name)
        found.append(
            {
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:pypi/{name.lower()}@{version}",
                "hashes": [{"alg": "SHA-256", "content": each} for each in hashes],
                "licenses": [{"license": {"name": licence}}] if licence else [],
            }
        )
    return found


def bill_of_materials() -> dict[str, Any]:
    product = {"type": "application", "name": "packtrail", "licenses": [{"license": {"id": "Apache-2.0"}}]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": product},
        "components": components(),
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(bill_of_materials(), indent=1) + "\n", encoding="utf-8")
