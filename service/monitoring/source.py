"""Reading a register for a monitor: what is refused, what is not answered, and what is answered wrongly."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.error import HTTPError

from ledger.errors import MalformedError
from ledger.tile import Tile, format_bundle_path, format_tile_path, parse_bundle
from ledger.tree import HASH_SIZE
from service.errors import NotPermittedError
from service.monitoring.misbehaviour import Exhibit, Kind, MisbehaviourError
from service.verification.remote import RemoteError, RemoteLog

REFUSED = (401, 403)


class StoppedError(Exception):
    """Somebody asked the monitor to end."""


def never() -> bool:
    """Nobody asks."""
    return False


@dataclass(frozen=True, slots=True)
class Source(RemoteLog):
    """`stopping` is asked before each request. `seen` are the paths of the requests made, to be cleared."""

    stopping: Callable[[], bool] = never
    seen: list[str] = field(default_factory=list)

    def fetch(self, path: str) -> bytes:
        """The body at `/log/<path>`. Raises RemoteError, NotPermittedError for a bad API key, StoppedError."""
        if self.stopping():
            raise StoppedError
        self.seen.append(path)
        try:
            return RemoteLog.fetch(self, path)
        except RemoteError as error:
            if isinstance(error.__context__, HTTPError) and error.__context__.code in REFUSED:
                raise NotPermittedError(str(error)) from None
            raise

    def tile(self, tile: Tile) -> bytes:
        """The hashes of a tile. Raises MisbehaviourError if they are not as many as asked for."""
        path = format_tile_path(tile)
        data = self.fetch(path)
        if len(data) != tile.width * HASH_SIZE:
            what = f"{path} has {len(data)} bytes in place of {tile.width * HASH_SIZE}"
            raise MisbehaviourError(Kind.TILES, what, Exhibit(tiles={tile: data}))
        return data

    def bundle(self, index: int, width: int) -> list[bytes]:
        """The entries of a bundle. Raises MalformedError if they are not so many."""
        entries = parse_bundle(self.fetch(format_bundle_path(index, width)))
        if len(entries) != width:
            raise MalformedError(f"bundle {index} has {len(entries)} entries in place of {width}")
        return entries
