"""The figures folded once more, in an empty database beside: for comparison with those that are kept."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from service.db.store import SqlReader
from service.domain.states import Model
from service.figures.folding import Source, fold
from service.figures.measuring import count_health
from service.figures.resembling import Lookalikes
from service.figures.storing import save
from service.figures.tally import Sums
from service.keys.vault import Vault
from service.private.values import Cabinet


class Refolding:
    """Folds entries from the first one on into the empty tables of `target`, as far as it is asked to.

    unknown: how many measurements of health were not counted because their values are not there, erased perhaps since
    they were counted elsewhere; by model, month and age. Without a vault none is counted.
    """

    def __init__(self, target: Connection, vault: Vault | None) -> None:
        self._target = target
        self._vault = vault
        self._lookalikes = Lookalikes()
        self.done = 0
        self.unknown: Sums = {}

    def go_on(self, source: SqlReader, models: Mapping[str, Model], until: int) -> None:
        """Fold the next entries, those before `until`, as one stretch."""
        entries = list(source.entries(self.done, until))
        folded = fold(Source(source, self._target, models, self._lookalikes), self.done, entries)
        count_health(folded.measurements, Cabinet(source.connection, self._vault), folded.tally.health, self.unknown)
        save(self._target, folded)
        self.done = folded.size
