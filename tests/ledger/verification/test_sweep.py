"""The sweep and where it reads from: every entry once, whatever the file and the chunks, and told how far it is."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ledger.canonical import MAX_BYTES
from ledger.export import checkpoint_path
from ledger.tree import hash_leaf
from ledger.verification import source as reading
from ledger.verification.source import ExportSource, Place
from ledger.verification.stretch import UnsoundError
from ledger.verification.sweep import Sweep, cores
from ledger.verification.verified import State
from ledger.verification.verifying import Wishes, sweep
from service.exporting import export_register
from service.work import Register
from tests.ledger.conftest import Exported
from tests.ledger.verification.test_audit import checkpoint_of
from tests.ledger.verification.test_verifying import plain
from tests.torture.town import build_small


def export_of(folder: Path, lines: Sequence[bytes], end: bytes = b"\n") -> ExportSource:
    file = folder / "register.ndjson"
    file.write_bytes(b"\n".join(lines) + end)
    return ExportSource(file)


@pytest.mark.parametrize("piece", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 512, 700])
def test_places_and_blocks_give_every_line_once_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, piece: int
) -> None:
    monkeypatch.setattr(reading, "PIECE", piece)
    monkeypatch.setattr(reading, "BLOCK", 32)
    lines = [b"%d" % number * (number % 5) for number in range(count)]
    source = export_of(tmp_path, lines)
    places = list(source.places(256))
    assert [place.first for place in places] == list(range(0, count, 256))
    assert [place.count for place in places] == [min(256, count - place.first) for place in places]
    found = [list(source.blocks(place)) for place in places]
    assert [line for blocks in found for block in blocks for line in block] == lines
    for blocks in found:
        assert all(len(block) == 32 for block in blocks[:-1]) and len(blocks[-1]) <= 32
    assert source.leaves(places[0]) is None


def test_a_last_line_without_an_end_is_a_line(tmp_path: Path) -> None:
    source = export_of(tmp_path, [b"a", b"b"], end=b"")
    [place] = source.places(256)
    assert place == Place(0, 2, 0, 3)
    assert list(source.blocks(place)) == [[b"a", b"b"]]
    assert list(export_of(tmp_path, [b""], end=b"").places(256)) == []


def test_a_line_longer_than_any_entry_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PIECE", 1000)
    for length, fits in ((MAX_BYTES, True), (MAX_BYTES + 1001, False)):
        source = export_of(tmp_path, [b"a" * length])
        [place] = source.places(256)
        if fits:
            assert [len(line) for block in source.blocks(place) for line in block] == [length]
        else:
            with pytest.raises(UnsoundError):
                list(source.blocks(place))


class Stored(ExportSource):
    """Entries with leaf hashes beside them, as a database keeps them, and what a test changes about either."""

    def __init__(self, exported: Exported, *, wrong: int = -1, missing: int = 0) -> None:
        super().__init__(exported.file)
        self._leaves = bytearray(b"".join(map(hash_leaf, exported.entries)))
        if wrong >= 0:
            self._leaves[wrong] ^= 1
        self._missing = missing

    def places(self, chunk: int) -> Iterator[Place]:
        for place in super().places(chunk):
            yield place._replace(count=place.count + self._missing)

    def leaves(self, place: Place) -> bytes:
        """Those of full tiles."""
        full = place.count // 256 * 256
        return bytes(self._leaves[place.first * 32 : (place.first + full) * 32])


def test_stored_hashes_are_held_against_those_of_the_entries(exported: Exported) -> None:
    """Those of a partial tile stand elsewhere."""
    size = len(exported.entries)
    full = size // 256 * 256 * 32
    note, wishes = exported.note, Wishes(signatures=False, workers=1)
    assert sweep(Stored(exported), note, exported.verifiers, wishes)[0].ok
    for wrong in (0, 255 * 32, full - 1):
        with pytest.raises(UnsoundError):
            sweep(Stored(exported, wrong=wrong), note, exported.verifiers, wishes)
    assert sweep(Stored(exported, wrong=full), note, exported.verifiers, wishes)[0].ok


def test_a_place_with_fewer_entries_than_it_says_is_unsound(exported: Exported) -> None:
    for signatures in (True, False):
        with pytest.raises(UnsoundError):
            wishes = Wishes(signatures=signatures, workers=1)
            sweep(Stored(exported, missing=1), exported.note, exported.verifiers, wishes)


@pytest.mark.parametrize(
    ("size", "workers", "chunk"),
    [
        (0, 1, 256),
        (2047, 2, 256),
        (4096, 2, 512),
        (4095, 2, 256),
        (65_536, 2, 8192),
        (65_535, 1, 8192),
        (10**7, 2, 16_384),
    ],
)
def test_chunks_are_powers_of_two_that_leave_each_worker_several(size: int, workers: int, chunk: int) -> None:
    assert Sweep(ExportSource(Path("none")), size, signatures=True, workers=workers)._chunk == chunk


def test_as_many_workers_as_cores_where_nobody_says(tmp_path: Path) -> None:
    assert Sweep(ExportSource(tmp_path), 10, signatures=True)._workers == min(cores(), 61)
    assert Sweep(ExportSource(tmp_path), 10, signatures=True, workers=99)._workers == 61
    assert cores() >= 1


def test_how_far_it_is_is_told_in_both_passes(exported: Exported) -> None:
    told: list[tuple[str, int, int]] = []

    def tick(phase: str, done: int, total: int) -> None:
        told.append((phase, done, total))

    note, size = checkpoint_path(exported.file).read_bytes(), len(exported.entries)
    sweep(ExportSource(exported.file), note, exported.verifiers, Wishes(workers=1, tick=tick))
    ends = [*range(256, size, 256), size]
    assert told == [(phase, end, size) for phase in ("chains", "signatures") for end in ends]


def test_states_that_are_kept_on_the_way_are_those_of_the_entries(exported: Exported) -> None:
    states: list[State] = []
    note = checkpoint_path(exported.file).read_bytes()
    since = State(exported.signed.origin, 512, checkpoint_of(exported.entries[:512]).root)
    wishes = Wishes(workers=1, verified=since, save=states.append)
    report, _ = sweep(ExportSource(exported.file), note, exported.verifiers, wishes)
    assert report.ok
    assert [state.size for state in states] == [*range(768, report.size, 256), report.size]
    assert all(state.root == checkpoint_of(exported.entries[: state.size]).root for state in states)


@pytest.fixture(scope="module")
def disputed(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A small register with keys rotated, revoked and disputed, log keys replaced, values erased, and maps."""
    folder = tmp_path_factory.mktemp("disputed")
    settings = build_small(folder / "data")
    register = Register(settings)
    file = folder / "register.ndjson"
    export_register(register, file)
    verifiers, signers = register.verifiers, register.signers
    register.close()
    entries = file.read_bytes().split(b"\n")[:-1]
    note = checkpoint_path(file).read_bytes()
    signed = checkpoint_of(entries)
    return Exported(file, file, file, "", entries, note, signed, verifiers, signers)


@pytest.mark.parametrize("signatures", [True, False])
def test_a_register_with_disputes_is_swept_and_reported_as_the_plain_audit_does(
    disputed: Exported, signatures: bool
) -> None:
    source = ExportSource(disputed.file)
    report, _ = sweep(source, disputed.note, disputed.verifiers, Wishes(signatures=signatures, workers=1))
    assert report == plain(disputed.file, signatures=signatures)
    assert report.ok
    if signatures:
        assert report.checked["disputed_entries"] > 0 and report.checked["maps"] == 2


def test_disputed_entries_are_counted_though_their_signatures_were_checked_before(disputed: Exported) -> None:
    source, size = ExportSource(disputed.file), len(disputed.entries)
    whole, _ = sweep(source, disputed.note, disputed.verifiers, Wishes(workers=1))
    state = State(disputed.signed.origin, size, disputed.signed.root)
    again, _ = sweep(source, disputed.note, disputed.verifiers, Wishes(workers=1, verified=state))
    assert again == whole
