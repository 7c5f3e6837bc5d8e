"""The battery codes of data/codes/gbt34014.json, one of them printed on a real cell; the addresses of data/epcis."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from service.domain.errors import InvalidCode
from service.domain.gbt34014 import format_code, parse_code
from service.domain.identifiers.digital_link import format_path
from service.domain.identifiers.naming import code_of_item, item_of_code
from service.domain.identifiers.recognition import Scheme, identify
from tests.needs import SHARED_DATA, missing

FILE = SHARED_DATA / "codes" / "gbt34014.json"
LIFE = SHARED_DATA / "epcis" / "pack-life" / "pack-lifecycle.jsonld"


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


def test_every_valid_code_is_recognised_however_it_is_typed() -> None:
    for row in rows(FILE, valid=True):
        code = row["code"]
        for text in (code, code.lower(), " ".join(code), f"https://id.example.cn/b/{code}"):
            found = identify(text)
            assert (found.scheme, found.value) == (Scheme.CODE, code)
        item = item_of_code("09521234000013", code)
        assert code_of_item(code[:7], item[1]) == code


def test_an_invalid_code_is_recognised_only_where_folding_makes_it_valid() -> None:
    for row in rows(FILE, valid=False):
        try:
            found = identify(row["code"])
        except InvalidCode:
            continue
        assert not found.exact, row["why"]
        assert found.value == row["code"].upper()


def test_every_digital_link_of_a_whole_life_is_read_and_written_back() -> None:
    if not LIFE.is_file():
        missing("shared/data/epcis/pack-life beside the project")
    addresses = set(re.findall(r'"(https://id\.gs1\.org/(?:01|8004|414|417)/[^"]+)"', LIFE.read_text()))
    assert len(addresses) > 15
    for address in addresses:
        found = identify(address)
        assert found.link is not None, address
        assert found.exact
        assert "https://id.gs1.org" + format_path(found.link) == address
