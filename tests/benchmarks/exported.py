"""Exports to measure verification with: chains, tree, maps and checkpoint are right, whatever their size.

Signing a million events would take a minute a core. In a cheap export only the log's own entries are signed, so that it
holds without signatures; all else, each byte's place and length, is as in a signed one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ledger.entry import Link, build_entry, build_event, format_hash
from ledger.export import checkpoint_path
from ledger.map import COMMIT_MAP, MAP_SPAN
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.signing.jws import sign_event
from ledger.tree import CompactRange, hash_leaf
from ledger.verification.headmap import HeadMap
from tests.benchmarks.material import LOG_SIGNERS, ORIGIN, SIGNER, make_events, make_members

AT = "2026-11-22T{:02d}:{:02d}:{:02d}.000Z"
STEP = 1000


def write_cheap_export(file: Path, size: int, *, batteries: int, signed: bool = False) -> None:
    """An export of `size` entries with its checkpoint, and `log.vkeys` beside."""
    tree = CompactRange()
    with file.open("wb") as stream:
        leaves: list[bytes] = []
        for entry in _entries(size, batteries, signed):
            stream.write(entry + b"\n")
            leaves.append(hash_leaf(entry))
            if len(leaves) == STEP:
                tree.extend(leaves)
                leaves.clear()
        tree.extend(leaves)
    checkpoint_path(file).write_bytes(sign_checkpoint(Checkpoint(ORIGIN, size, tree.root()), LOG_SIGNERS))
    (file.parent / "log.vkeys").write_text("".join(f"{signer.vkey}\n" for signer in LOG_SIGNERS))


def _entries(size: int, batteries: int, signed: bool) -> Iterator[bytes]:
    heads: dict[bytes, bytes] = {}
    known: dict[str, tuple[int, bytes]] = {}
    changed: set[bytes] = set()
    born: list[bytes] = []
    tree_map, mapped, previous = HeadMap(heads), 0, b""
    [opening] = make_events(1)
    template = make_events(2)[1]
    for index in range(size):
        at = AT.format(index // 3_600_000, index // 60_000 % 60, index // 1000 % 60)
        if index and index - mapped > max(MAP_SPAN, len(heads) // 8 + 1):
            tree_map.touch(changed, born=born)
            event = build_event(make_members(index, COMMIT_MAP, [], tree_map.commitment(index).body()))
            entry = build_entry(event.data, sign_event(event.data, SIGNER), at=at, chain=(), previous=previous)
            changed.clear()
            born.clear()
            mapped = index
        elif index == 0:
            entry = build_entry(opening.event, opening.jws, at=at, chain=(), previous=previous)
        else:
            subject = f"001PE12ABCDEFGG2T{index * 7919 % batteries:07d}"
            sent = make_events(1, batteries=batteries, start=index)[0] if signed else None
            data = sent.event if sent else _rename(template.event, index, subject)
            seq, before = known.get(subject, (0, b""))
            link = Link(subject, seq + 1, before)
            entry = build_entry(data, sent.jws if sent else template.jws, at=at, chain=(link,), previous=previous)
            leaf = hash_leaf(entry)
            known[subject] = seq + 1, leaf
            name = subject.encode()
            if seq == 0:
                born.append(name)
            heads[name] = b",%d,%b" % (seq + 1, format_hash(leaf).encode())
            changed.add(name)
        previous = hash_leaf(entry)
        yield entry


def _rename(event: bytes, number: int, subject: str) -> bytes:
    """The event with another id and subject, of the same lengths."""
    members: Any = make_members(number, "", [], {})["id"]
    at = event.rindex(b'"id":"') + 6
    named = event[:at] + members.encode() + event[at + 36 :]
    start = named.rindex(b'"subjects":["') + 13
    return named[:start] + subject.encode() + named[start + len(subject) :]
