"""Leafing through the log: pages of entries, one entry with its proof, the newest checkpoints."""

import pytest

from ledger.entry import parse_entry
from ledger.notes.note import NoteSignature
from ledger.proof import verify_inclusion
from service.errors import NotFoundError
from service.explorer import KEPT, PAGE, latest_entries, read_leaf, recent_checkpoints
from service.witnessing.head import keep_cosignature
from tests.service.town import Town
from tests.service.witnessing.chore import AT


def test_pages_of_entries_lie_end_to_end_from_the_newest_to_the_first(either_town: Town) -> None:
    size, seen, before = either_town.size(), list[int](), None
    while lines := latest_entries(either_town.register, before=before):
        assert len(lines) <= PAGE
        seen += [line.index for line in lines]
        before = lines[-1].index
    assert seen == list(range(size))[::-1]
    beyond = latest_entries(either_town.register, before=10**18)
    assert beyond == latest_entries(either_town.register)


def test_an_entry_is_shown_with_a_proof_that_leads_to_the_newest_checkpoint(either_town: Town) -> None:
    entries = either_town.entries()
    for index in (0, 255, 256, len(entries) - 1):
        leaf = read_leaf(either_town.register, index)
        assert leaf.proven.entry == entries[index] and leaf.entry == parse_entry(entries[index])
        assert leaf.leads_to_root and leaf.last == len(entries) - 1
        head = leaf.checkpoint
        verify_inclusion(index, head.size, leaf.proven.leaf_hash, leaf.proven.receipt.proof, head.root)
    with pytest.raises(NotFoundError):
        read_leaf(either_town.register, len(entries))


def test_the_newest_checkpoints_say_when_they_were_and_who_cosigned_them(either_town: Town) -> None:
    register = either_town.register
    entries = either_town.entries()
    with register.write_beside() as connection:
        keep_cosignature(connection, len(entries), "w", NoteSignature("w", b"1234", b"s"), at=AT)
    with register.read() as reader:
        found = recent_checkpoints(reader)
        history = [size for size, _ in reader.checkpoints()]
    sizes = [each.checkpoint.size for each in found]
    assert sizes == [len(entries), *[size for size in reversed(history) if size < len(entries)][:KEPT]]
    assert [each.at for each in found] == [parse_entry(entries[size - 1]).at for size in sizes]
    assert [each.cosigned for each in found] == [("w",), *[()] * (len(found) - 1)]
