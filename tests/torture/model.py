"""R-24: the register held against a model of it, by random steps that shrink to the shortest one that breaks it.

The model is a list of event ids in order, what each was told, and which keys may sign. A step records, retries,
alters, refuses, rotates keys, moves the clock, crashes before or after a commit, opens the register anew, or verifies.
Lives of batteries, corrections, erasures, maps and the log's keys come in with `lives`.
"""

import os
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event as sql_event

from ledger.entry import build_event, format_time, parse_entry
from ledger.receipt import verify_receipt
from ledger.signing.jws import Ed25519EventSigner, sign_event
from ledger.tree import hash_leaf
from service.domain.uuid7 import make_uuid7
from service.errors import ConflictError, NotPermittedError, ServiceError
from service.operators import CustodialEvent, admit_custodial, desk, register_own_key, revoke_key
from service.recording.admission import Admitted
from service.recording.recorder import Recorded, Recorder
from service.settings import read_settings
from service.verification.register import verify_database
from service.work import Register
from tests.scene import MAKER, set_scene
from tests.torture.oracle import OWN_KINDS
from tests.torture.verdict import Verdict

PACKS = 6
UNKNOWN = "0TTPB01ABCDEFGG119999999"
START = datetime(2027, 1, 1, tzinfo=UTC)
LOG = "scene.example.cn/log"
SOFTWARE = {
    "type": "load_bms_software",
    "body": {"software_version": "4.2.1", "software_maker": "Scene Cells", "reset_used": False},
}
"""An event without restricted values, so that what its signature covers can be made here."""


class CrashError(Exception):
    """Raised in the place of a commit."""


@dataclass
class Model:
    """What must be in the register: events in order, and by battery; the keys that may sign, and those that may not."""

    order: list[str] = field(default_factory=list)
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    histories: dict[str, list[str]] = field(default_factory=dict)
    keys: list[Ed25519EventSigner] = field(default_factory=list)
    revoked: list[Ed25519EventSigner] = field(default_factory=list)


class RegisterMachine(RuleBasedStateMachine):
    """One register, from a copy of a founded one on."""

    founded: Path
    steps: Counter[str]
    known = Bundle("known")

    @classmethod
    def found(cls, folder: Path) -> None:
        """The register that each walk begins with a copy of."""
        set_scene(folder, packs=PACKS)

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="model-", dir=self.founded.parent))
        self.now = START
        self.model = Model()
        self.number = 0
        shutil.copytree(self.founded, self.folder / "0")
        self.generation = 0
        self.open()
        with self.register.read() as reader:
            self.before = reader.size()

    def open(self) -> None:
        self.settings = read_settings({}, data=self.folder / str(self.generation))
        self.register = Register(self.settings, clock=lambda: self.now)
        self.recorder = Recorder(self.register)

    # What is done

    @rule(target=known, pack=st.integers(0, PACKS - 1))
    def record(self, pack: int) -> str:
        """A new event is recorded, after all others."""
        return self._record([self._members(pack)])[0]

    @rule(packs=st.lists(st.integers(0, PACKS - 1), min_size=2, max_size=6), refuse=st.booleans())
    def record_all_or_nothing(self, packs: list[int], refuse: bool) -> None:
        """With one event that is refused, nothing of the batch is recorded; without, all of it, in order."""
        batch = [self._members(pack) for pack in packs]
        if not refuse:
            return self._note(batch, self.recorder.record([self._admit(m) for m in batch], atomic=True))
        batch.insert(1, self._members(0) | {"subjects": [UNKNOWN]})
        outcomes = self.recorder.record([self._admit(members) for members in batch], atomic=True)
        assert all(isinstance(outcome, ServiceError) for outcome in outcomes), "a refused batch left something"
        return None

    @rule(id_=known)
    def retry(self, id_: str) -> None:
        """The same event again gets the same answer."""
        [outcome] = self.recorder.record([self._admit(self.model.bodies[id_])])
        assert isinstance(outcome, Recorded) and outcome.replayed
        assert (outcome.index, outcome.leaf_hash) == self.model.told[id_], "told something else at the second time"

    @rule(id_=known)
    def alter(self, id_: str) -> None:
        """Another event under a known id is refused."""
        members = self.model.bodies[id_]
        body = members["body"] | {"full_cycles": members["body"]["full_cycles"] + 10}
        [outcome] = self.recorder.record([self._admit(members | {"body": body})])
        assert isinstance(outcome, ConflictError), outcome

    @rule()
    def refuse(self) -> None:
        """An event about a battery that nobody registered is refused."""
        [outcome] = self.recorder.record([self._admit(self._members(0) | {"subjects": [UNKNOWN]})])
        assert isinstance(outcome, ServiceError), "a battery that does not exist has a health"

    @rule()
    def rotate(self) -> None:
        """A new key is registered; the one before it is revoked."""
        signer = Ed25519EventSigner(f"{MAKER}/own-{len(self.model.keys) + len(self.model.revoked)}", os.urandom(32))
        register_own_key(self.recorder, signer.header.kid, signer.public_key)
        self._take_own()
        if self.model.keys:
            old = self.model.keys.pop()
            revoke_key(self.recorder, old.header.kid, "rotated")
            self._take_own()
            self.model.revoked.append(old)
        self.model.keys.append(signer)

    @rule(pack=st.integers(0, PACKS - 1), revoked=st.booleans())
    def sign(self, pack: int, revoked: bool) -> None:
        """A valid key's signature is taken; a revoked one's never, nor one that its key did not make."""
        signers = self.model.revoked if revoked else self.model.keys
        if not signers:
            return
        signer = signers[-1]
        members = self._members(pack) | SOFTWARE | {"actor": MAKER, "log": LOG, "v": 1}
        jws = sign_event(build_event(members).data, signer)
        if revoked:
            with suppress(NotPermittedError):
                [outcome] = self.recorder.record([desk(self.register).admit_signed(members, jws, {})])
                assert not isinstance(outcome, Recorded), "a revoked key signed"
            return
        outcomes = self.recorder.record([desk(self.register).admit_signed(members, jws, {})])
        self._note([members], outcomes)
        other = members | {"id": self._id()}
        with suppress(NotPermittedError):
            desk(self.register).admit_signed(other, jws, {})
            raise AssertionError("a signature of another event was taken")

    @rule(seconds=st.integers(-100_000, 1_000_000))
    def move_clock(self, seconds: int) -> None:
        """The clock jumps, also back."""
        self.now = max(START, self.now + timedelta(seconds=seconds))

    @rule(pack=st.integers(0, PACKS - 1))
    def crash_before_commit(self, pack: int) -> None:
        """What was not committed was never there."""

        def fail(_: object) -> None:
            raise CrashError

        members = self._members(pack)
        sql_event.listen(self.register.store.engine, "commit", fail)
        try:
            admitted = self._admit(members)
            with suppress(CrashError):
                self.recorder.record([admitted])
                raise AssertionError("recorded without a commit")
        finally:
            sql_event.remove(self.register.store.engine, "commit", fail)
        self._crash()

    @rule(target=known, pack=st.integers(0, PACKS - 1))
    def crash_after_commit(self, pack: int) -> str:
        """What was committed is there, though nobody was told; the retry tells it."""
        members = self._members(pack)
        self._break_after_commit(members)
        outcomes = self.recorder.record([self._admit(members)])
        assert isinstance(outcomes[0], Recorded) and outcomes[0].replayed, "committed and gone"
        self._note([members], outcomes)
        return str(members["id"])

    @rule()
    def reopen(self) -> None:
        """Closing and opening changes nothing."""
        self.register.close()
        self.open()

    @rule()
    def verify(self) -> None:
        """The whole register verifies."""
        report = verify_database(self.settings.database_url, self.register.verifiers, vault=self.register.vault)
        assert not report.failures, report.failures

    # What must hold after each step

    @invariant()
    def entries_are_those_of_the_model(self) -> None:
        self.steps["steps"] += 1
        with self.register.read() as reader:
            entries = [parse_entry(entry) for entry in reader.entries(self.before, reader.size())]
            assert reader.size() == self.before + len(entries)
            histories = {subject: reader.history(subject) for subject in self.model.histories}
        told = [entry.event.id for entry in entries if entry.event.type not in OWN_KINDS]
        assert told == self.model.order, "other events, or in another order"
        assert all(a.at <= b.at for a, b in pairwise(entries)), "time goes back"
        for subject, ids in self.model.histories.items():
            found = [entries[index - self.before].event.id for index in histories[subject] if index >= self.before]
            assert found == ids, f"the history of {subject} is not that of the model"

    def teardown(self) -> None:
        self.register.close()
        shutil.rmtree(self.folder)

    # How it is done

    def _record(self, batch: list[dict[str, Any]]) -> list[str]:
        self._note(batch, self.recorder.record([self._admit(members) for members in batch]))
        return [str(members["id"]) for members in batch]

    def _note(self, batch: list[dict[str, Any]], outcomes: list[Any]) -> None:
        """Take into the model what was recorded, after checking its receipt."""
        for members, outcome in zip(batch, outcomes, strict=True):
            assert isinstance(outcome, Recorded), outcome
            verify_receipt(outcome.receipt, outcome.entry, self.register.verifiers, origin=LOG, require_all=True)
            id_ = str(members["id"])
            self.model.order.append(id_)
            self.model.bodies[id_] = members
            self.model.told[id_] = (outcome.index, hash_leaf(outcome.entry))
            for subject in members["subjects"]:
                self.model.histories.setdefault(subject, []).append(id_)

    def _take_own(self) -> None:
        """The newest event, one about keys, into the order."""
        with self.register.read() as reader:
            for entry in reader.entries(reader.size() - 2, reader.size()):
                event = parse_entry(entry).event
                if event.type not in OWN_KINDS and event.id not in self.model.order and not event.subjects:
                    self.model.order.append(event.id)

    def _break_after_commit(self, members: dict[str, Any]) -> None:
        """Record it, and crash before the pin is moved and anybody is told."""

        def fail(note: bytes) -> None:
            raise CrashError

        admitted = self._admit(members)
        self.register.pin = fail  # type: ignore[method-assign]
        with suppress(CrashError):
            self.recorder.record([admitted])
            raise AssertionError("told before the pin was moved")
        self._crash()

    def _crash(self) -> None:
        """The files as they lie go on as another register; the old one is forgotten."""
        old, self.generation = self.folder / str(self.generation), self.generation + 1
        shutil.copytree(old, self.folder / str(self.generation))
        self.register.close()
        shutil.rmtree(old)
        self.open()

    def _admit(self, members: dict[str, Any]) -> Admitted:
        given = {name: members[name] for name in ("id", "type", "subjects", "occurred_at", "body")}
        return admit_custodial(self.register, members.get("actor", MAKER), CustodialEvent(given, {}))

    def _id(self) -> str:
        self.number += 1
        return make_uuid7(int(START.timestamp() * 1000) + self.number, self.number.to_bytes(10))

    def _members(self, pack: int) -> dict[str, Any]:
        """An event whose counter is above those of all before it."""
        id_ = self._id()
        body = {"soce_ppm": 990_000, "remaining_capacity_mah": 148_000, "full_cycles": self.number, "method": "bms"}
        subjects = [f"0TTPB01ABCDEFGG11{pack + 1:07d}"]
        moment = format_time(START - timedelta(days=30))
        return {"id": id_, "type": "report_soh", "subjects": subjects, "occurred_at": moment, "body": body}


def walk(steps: int, seed_: int, *, machine: type[RegisterMachine] = RegisterMachine, shrink: bool = True) -> Verdict:
    """About so many random steps, in walks of 50. Raises nothing: the shortest walk that fails is in the verdict."""
    length = min(50, steps)
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-", dir=_memory()) as name:
        machine.found(Path(name) / "founded")
        steps_taken = Counter[str]()
        chosen = type("Chosen", (machine,), {"founded": Path(name) / "founded", "steps": steps_taken})
        limits = settings(
            max_examples=max(1, steps // length),
            stateful_step_count=length,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
            print_blob=False,
            verbosity=Verbosity.quiet,
        )
        broken: tuple[str, ...] = ()
        try:
            run_state_machine_as_test(seed(seed_)(chosen), settings=limits)
        except Exception as error:
            broken = tuple(_tell(each) for each in getattr(error, "exceptions", (error,)))
        return Verdict(dict(steps_taken), broken)


def _tell(error: BaseException) -> str:
    """What broke, and the steps that lead to it."""
    steps = "\n".join(note for note in getattr(error, "__notes__", ()) if "state = " in note)
    return f"{type(error).__name__}: {error}\n{steps}"[:4000]


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
