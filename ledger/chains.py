"""Subjects' own chains while a log grows: where each subject stands, and what of that changed."""

from collections.abc import Sequence

from ledger.entry import Link
from ledger.store import Head, Reader, Step


class Chains:
    """The chains of some subjects from the store's present state on. Mutable; feed entries in index order."""

    def __init__(self, reader: Reader, subjects: Sequence[str]) -> None:
        self._heads = dict(reader.heads(subjects))
        self.changed: dict[str, Head] = {}
        self.steps: list[Step] = []
        self.born = 0
        """Subjects whose first entry came in."""

    def links(self, subjects: Sequence[str]) -> list[Link]:
        """What the next entry says of its subjects."""
        links = []
        for subject in subjects:
            head = self._heads.get(subject)
            links.append(Link(subject, head.seq + 1, head.leaf_hash) if head else Link(subject, 1, b""))
        return links

    def extend(self, index: int, links: Sequence[Link], leaf_hash: bytes) -> None:
        """The entry with these links is at `index`."""
        for position, (subject, seq, _) in enumerate(links):
            before = self._heads.get(subject)
            self.born += before is None
            self.steps.append(Step(subject, index, position, before))
            self.changed[subject] = self._heads[subject] = Head(seq, leaf_hash, index, position)
