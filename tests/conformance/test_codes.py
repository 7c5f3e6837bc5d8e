"""The battery codes of data/codes/gbt34014.json, one of them printed on a real cell."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.domain.errors import InvalidCode
from service.domain.gbt34014 import format_code, parse_code
from tests.needs import SHARED_DATA, missing

FILE = SHARED_DATA / "codes" / "gbt34014.json"


def rows(path: Path, *, valid: bool) -> list[dict[str, Any]]:
    if not path.is_file():
        missing("shared/data/codes/gbt34014.json beside the project")
    return [row for row in json.loads(path.read_text()) if row["valid"] is valid]


def test_every_valid_code_is_read_as_the_file_says() -> None:
    read = rows(FILE, valid=True)
    assert read
    for row in read:
        code = parse_code(row["code"])
        found = {name: getattr(code, name) for name in row if name not in ("code", "valid", "date", "note")}
        assert found == {name: row[name] for name in found}
        assert code.date.isoformat() == row["date"]
        assert format_code(code) == row["code"]


def test_every_invalid_code_is_refused() -> None:
    refused = rows(FILE, valid=False)
    assert refused
    for row in refused:
        with pytest.raises(InvalidCode):
            parse_code(row["code"])
