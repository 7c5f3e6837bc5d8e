"""The floor under a verification: as many processes read the same file, and only hash it or only verify signatures."""

from base64 import urlsafe_b64decode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from nacl.bindings import crypto_sign_open

from ledger.entry import event_bytes
from ledger.tree import hash_pairs
from ledger.verification.crew import Crew
from ledger.verification.source import ExportSource, Place
from ledger.verification.sweep import cores
from tests.benchmarks.material import SIGNER

CHUNK = 4096


def hash_all(export: Path) -> int:
    """Leaf hashes and nodes of all entries; gives their number."""
    return _run(export, _hash)


def verify_all(export: Path) -> int:
    """The signature of every entry, by the one key that signed them, nothing else looked at; gives their number."""
    return _run(export, _verify)


def _run(export: Path, job: object) -> int:
    source = ExportSource(export)
    with Crew(source, cores()) as crew:
        counts: Iterable[int] = crew.run(job, source.places(CHUNK))  # type: ignore[arg-type]
        return sum(counts)


def _hash(source: ExportSource, place: Place) -> int:
    count = 0
    for block in source.blocks(place):
        row = [sha256(b"\0" + entry).digest() for entry in block]
        count += len(row)
        while len(row) > 1:
            row = hash_pairs(row)
    return count


def _verify(source: ExportSource, place: Place) -> int:
    count = 0
    for block in source.blocks(place):
        for entry in block:
            event = event_bytes(entry)
            start = len(event) + 17
            header, _, signature = entry[start : entry.index(b'"', start)].partition(b"..")
            crypto_sign_open(urlsafe_b64decode(signature + b"==") + header + b"." + event, SIGNER.public_key)
        count += len(block)
    return count
