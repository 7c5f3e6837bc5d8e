"""What must hold afterwards, whatever was done to the server."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from ledger.entry import parse_entry
from ledger.errors import LedgerError
from ledger.notes.checkpoint import open_checkpoint
from ledger.tile import RightEdge
from ledger.tree import hash_leaf
from service.verification.register import verify_database
from service.work import Register
from tests.scene import Scene
from tests.torture.journal import Journal, Sent
from tests.torture.verdict import Verdict

OWN_KINDS = frozenset({"commit_map"})
"""What the log adds to itself while clients write."""
SIGNATURES = 500
"""Checkpoints whose signatures are checked in one run; more are drawn by lot."""
CLEAR = ("busy", "unavailable", "storage")
"""The problems by which a server may say that it cannot record now."""


def judge(scene: Scene, journal: Journal, *, before: int) -> Verdict:
    """Compare the journal with the register, which had `before` entries, and verify the register whole."""
    register = Register(scene.settings)
    try:
        report = verify_database(scene.settings.database_url, register.verifiers, vault=register.vault)
        with register.read() as reader:
            entries = list(reader.entries(0, reader.size()))
        return _compare(journal, entries, before, _bad_notes(register, journal)) + Verdict(
            {}, tuple(f"verification: entry {failure.index}: {failure.what}" for failure in report.failures)
        )
    finally:
        register.close()


def _compare(journal: Journal, entries: list[bytes], before: int, bad_notes: int) -> Verdict:
    parsed = [parse_entry(entry) for entry in entries]
    times = Counter(entry.event.id for entry in parsed)
    place = {entry.event.id: index for index, entry in enumerate(parsed)}
    sent_ids = {sent.id for sent in journal.events}
    strangers = [e for e in parsed[before:] if e.event.id not in sent_ids and e.event.type not in OWN_KINDS]
    lost = sum(1 for sent in journal.acknowledged() if not _is_there(sent, place, entries))
    forks = _forks(journal, entries)
    refused = [sent.refused for sent in journal.events if sent.refused]
    unclear = sum(n for name, n in journal.answers.items() if name[0] == "5" and name[4:] not in CLEAR)
    counts = {
        "events": len(journal.events),
        "acknowledged": len(journal.acknowledged()),
        "in doubt": sum(1 for sent in journal.events if sent.unknown),
        "answers": sum(journal.answers.values()),
        "recorded": sum(1 for id_ in sent_ids if id_ in place),
        "lost": lost,
        "doubled": sum(n - 1 for n in times.values()),
    }
    found = {
        "acknowledged and lost, or not as told": lost,
        "recorded twice": counts["doubled"],
        "recorded and never sent": len(strangers),
        "refused": len(refused),
        "altered events accepted": sum(sent.altered_accepted for sent in journal.events),
        "receipts that prove nothing": journal.bad_proofs,
        "checkpoints not signed by the log": bad_notes,
        "sizes with another root than that of the entries": forks,
        "answers 5xx that do not say what to do": unclear,
        "times that go back": sum(a.at > b.at for a, b in pairwise(parsed)),
    }
    first = f" ({refused[0][:300]})" if refused else ""
    return Verdict(
        counts, tuple(f"{number} {what}{first * (what == 'refused')}" for what, number in found.items() if number)
    )


def _is_there(sent: Sent, place: dict[str, int], entries: list[bytes]) -> bool:
    index = place.get(sent.id)
    return index is not None and sent.told == {(index, hash_leaf(entries[index]))}


def _forks(journal: Journal, entries: list[bytes]) -> int:
    """How many sizes were signed with a root that the entries of today do not have."""
    return sum(journal.roots[size] != {root} for size, root in _roots(entries, sorted(journal.roots)))


def _roots(entries: list[bytes], sizes: list[int]) -> Iterator[tuple[int, bytes]]:
    """The root of the first entries, for each size; nothing where there are too few."""
    edge = RightEdge(0, {})
    for size in sizes:
        edge.extend([hash_leaf(entry) for entry in entries[edge.size : size]])
        yield size, edge.root() if edge.size == size else b""


def _bad_notes(register: Register, journal: Journal) -> int:
    chosen = sorted(journal.notes)
    if len(chosen) > SIGNATURES:
        chosen = random.Random(len(chosen)).sample(chosen, SIGNATURES)
    bad = 0
    for size in chosen:
        try:
            open_checkpoint(journal.notes[size], register.verifiers, origin=register.log.origin, require_all=True)
        except LedgerError:
            bad += 1
    return bad
