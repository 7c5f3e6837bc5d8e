"""R-19: what can happen to the log's signing keys. There are never two roots for one size."""

import http.client
import random
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path

from ledger.errors import LedgerError
from ledger.notes.note import format_signing_key
from ledger.notes.vkey import ED25519, MLDSA44_COSIGNATURE
from service.errors import ServiceError
from service.failpoints import VARIABLE
from service.operators import CustodialEvent, admit_custodial
from service.recording.recorder import Recorded, Recorder
from service.work import Register
from tests.scene import MAKER, Scene, running_server, size_of
from tests.torture.clients import Clients, Manner
from tests.torture.journal import Journal
from tests.torture.load import fresh_scene
from tests.torture.oracle import judge
from tests.torture.verdict import Verdict, require

ORIGIN = "scene.example.cn/log"
POINTS = ("signed", "written", "committed", "pinned")


def two_signers(deaths: int, seed: int) -> Verdict:
    """Two servers sign for one register. One of them is killed again and again between signing and publishing."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        scene = fresh_scene(Path(name) / "data")
        before, died, chance = size_of(scene), 0, random.Random(seed)
        with running_server(scene, workers=1) as steady, running_server(scene, workers=1) as dying:
            first = Clients(scene, steady.port, seed=seed, manner=Manner(threads=2, pause=0.05))
            second = Clients(scene, dying.port, seed=seed + 1, manner=Manner(threads=2, pause=0.05))
            second.journal = first.journal
            reader = CheckpointReader((steady.port, dying.port), first.journal)
            for each in (first, second, reader):
                each.start()
            try:
                for number in range(deaths):
                    dying.kill_all()
                    dying.environment[VARIABLE] = f"{POINTS[number % len(POINTS)]}:{chance.randint(1, 20)}"
                    dying.launch()
                    died += dying.wait(20) is not None
                    dying.environment[VARIABLE] = ""
                    dying.start()
            finally:
                for each in (first, second, reader):
                    each.stop()
        counts = {"deaths": died, "checkpoints read": reader.read, "sizes seen signed": len(first.journal.roots)}
        return judge(scene, first.journal, before=before) + require(
            counts, every_death_came=died == deaths, checkpoints_were_read=reader.read > 0
        )


def wrong_keys(rounds: int, seed: int) -> Verdict:
    """Without its keys, or with others, the register signs and records nothing; with its own it goes on."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        scene = fresh_scene(Path(name) / "data")
        file, chance, before = scene.settings.log_key_file, random.Random(seed), size_of(scene)
        right = file.read_text()
        signed: list[str] = []
        for _ in range(rounds):
            for what, text in _wrong(right, chance).items():
                file.unlink()
                if text is not None:
                    file.write_text(text)
                if _records(scene):
                    signed.append(what)
                file.unlink(missing_ok=True)
                file.write_text(right)
        unchanged = size_of(scene) == before
        counts = {"wrong key files": rounds * len(_wrong(right, chance))}
        broken = tuple(f"recorded with {what}" for what in dict.fromkeys(signed))
        return Verdict(counts, broken) + require(
            {}, nothing_was_recorded=unchanged, its_own_keys_record=_records(scene)
        )


def _wrong(right: str, chance: random.Random) -> dict[str, str | None]:
    seeds = [chance.randbytes(32) for _ in range(2)]
    kinds = (ED25519, MLDSA44_COSIGNATURE)
    others = [format_signing_key(ORIGIN, seed, kind=kind) for seed, kind in zip(seeds, kinds, strict=True)]
    own = right.split()
    return {
        "no key file": None,
        "an empty key file": "",
        "half a key file": right[: len(right) // 3],
        "keys of the same name that are others": "\n".join(others) + "\n",
        "one of its two keys": own[0] + "\n",
        "one own and one other key": own[0] + "\n" + others[1] + "\n",
        "keys of another log": right.replace(ORIGIN, "other.example.cn/log"),
    }


def _records(scene: Scene) -> bool:
    """Whether the register takes an event."""
    try:
        register = Register(scene.settings)
    except (ServiceError, LedgerError):
        return False
    body = {"soce_ppm": 990_000, "remaining_capacity_mah": 148_000, "full_cycles": 10, "method": "bms"}
    members = {"type": "report_soh", "subjects": [scene.packs[0]], "occurred_at": "2026-06-01T08:00:00.000Z"}
    try:
        admitted = admit_custodial(register, MAKER, CustodialEvent(members | {"body": body}, {}))
        [outcome] = Recorder(register).record([admitted])
        return isinstance(outcome, Recorded)
    except (ServiceError, LedgerError):
        return False
    finally:
        register.close()


class CheckpointReader:
    """Reads the newest checkpoint of several servers, again and again."""

    def __init__(self, ports: tuple[int, ...], journal: Journal) -> None:
        self.read = 0
        self._ports = ports
        self._journal = journal
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(0.02):
            for port in self._ports:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/log/checkpoint", timeout=5) as answer:
                        self._journal.see_note(answer.read())
                        self.read += 1
                except (urllib.error.URLError, OSError, http.client.HTTPException):  # its server was killed
                    continue
