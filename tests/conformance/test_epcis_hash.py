"""The CBV event hash of other people's events: pre-hash strings and results of the reference implementation."""

import json
from pathlib import Path

import pytest

from service.epcis.event_hash import event_hash, namespaces_of, pre_hash
from tests.needs import SHARED_DATA, missing

FOLDER = SHARED_DATA / "epcis"
FILES = (
    "hash-vectors/ReferenceEventHashAlgorithm",
    "hash-vectors/ReferenceEventHashAlgorithm2",
    "hash-vectors/epcisDocWithSensorDataObjectEvent",
    "hash-vectors/epcisDocWithSingleEvent",
    "pack-life/pack-lifecycle",
)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", FILES)
def test_every_event_has_the_pre_hash_string_and_the_hash_of_the_reference(name: str) -> None:
    path = FOLDER / f"{name}.jsonld"
    if not path.is_file():
        missing("shared/data/epcis beside the project")
    document = json.loads(path.read_text(encoding="utf-8"))
    events, spaces = document["epcisBody"]["eventList"], namespaces_of(document["@context"])
    assert [pre_hash(event, spaces) for event in events] == lines(FOLDER / f"{name}.prehashes")
    assert [event_hash(event, spaces) for event in events] == lines(FOLDER / f"{name}.hashes")
