"""What must hold afterwards, whatever was done to the server."""

from dataclasses import dataclass

from ledger.tree import hash_leaf
from service.verification import verify_database
from service.work import Register
from tests.scene import Scene
from tests.torture.clients import Journal


@dataclass(frozen=True)
class Verdict:
    """Counts of a run. `lost`: acknowledged and not there, or not as told; `doubled`: recorded more than once."""

    sent: int
    acknowledged: int
    in_doubt: int
    refused: int
    lost: int
    doubled: int
    recorded: int
    failures: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return (
            self.lost == self.doubled == self.refused == 0 and not self.failures and self.recorded >= self.acknowledged
        )


def judge(scene: Scene, journal: Journal, *, before: int) -> Verdict:
    """Compare the journal with the register, which had `before` entries, and verify the register whole."""
    register = Register(scene.settings)
    try:
        secret = register.vault.blinding
        report = verify_database(scene.settings.database_url, register.verifiers, secret=secret)
        with register.read() as reader:
            found = reader.find([sent.id for sent in journal.events])
            entries = reader.entries_at(list(found.values()))
            recorded = reader.size() - before
    finally:
        register.close()
    lost = 0
    for sent in journal.acknowledged():
        index = found.get(sent.id)
        truth = None if index is None else (index, hash_leaf(entries[index]))
        lost += sent.told != {truth}
    return Verdict(
        sent=len(journal.events),
        acknowledged=len(journal.acknowledged()),
        in_doubt=sum(1 for sent in journal.events if sent.unknown),
        refused=sum(1 for sent in journal.events if sent.refused),
        lost=lost,
        doubled=recorded - len(set(found.values())),
        recorded=recorded,
        failures=tuple(f"entry {failure.index}: {failure.what}" for failure in report.failures),
    )
