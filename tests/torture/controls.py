"""Broken on purpose: the oracles must notice. One that does not is worth nothing."""

import copy
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from tests.scene import Scene, running_server, size_of
from tests.torture import model, order, power
from tests.torture.clients import Clients, Manner
from tests.torture.journal import Journal
from tests.torture.load import fresh_scene
from tests.torture.oracle import judge
from tests.torture.verdict import Verdict


def no_sync_before_power_loss(seed: int) -> Verdict:
    """SQLite does not wait for the disk: acknowledged entries are gone after a power cut."""
    return power.cut_power(40, seed, pragma="synchronous=OFF")


def no_sync_before_answer(seed: int) -> Verdict:
    """SQLite syncs at checkpoints only: answers come before their sync."""
    return order.unsynced_is_noticed(seed, "synchronous=NORMAL")


def backup_after_crash(seed: int) -> Verdict:
    """A register that goes on from an old copy after a crash: the model knows more than it."""
    return model.walk(100, seed, machine=_FromBackup, shrink=False)


def blind_judge(seed: int) -> list[str]:
    """The kinds of harm that the judge of a load did not notice, each done to the same short load."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        folder = Path(name)
        scene = fresh_scene(folder / "data")
        shutil.copytree(scene.settings.data, folder / "backup")
        before = size_of(scene)
        with running_server(scene, workers=1) as server:
            clients = Clients(scene, server.port, seed=seed, manner=Manner(threads=1, limit=5))
            clients.start()
            clients.join()
        assert judge(scene, clients.journal, before=before).holds
        unseen = []
        for harm in HARMS:
            journal = copy.deepcopy(clients.journal.__dict__ | {"lock": None})
            harmed = Journal(**(journal | {"lock": threading.Lock()}))
            harm(scene, harmed)
            if judge(scene, harmed, before=before).holds:
                unseen.append(harm.__name__)
        return unseen


def swap_receipts(_: Scene, journal: Journal) -> None:
    """A client was told the index of another event."""
    first, second, *_rest = journal.acknowledged()
    first.told, second.told = second.told, first.told


def tell_two_answers(_: Scene, journal: Journal) -> None:
    """A client was told two places for one event."""
    first, second, *_rest = journal.acknowledged()
    first.told |= second.told


def sign_two_roots(_: Scene, journal: Journal) -> None:
    """Somebody saw another root for one of the sizes."""
    size = min(journal.roots)
    journal.roots[size] = {*journal.roots[size], bytes(32)}


def record_a_stranger(_: Scene, journal: Journal) -> None:
    """An event is in the register that nobody sent."""
    del journal.events[0]


def accept_an_altered_event(_: Scene, journal: Journal) -> None:
    """Another event was taken as one that is recorded."""
    journal.events[0].altered_accepted += 1


def answer_without_reason(_: Scene, journal: Journal) -> None:
    """A client got a 500."""
    journal.answers["500 internal"] += 1


def put_back_a_copy(scene: Scene, _: Journal) -> None:
    """The old copy of everything, the pin too: whoever can do that is found out by receipts alone."""
    shutil.rmtree(scene.settings.data)
    shutil.copytree(scene.settings.data.with_name("backup"), scene.settings.data)


HARMS: tuple[Callable[[Scene, Journal], None], ...] = (
    swap_receipts,
    tell_two_answers,
    sign_two_roots,
    record_a_stranger,
    accept_an_altered_event,
    answer_without_reason,
    put_back_a_copy,
)
"""What the judge must notice. The last one spoils the register."""


def spoiled_loads(seed: int) -> Verdict:
    """All kinds of harm to a load. Breaks, as it must, when every one was noticed."""
    unseen = blind_judge(seed)
    counts = {"kinds of harm": len(HARMS), "not noticed": len(unseen)}
    return Verdict(counts, () if unseen else (f"all {len(HARMS)} kinds of harm noticed",))


CONTROLS: dict[str, tuple[Callable[[int], Verdict], str]] = {
    "power: no sync": (no_sync_before_power_loss, "strace"),
    "sync-order: no sync": (no_sync_before_answer, "strace"),
    "model: an old copy": (backup_after_crash, ""),
    "oracle: spoiled loads": (spoiled_loads, ""),
}
"""Each must break. With what it needs of the machine."""


class _FromBackup(model.RegisterMachine):
    """After a crash the register goes on from the copy with which it began."""

    def _crash(self) -> None:
        shutil.rmtree(self.folder / str(self.generation))
        shutil.copytree(self.founded, self.folder / str(self.generation))
        super()._crash()
