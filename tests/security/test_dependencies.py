"""S-41: what we are made of is pinned by hash, few, of known licences, and listed."""

import re
import tomllib

from tests.needs import ROOT
from tests.security.analysis import ARGUED
from tests.security.components import bill_of_materials, licence_of, pins

MOST = 30
LICENCES = re.compile(r"MIT|BSD|Apache|OFL|SIL Open Font|LGPL|Mozilla|MPL", re.IGNORECASE)
WITHOUT = {"pysqlite3": "zlib, as its source says"}


def direct() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [re.split(r"[\[<>=! ]", each)[0] for each in project["dependencies"]]


def test_every_dependency_is_locked_with_hashes() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        found = list(pins(ROOT / lock))
        assert len(found) > 40
        assert [name for name, _, hashes in found if not hashes] == []
    assert {name.lower() for name in direct()} <= {name.lower() for name, _, _ in pins()}


def test_direct_dependencies_are_few_and_their_licences_known() -> None:
    assert len(direct()) <= MOST
    unknown = [name for name in direct() if name not in WITHOUT and not LICENCES.search(licence_of(name) or "")]
    assert unknown == []


def test_static_analysis_finds_nothing_that_is_not_argued() -> None:
    """`make lint` runs it and compares; what is excepted there is a file that exists, with a reason."""
    assert "tests.security.analysis" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [file for _, file in ARGUED if not (ROOT / file).is_file()] == []
    assert min(map(len, ARGUED.values())) > 20


def test_the_list_of_components_names_what_is_locked() -> None:
    listed = bill_of_materials()["components"]
    assert [(each["name"], each["version"]) for each in listed] == [(name, version) for name, version, _ in pins()]
    assert len({each["purl"] for each in listed}) == len(listed)
