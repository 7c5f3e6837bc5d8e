"""Checking a register over the network, with nothing but its address and its public keys.

What anyone may read are checkpoints and hash tiles: from them follows that the checkpoint is signed, that the tiles
make up exactly its tree, and that the tree still extends an older checkpoint. Auditors may read the entries as well;
with an auditor's API key each entry is fetched and audited as in an export.
"""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.note import Verifier
from ledger.tile import TILE_WIDTH, Tile, format_bundle_path, format_tile_path, parse_bundle, split_hashes, tile_width
from ledger.tree import CompactRange
from ledger.verification.audit import Audit, Failure, Report
from service.errors import ServiceError

MAX_ANSWER = 20_000_000
SECONDS = 30
Tick = Callable[[int], None]


class RemoteError(ServiceError):
    """The register did not answer, or not with what it should."""


@dataclass(frozen=True, slots=True)
class RemoteLog:
    """A register's log at `base_url`. `api_key` is needed for entries only."""

    base_url: str
    api_key: str | None = None

    def fetch(self, path: str) -> bytes:
        """The body at `/log/<path>`. Raises RemoteError."""
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        request = urllib.request.Request(f"{self.base_url.rstrip('/')}/log/{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                body: bytes = answer.read(MAX_ANSWER)
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise RemoteError(f"{request.full_url}: {error}") from None
        return body

    def leaf_hashes(self, size: int) -> Iterator[list[bytes]]:
        """The leaf hashes of the first `size` entries, tile by tile."""
        for index in range(-(-size // TILE_WIDTH)):
            width = tile_width(0, index, size)
            data = self.fetch(format_tile_path(Tile(0, index, width)))
            if len(data) != width * 32:
                raise RemoteError(f"tile 0/{index} has {len(data)} bytes in place of {width * 32}")
            yield split_hashes(data)

    def entries(self, size: int) -> Iterator[list[bytes]]:
        """The first `size` entries, bundle by bundle."""
        for index in range(-(-size // TILE_WIDTH)):
            yield parse_bundle(self.fetch(format_bundle_path(index, tile_width(0, index, size))))


def verify_remote(log: RemoteLog, verifiers: Sequence[Verifier], *, tick: Tick | None = None) -> Report:
    """Check the register at `log`. Raises RemoteError when it cannot be read."""
    try:
        signed = open_checkpoint(log.fetch("checkpoint"), verifiers, origin=verifiers[0].name, require_all=True)
        return _audit(log, signed, tick) if log.api_key else _check_tiles(log, signed, tick)
    except LedgerError as error:
        return Report(0, b"", {}, (Failure(None, f"checkpoint: {error}"),))


def root_at(log: RemoteLog, size: int) -> bytes:
    """The root of the first `size` entries, of which there must be so many."""
    tree = CompactRange()
    for hashes in log.leaf_hashes(size):
        tree.extend(hashes)
    return tree.root()


def _check_tiles(log: RemoteLog, signed: Checkpoint, tick: Tick | None) -> Report:
    tree = CompactRange()
    for hashes in log.leaf_hashes(signed.size):
        tree.extend(hashes)
        if tick:
            tick(tree.size)
    wrong = Failure(None, "the tiles do not make up the tree that the checkpoint signs")
    failures = () if tree.root() == signed.root else (wrong,)
    return Report(signed.size, tree.root(), {"leaf_hashes": signed.size}, failures)


def _audit(log: RemoteLog, signed: Checkpoint, tick: Tick | None) -> Report:
    audit = Audit()
    for block in log.entries(signed.size):
        audit.feed(block)
        if tick:
            tick(audit.size)
    return audit.finish(signed)
