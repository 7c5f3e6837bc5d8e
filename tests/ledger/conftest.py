"""A register of 2,000 entries, recorded through the real pipeline and exported."""

from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.note import Signer, Verifier
from service.evidence import evidence_bundle
from service.exporting import export_register
from service.keys.logkeys import read_signing_keys
from tests.service.town import ORIGIN, StillClock, Town, build_town, pack

PACKS = 390


class Exported(NamedTuple):
    """`file` with its checkpoint beside it, `vkeys` a file of the log's keys, `bundle` the evidence of one battery."""

    file: Path
    vkeys: Path
    bundle: Path
    code: str
    entries: list[bytes]
    note: bytes
    signed: Checkpoint
    verifiers: tuple[Verifier, ...]
    signers: tuple[Signer, ...]


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Do not write to its files: copy them."""
    folder = tmp_path_factory.mktemp("exported")
    settings = build_town(folder / "data", packs=PACKS)
    town = Town(settings, StillClock())
    file, vkeys, bundle = folder / "register.ndjson", folder / "vkeys", folder / "evidence.json"
    count = export_register(town.register, file)
    vkeys.write_text("".join(f"{signer.vkey}\n" for signer in town.register.signers))
    bundle.write_bytes(evidence_bundle(town.register, pack(1)))
    verifiers = town.register.verifiers
    town.close()
    entries = file.read_bytes().split(b"\n")[:-1]
    assert count == len(entries) >= 1950
    note = (folder / "register.ndjson.checkpoint").read_bytes()
    signed = open_checkpoint(note, verifiers, origin=ORIGIN, require_all=True)
    return Exported(file, vkeys, bundle, pack(1), entries, note, signed, verifiers, read_signing_keys(settings))
