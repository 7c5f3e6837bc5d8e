"""The fast way through the chains: whatever is not exactly so, the sweep leaves to the plain audit.

Each lie stands in a register whose later chains, tree and checkpoint were all made to fit it.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ledger.entry import LOG_MARK, format_hash
from ledger.export import checkpoint_path
from ledger.notes.checkpoint import sign_checkpoint
from ledger.tree import hash_leaf
from ledger.verification.joining import Joiner
from ledger.verification.source import ExportSource
from ledger.verification.stretch import Follower, Stretch, UnsoundError, follow
from ledger.verification.sweep import Sweep
from tests.benchmarks import exported as exported_files
from tests.ledger.conftest import Exported
from tests.ledger.verification.test_audit import checkpoint_of
from tests.ledger.verification.test_verifying import ALONE, FAST, plain, sweeps, write

LENGTH = 700
Links = list[tuple[str, object, str]]
Lie = Callable[[str, Links, str], bytes]
"""From time, chain and `prev` as they should be to the log's part of one entry."""


def log_part(at: str, chain: Links, previous: str) -> bytes:
    """As section 4 of the format has it."""
    links = ",".join(f'["{subject}",{seq},"{before}"]' for subject, seq, before in chain)
    return f'"{at}","chain":[{links}],"prev":"{previous}"'.encode()


def told_anew(entries: Sequence[bytes], lies: dict[int, Lie]) -> list[bytes]:
    """The entries with these lies in the log's part, and everything after them made to fit."""
    heads: dict[str, tuple[int, str]] = {}
    previous, made = "", list[bytes]()
    for index, entry in enumerate(entries):
        start = entry.rindex(LOG_MARK) + len(LOG_MARK)
        log = json.loads(entry[entry.rindex(LOG_MARK) + 7 : -1])
        subjects = [link[0] for link in log["chain"]]
        known = [heads.get(subject, (0, "")) for subject in subjects]
        chain: Links = [(subject, seq + 1, before) for subject, (seq, before) in zip(subjects, known, strict=True)]
        made.append(entry[:start] + lies.get(index, log_part)(log["at"], chain, previous) + b"}}")
        previous = format_hash(hash_leaf(made[-1]))
        for subject, (seq, _) in zip(subjects, known, strict=True):
            heads[subject] = (seq + 1, previous)
    return made


def with_time(at: str) -> Lie:
    return lambda _, chain, previous: log_part(at, chain, previous)


def with_link(which: int, *, seq: int | str | None = None, before: str | None = None, subject: str = "") -> Lie:
    """Another number, another hash before, or another subject in one link; numbers as offsets."""

    def lie(at: str, chain: Links, previous: str) -> bytes:
        name, number, hash_ = chain[which]
        told = number if seq is None else seq if isinstance(seq, str) else int(str(number)) + seq
        chain[which] = subject or name, told, hash_ if before is None else before
        return log_part(at, chain, previous)

    return lie


def with_part(change: Callable[[bytes], bytes]) -> Lie:
    return lambda at, chain, previous: change(log_part(at, chain, previous))


OTHER = format_hash(b"\7" * 32)
PLACES = {"first of a chunk": 512, "second": 513, "inside": 590, "last of a chunk": 511, "last": LENGTH - 1}
LIES: dict[str, Lie] = {
    "a time before": with_time("2020-01-01T00:00:00.000Z"),
    "a time without milliseconds": with_time("2026-05-01T04:00:00Z"),
    "a time of another form": with_time("2026-05-01 04:00:00.000Z"),
    "a time in other digits": with_time("2026-05-01T04:0٣:00.000Z"),
    "another prev": lambda at, chain, _: log_part(at, chain, OTHER),
    "no prev": lambda at, chain, _: log_part(at, chain, ""),
    "a number too high": with_link(0, seq=1),
    "a number too low": with_link(0, seq=-1),
    "a number in quotes": with_link(0, seq='"2"'),
    "a number with a zero": with_link(0, seq="02"),
    "a number with a blank": with_link(0, seq=" 2"),
    "no number": with_link(0, seq="null"),
    "another hash before": with_link(0, before=OTHER),
    "no hash before": with_link(0, before=""),
    "a short hash before": with_link(0, before=OTHER[:-2]),
    "another subject": with_link(0, subject="NEVERSEEN"),
    "a subject with a sign": with_link(0, subject="A-B"),
    "a new subject with a sign": lambda at, _, previous: log_part(at, [("A-B", 1, "")], previous),
    "a subject twice": lambda at, chain, previous: log_part(at, [*chain, *chain], previous),
    "a subject more": lambda at, chain, previous: log_part(at, [*chain, ("NEVERSEEN", 1, "")], previous),
    "no subject": lambda at, chain, previous: log_part(at, [], previous),
    "a blank in the chain": with_part(lambda part: part.replace(b'"chain":[', b'"chain": [')),
    "a comma more": with_part(lambda part: part.replace(b"]],", b"],],")),
    "a bracket more": with_part(lambda part: part.replace(b"]],", b"]]],")),
    "a member more": with_part(lambda part: part + b',"prev2":""'),
    "members the other way round": with_part(lambda part: b'"prev":"",' + part),
    "another name": with_part(lambda part: part.replace(b'"prev"', b'"past"')),
    "a name of another length": with_part(lambda part: part.replace(b'"chain"', b'"chains"')),
}


BY_THE_EVENT = {"a subject more", "no subject"}
"""What nobody can see without a look at the event, which chains alone do not take."""
BY_THE_FORM = {"a number with a blank", "a blank in the chain", "a member more"}
"""What the sweep sees in the bytes, and the plain audit where it parses entries to check their signatures."""


@pytest.mark.parametrize("kind", LIES)
def test_no_lie_in_the_log_s_part_passes_wherever_it_stands(exported: Exported, tmp_path: Path, kind: str) -> None:
    honest, lied = exported.entries[:LENGTH], 0
    assert told_anew(honest, {}) == honest
    for at in PLACES.values():
        entries = told_anew(honest, {at: LIES[kind]})
        if entries == honest:
            continue  # so it was: a battery's first entry
        lied += 1
        file = write(tmp_path, entries, sign_checkpoint(checkpoint_of(entries), exported.signers))
        assert sweeps(exported, file, ALONE if kind in BY_THE_EVENT else FAST) is None, at
        assert not plain(file, signatures=kind in BY_THE_EVENT | BY_THE_FORM).ok, at
    assert lied >= 3


@pytest.mark.parametrize("which", [0, 1, 3])
@pytest.mark.parametrize("change", [{"seq": 1}, {"before": OTHER}, {"before": ""}, {"subject": "A-B"}])
def test_no_lie_passes_in_an_entry_of_several_batteries(
    exported: Exported, tmp_path: Path, change: dict[str, Any], which: int
) -> None:
    at = next(index for index, entry in enumerate(exported.entries) if entry.count(b'"],["') == 3)
    entries = told_anew(exported.entries[:LENGTH], {at: with_link(which, **change)})
    assert entries != exported.entries[:LENGTH]
    file = write(tmp_path, entries, sign_checkpoint(checkpoint_of(entries), exported.signers))
    assert sweeps(exported, file, FAST) is None


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two batteries with thousands of entries each, beyond the numbers that are looked up in a table, and some maps."""
    file = tmp_path_factory.mktemp("busy") / "grown.ndjson"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exported_files, "MAP_SPAN", 900)
        exported_files.write_cheap_export(file, 5_000, batteries=2)
    return file


def swept(file: Path, *, chunk: int, signatures: bool = False, marks: Sequence[int] = ()) -> Joiner:
    """The chains alone, in chunks of this length. With `signatures` every map is computed, and no signature checked."""
    run = Sweep(ExportSource(file), 5_000, signatures=signatures, workers=1)
    run._chunk = chunk
    run.chains(marks=marks)
    return run.joiner


@pytest.mark.parametrize("chunk", [256, 1024, 8192])
@pytest.mark.parametrize("signatures", [False, True])
def test_long_histories_are_followed_in_chunks_of_any_length(busy: Path, chunk: int, signatures: bool) -> None:
    lines = busy.read_bytes().split(b"\n")[:-1]
    marks = [1, 255, 256, 257, 1000, 4_864, 4_999, 5_000]
    joiner = swept(busy, chunk=chunk, signatures=signatures, marks=marks)
    assert (joiner.size, joiner.root()) == (5_000, checkpoint_of(lines).root)
    assert joiner.marks == {mark: checkpoint_of(lines[:mark]).root for mark in marks}
    maps = sum(b'"type":"commit_map"' in line for line in lines)
    assert maps > 2
    assert (joiner.maps, joiner.batteries, joiner.links) == (maps, 2, 5_000 - 1 - maps)


def relined(file: Path, tmp_path: Path, change: Callable[[list[bytes]], None]) -> Path:
    """The export with other lines, chained anew."""
    lines = file.read_bytes().split(b"\n")[:-1]
    change(lines)
    other = tmp_path / "grown.ndjson"
    other.write_bytes(b"".join(line + b"\n" for line in told_anew(lines, {})))
    checkpoint_path(other).write_bytes(checkpoint_path(file).read_bytes())
    return other


def test_a_wrong_map_is_noticed_the_newest_without_signatures_too(busy: Path, tmp_path: Path) -> None:
    lines = busy.read_bytes().split(b"\n")[:-1]
    places = [index for index, line in enumerate(lines) if b'"type":"commit_map"' in line]

    def lie(at: int) -> Callable[[list[bytes]], None]:
        def change(lines: list[bytes]) -> None:
            start = lines[at].index(b'"root":"') + 8
            other = b"A" if lines[at][start : start + 1] != b"A" else b"B"
            lines[at] = lines[at][:start] + other + lines[at][start + 1 :]

        return change

    for at in (places[0], places[1], places[-1]):
        file = relined(busy, tmp_path, lie(at))
        with pytest.raises(UnsoundError):
            swept(file, chunk=1024, signatures=True)
    with pytest.raises(UnsoundError):
        swept(relined(busy, tmp_path, lie(places[-1])), chunk=1024)


def test_a_number_beyond_the_table_must_follow_too(busy: Path, tmp_path: Path) -> None:
    """Of the last entry, so that nothing hangs on it: inside a chunk, and where it is a chunk of its own."""
    lines = busy.read_bytes().split(b"\n")[:-1]
    for at, lie in ((4_999, with_link(0, seq=1)), (4_999, with_link(0, before=OTHER)), (4_097, with_link(0, seq=2))):
        file = tmp_path / "grown.ndjson"
        file.write_bytes(b"".join(line + b"\n" for line in told_anew(lines, {at: lie})))
        for chunk in (256, 4096, 8192):
            with pytest.raises(UnsoundError):
                swept(file, chunk=chunk)


# --- joining


def stretches(entries: Sequence[bytes], cut: int) -> Iterator[Stretch]:
    for start in range(0, len(entries), cut):
        yield follow([entries[start : start + cut]], Follower(start))


def test_stretches_that_do_not_follow_each_other_do_not_join(exported: Exported) -> None:
    first, second, third = stretches(exported.entries[: 3 * 256], 256)
    joiner = Joiner(signatures=False)
    joiner.take(first)
    joiner.take(second)
    assert (joiner.size, joiner.root()) == (512, checkpoint_of(exported.entries[:512]).root)
    for order in ([second], [first, third], [first, first]):
        joiner = Joiner(signatures=False)
        with pytest.raises(UnsoundError):
            for found in order:
                joiner.take(found)


def test_nothing_joins_a_stretch_that_is_no_multiple_of_a_tile(exported: Exported) -> None:
    joiner = Joiner(signatures=False)
    joiner.take(follow([exported.entries[:100]], Follower(0)))
    with pytest.raises(UnsoundError):
        joiner.take(follow([exported.entries[100:200]], Follower(100)))


def test_a_time_that_goes_back_between_two_stretches_is_noticed(exported: Exported) -> None:
    later = told_anew(exported.entries[:300], {index: with_time("2026-07-01T00:00:00.000Z") for index in range(256)})
    joiner = Joiner(signatures=False)
    joiner.take(follow([later[:256]], Follower(0)))
    with pytest.raises(UnsoundError):
        joiner.take(follow([later[256:]], Follower(256)))


def test_what_is_told_of_times_and_leaves_is_what_is_there(exported: Exported) -> None:
    entries = exported.entries[:600]
    found = follow([entries[:512], entries[512:]], Follower(0, ids=True, leaves=True))
    times = [json.loads(entry[entry.rindex(LOG_MARK) + 7 : -1])["at"] for entry in entries]
    runs: list[list[object]] = []
    for at in times:
        if runs and runs[-1][0] == at:
            runs[-1][1] += 1  # type: ignore[operator]
        else:
            runs.append([at, 1])
    assert found.times == [(str(at).encode(), count) for at, count in runs]
    assert found.leaves == b"".join(hash_leaf(entry) for entry in entries)
    assert len(found.ids) == 24 * 600
    assert (found.first, found.count, found.previous) == (0, 600, b"")


def test_a_log_without_entries_has_the_root_of_nothing() -> None:
    joiner = Joiner(signatures=True)
    joiner.finish()
    assert (joiner.size, joiner.root()) == (0, checkpoint_of([]).root)
    assert (joiner.batteries, joiner.links, joiner.maps) == (0, 0, 0)
