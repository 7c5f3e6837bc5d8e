"""Receipts written together are those that the plain oracle gives each entry by itself."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.note import Ed25519Signer
from ledger.proof import Node
from ledger.receipt import Receipt, format_receipt
from ledger.shared_receipts import SharedReceipts
from ledger.tree import hash_leaf
from tests.ledger import oracle

LEAVES = tuple(hash_leaf(b"entry %d" % n) for n in range(300))
NOTE = sign_checkpoint(Checkpoint("log.example", 1, bytes(32)), [Ed25519Signer("log.example", bytes(32))])


def read(wanted: list[Node]) -> list[bytes]:
    return [oracle.mth(LEAVES[index << level : (index + 1) << level]) for level, index in wanted]


@given(st.integers(1, len(LEAVES)), st.data())
def test_each_is_the_one_that_the_entry_gets_alone(size: int, data: st.DataObject) -> None:
    receipts = SharedReceipts(size, lambda wanted: read(list(wanted)), NOTE)
    for index in data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=8)):
        alone = Receipt(index, tuple(oracle.path(index, LEAVES[:size])), NOTE)
        assert receipts.receipt(index) == alone
        assert receipts.text(index).encode() == format_receipt(alone)
