"""What a register can do wrong in the eyes of a monitor."""

from dataclasses import dataclass, field
from enum import Enum

from ledger.tile import Tile
from ledger.verification.contradiction import Contradiction
from service.errors import ServiceError


class Kind(Enum):
    """Each with the name of its evidence folder."""

    FORK = "fork"
    """Two signed checkpoints, of which neither extends the other."""
    ROLLBACK = "rollback"
    """A smaller checkpoint than was signed before."""
    TILES = "tiles"
    """Tiles that are not those of the signed tree."""
    ENTRY = "entry"
    """An entry that is not the one in the signed tree."""
    CONTENT = "content"
    """A signed tree over entries that are wrong: a chain, a signature, a key, a map."""
    CHECKPOINT = "checkpoint"
    """A checkpoint that the log has not signed as it must."""
    UNWITNESSED = "unwitnessed"
    """A checkpoint that too few witnesses have cosigned, or wrongly."""
    STALL = "stall"
    """Nothing new for longer than allowed."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What there is to show. `note` is the checkpoint that the register showed last; the rest as the kind has it."""

    note: bytes = b""
    contradiction: Contradiction | None = None
    index: int | None = None
    entry: bytes = b""
    tiles: dict[Tile, bytes] = field(default_factory=dict)
    """As they were served, where they differ from what they should be."""


class MisbehaviourError(ServiceError):
    """The register did something that it must not do."""

    def __init__(self, kind: Kind, what: str, exhibit: Exhibit) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what
        self.exhibit = exhibit
