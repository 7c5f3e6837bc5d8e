"""Our witness for a log that Tessera made: every step of it is cosigned, with the proofs its tiles give."""

from pathlib import Path

import pytest

from ledger.notes.note import open_note, parse_vkey
from ledger.notes.witness import Verdict, format_add_checkpoint, origin_hash
from ledger.proof import prove_consistency
from ledger.tile import TileReader, format_tile_path
from service.witness.cosigning import Witness
from service.witness.keys import open_keys
from service.witness.logs import add_log
from service.witness.store import WitnessStore
from tests.needs import missing

VKEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


@pytest.fixture
def folder(shared_data: Path) -> Path:
    found = shared_data / "log" / "tile-log"
    if not found.is_dir():
        missing("shared/data/log/tile-log")
    return found


@pytest.mark.parametrize("stride", [1, 2, 3, 7, 15])
def test_every_step_of_a_tessera_log_is_cosigned_and_no_step_back(folder: Path, tmp_path: Path, stride: int) -> None:
    store = WitnessStore(tmp_path)
    witness = Witness(store, open_keys(tmp_path, name="witness.test"))
    origin = add_log(store, [VKEY])
    sizes = range(0, 16, stride)
    for old, new in zip([0, *sizes], sizes, strict=False):
        nodes = TileReader(lambda tile: (folder / format_tile_path(tile)).read_bytes(), new).nodes if new else None
        proof = prove_consistency(old, new, nodes) if nodes else []
        request = format_add_checkpoint(old, proof, (folder / f"checkpoint.{new}").read_bytes())
        answer = witness.add_checkpoint(request)
        assert (answer.verdict, answer.size) == (Verdict.COSIGN, new)
        if old:
            assert witness.add_checkpoint(request).verdict is Verdict.CONFLICT
    note = witness.newest(origin_hash(origin))
    assert note is not None
    verified = open_note(note, [parse_vkey(vkey) for vkey in (VKEY, *witness.vkeys)]).verified
    assert len(verified) == 3
    store.close()
