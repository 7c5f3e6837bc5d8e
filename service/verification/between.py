"""Consistency between any two sizes of the log: that the later entries only added to the earlier ones.

Two proofs are made and verified: from the older size to the newer, and from there to the newest checkpoint, which is
signed. So whoever trusts that signature trusts both roots. The register's own software does this; the file that holds
the proofs is checked by any other (RFC 9162, 2.1.4.2).
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.errors import LedgerError, ProofError
from ledger.log import tile_reader
from ledger.proof import HashReader, prove_consistency, tree_root, verify_consistency
from ledger.signing.keys import read_head
from service.db import tables
from service.errors import Fault, RefusedError
from service.work import Register


@dataclass(frozen=True, slots=True)
class TreeAt:
    """The tree of the first `size` entries. note: the signed checkpoint of this size, where one is kept."""

    size: int
    root: bytes
    note: bytes = b""


@dataclass(frozen=True, slots=True)
class Between:
    """Two trees and the newest, with the proofs from each to the next.

    is_consistent: both proofs were verified. If not, the register's own hashes do not fit: it is damaged, or changed.
    """

    origin: str
    old: TreeAt
    new: TreeAt
    newest: TreeAt
    proof: tuple[bytes, ...]
    onward: tuple[bytes, ...]
    is_consistent: bool


def prove_between(register: Register, one: int, other: int) -> Between:
    """The proofs between two sizes, in either order. Raises RefusedError for a size that the log does not have.

    Cost: two proofs, whatever the register holds.
    """
    with register.read() as reader:
        note = reader.checkpoint()
        head = read_head(note)
        old, new = sorted((one, other))
        if old < 0 or new > head.size:
            raise _no_such_size(head.size)
        nodes = tile_reader(reader, head.size, cache=register.tiles).nodes
        newest = TreeAt(head.size, head.root, note)
        try:
            first, second = _tree(reader.connection, old, newest, nodes), _tree(reader.connection, new, newest, nodes)
            proof, onward = _proof(first, second, nodes), _proof(second, newest, nodes)
        except LedgerError:
            return Between(head.origin, TreeAt(old, b""), TreeAt(new, b""), newest, (), (), False)
    return Between(head.origin, first, second, newest, proof, onward, True)


def _tree(connection: Connection, size: int, newest: TreeAt, nodes: HashReader) -> TreeAt:
    """The tree as the stored hashes make it; what is signed of it has to say the same. Raises LedgerError."""
    kept = connection.execute(select(tables.checkpoint.c.note).where(tables.checkpoint.c.size == size)).scalar()
    note = newest.note if size == newest.size else bytes(kept or b"")
    found = TreeAt(size, tree_root(size, nodes), note)
    if note and read_head(note).root != found.root:
        raise ProofError(f"the checkpoint of {size} entries has another root")
    return found


def _proof(old: TreeAt, new: TreeAt, nodes: HashReader) -> tuple[bytes, ...]:
    proof = tuple(prove_consistency(old.size, new.size, nodes))
    verify_consistency(old.size, new.size, old.root, new.root, proof)
    return proof


def _no_such_size(newest: int) -> RefusedError:
    en, zh = f"the log has sizes from 0 to {newest}", f"日志的条目总数为0至{newest}"
    return RefusedError([Fault("/size", "size", en, zh)])
