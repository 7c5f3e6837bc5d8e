"""A checkpoint that somebody holds against the register as it is now: the test for a rollback and for two histories.

The register's own software does this, so it tells an honest register's accidents. Whoever does not trust the register
does the same elsewhere: `packtrail verify --since`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import LedgerError, MalformedError, SignatureError
from ledger.log import tile_reader
from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.note import MAX_NOTE, Verifier
from ledger.proof import HashReader, prove_consistency, tree_root, verify_consistency
from ledger.signing.keyring import KeyRing
from ledger.signing.keys import log_verifiers, read_head
from service.domain.words import Word
from service.errors import Fault, RefusedError
from service.pin import Pin, is_told_lost
from service.work import Register


class Relation(Word):
    """How a held checkpoint stands to the newest one."""

    SAME = "same", "the same", "一致"
    OLDER = "older", "older and consistent", "较早且一致"
    NEWER = "newer", "newer than the register", "比登记簿更新"
    LOST = "lost", "of entries that were declared lost", "属于已声明丢失的条目"
    CONTRADICTORY = "contradictory", "contradictory", "相互矛盾"
    DAMAGED = "damaged", "the register does not fit its own checkpoint", "登记簿与自身检查点不符"

    @property
    def is_good(self) -> bool:
        return self in (Relation.SAME, Relation.OLDER)


@dataclass(frozen=True, slots=True)
class Comparison:
    """held, present: both checkpoints, and the notes they were signed in. proof: of consistency, verified; or empty.

    root: that of the register's own entries up to the size held, where it has so many.
    """

    relation: Relation
    held: Checkpoint
    held_note: bytes
    present: Checkpoint
    present_note: bytes
    proof: tuple[bytes, ...] = ()
    root: bytes = b""


def compare_held(register: Register, note: bytes) -> Comparison:
    """Compare a signed checkpoint with the newest. Raises RefusedError for what is none, or is not signed by the log.

    Cost: one proof, whatever the register holds.
    """
    with register.read() as reader:
        ring = register.current_registry(reader.connection).ring
        held, present_note = _open(note, ring), reader.checkpoint()
        present = read_head(present_note)
        nodes = tile_reader(reader, present.size, cache=register.tiles).nodes
        relation, proof, root = _relate(held, present, nodes, _is_lost(held, ring))
    return Comparison(relation, held, note, present, present_note, proof, root)


def _relate(
    held: Checkpoint, present: Checkpoint, nodes: HashReader, is_lost: bool
) -> tuple[Relation, tuple[bytes, ...], bytes]:
    if is_lost:
        return Relation.LOST, (), b""
    if held.size > present.size:
        return Relation.NEWER, (), b""
    try:
        root = tree_root(held.size, nodes)
        proof = tuple(prove_consistency(held.size, present.size, nodes))
        verify_consistency(held.size, present.size, root, present.root, proof)
    except LedgerError:
        return Relation.DAMAGED, (), b""
    if root != held.root:
        return Relation.CONTRADICTORY, proof, root
    return (Relation.SAME if held.size == present.size else Relation.OLDER), proof, root


def _open(note: bytes, ring: KeyRing) -> Checkpoint:
    """Signed by any key that the log ever had under the origin it names: two histories may differ in their keys."""
    try:
        if len(note) > MAX_NOTE:
            raise MalformedError("too long for a checkpoint")
        head = read_head(note)
    except MalformedError:
        raise _refused(
            "this is no checkpoint: paste it whole, from the name of the log to the last signature",
            "这不是检查点：请完整粘贴，从日志来源名到最后一行签名",
        ) from None
    known: Sequence[Verifier] = [
        each for keys in ring.log_keys if keys.origin == head.origin for each in log_verifiers(keys)
    ]
    if not known:
        raise _refused("this checkpoint is of another log", "该检查点属于其他日志")
    try:
        return open_checkpoint(note, known, origin=head.origin)
    except (SignatureError, MalformedError):
        raise _refused(
            "no key that this register knows signed it: a changed copy, or keys from entries that are missing here",
            "登记簿已知的密钥均未签署此检查点：可能是被改动的副本，或其密钥来自本处缺失的条目",
        ) from None


def _is_lost(held: Checkpoint, ring: KeyRing) -> bool:
    number = next((each.number for each in ring.epochs if each.origin == held.origin), 1)
    return is_told_lost(Pin(number, held), ring.epochs)


def _refused(en: str, zh: str) -> RefusedError:
    return RefusedError([Fault("/checkpoint", "checkpoint", en, zh)])
