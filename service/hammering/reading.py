"""A reader of single entries: any of them, with its receipt, and proven once more against one common checkpoint."""

import random

import orjson

from ledger.entry import format_hash
from ledger.errors import MalformedError, ProofError
from ledger.proof import prove_inclusion, verify_inclusion
from ledger.receipt import parse_receipt
from ledger.tile import Tile, TileCache, TileReader, format_tile_path
from service.hammering.line import Line
from service.hammering.tally import Tally
from service.hammering.view import View
from service.hammering.writing import Promised


class RandomReader:
    """One reader, for one thread. `view` is of a full reader and common to all."""

    def __init__(self, line: Line, view: View, promised: Promised, tally: Tally) -> None:
        self._line, self._view, self._promised, self._tally = line, view, promised, tally
        self._cache = TileCache()
        self._chance = random.Random()

    def read(self) -> bool:
        """Read and check one entry; False if there is none yet. LedgerError or UnexpectedError if it is wrong."""
        head = self._view.head
        if not head.size:
            return False
        index = self._chance.randrange(head.size)
        leaf = self._view.leaf_hash(index)
        if self._promised.leaves.get(index, leaf) != leaf:
            raise ProofError(f"entry {index} is not the one that was acknowledged")
        try:
            answer = orjson.loads(self._line.get("read entry", f"/v1/entries/{index}"))
            told, receipt = answer["leaf_hash"], parse_receipt(answer["proof"].encode())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MalformedError(f"entry {index} comes without a receipt: {error!r}") from None
        if told != format_hash(leaf) or receipt.index != index:
            raise ProofError(f"entry {index} is another one in its receipt than in the tiles")
        signed = self._view.open(receipt.checkpoint)
        verify_inclusion(index, signed.size, leaf, receipt.proof, signed.root)
        tiles = TileReader(self._tile, head.size, cache=self._cache)
        verify_inclusion(index, head.size, leaf, prove_inclusion(index, head.size, tiles.nodes), head.root)
        self._tally.count("entries proven")
        return True

    def _tile(self, tile: Tile) -> bytes:
        return self._line.get("tile", "/log/" + format_tile_path(tile))
