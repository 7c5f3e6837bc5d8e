"""Old copies put back, and two futures begun from one: nothing may be recorded, or clients must be able to prove it.

Where everything that could know was put back as well - database, pin, keys - and there is no witness, no start can
refuse. Then the receipts of two clients must prove that the log signed two histories.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ledger.errors import LedgerError, RollbackError
from ledger.log import tile_reader
from ledger.signing.keys import read_head
from ledger.verification.contradiction import find_contradiction, verify_contradiction
from service.settings import Settings
from service.verification.restoring import check_standing
from service.work import Register
from tests.needs import ROOT
from tests.service.town import StillClock, Town, pack
from tests.service.witnessing.chore import Chore, enrol
from tests.service.witnessing.places import Honest
from tests.torture.mutations import copy, memory
from tests.torture.town import LATER, build_small, go_on
from tests.torture.verdict import Verdict

SERVED = 10
"""Of so many rounds one starts the real server too."""


class AcceptedError(Exception):
    """An old copy took an event."""


def roll_back(count: int, seed: int) -> Verdict:
    """So many rounds, each of another kind in turn."""
    rounds = (old_database, old_folder_witnessed, clone, old_folder_unwitnessed, no_pin_witnessed, held_checkpoint)
    counts: Counter[str] = Counter()
    broken = []
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-", dir=memory()) as name:
        build_small(Path(name) / "small", early=Path(name) / "early")
        for n in range(count):
            one = rounds[n % len(rounds)]
            with tempfile.TemporaryDirectory(dir=name) as folder:
                try:
                    one(Path(name) / "early", Path(folder), random.Random(f"{seed}/{n}"), counts)
                    if n % SERVED == 0:
                        serve_old(Path(name) / "early", Path(folder) / "served", counts)
                except (AcceptedError, LedgerError, AssertionError) as error:
                    broken.append(f"{one.__name__} ({seed}/{n}): {type(error).__name__} {error}")
                counts["rounds"] += 1
    return Verdict(dict(counts), tuple(broken))


def old_database(early: Path, folder: Path, rng: random.Random, counts: Counter[str]) -> None:
    """The database is put back, the pin stands."""
    now = copy(early, folder / "now")
    go_on(now, rng.randrange(1, 30))
    _put_back(early, now)
    _expect_refusal(now, counts)


def clone(early: Path, folder: Path, rng: random.Random, counts: Counter[str]) -> None:
    """Two futures; then the database of one is put in the place of the other's, shorter or longer."""
    now, other = copy(early, folder / "now"), copy(early, folder / "other")
    go_on(now, rng.randrange(1, 20))
    go_on(other, rng.randrange(1, 20), first=100)
    _expect_contradiction(now, other, counts)
    _put_back(folder / "other", now)
    _expect_refusal(now, counts)


def old_folder_unwitnessed(early: Path, folder: Path, rng: random.Random, counts: Counter[str]) -> None:
    """Database, pin and keys are put back and go on. Nothing here can know it; two clients' receipts prove it."""
    now = copy(early, folder / "now")
    go_on(now, rng.randrange(1, 20))
    restored = copy(early, folder / "restored")
    if rng.random() < 0.5:
        restored.pin_file.unlink()
    go_on(restored, rng.randrange(1, 20), first=100)
    counts["not refused, as nobody could know"] += 1
    _expect_contradiction(now, restored, counts)


def old_folder_witnessed(early: Path, folder: Path, rng: random.Random, counts: Counter[str]) -> None:
    """As before, but a witness has seen more."""
    _with_witness(early, folder, rng, counts, spoil=lambda settings: None)


def no_pin_witnessed(early: Path, folder: Path, rng: random.Random, counts: Counter[str]) -> None:
    """The pin is gone, a witness knows."""
    _with_witness(early, folder, rng, counts, spoil=lambda settings: settings.pin_file.unlink())


def held_checkpoint(early: Path, folder: Path, rng: random.Random, counts: Counter[str]) -> None:
    """A checkpoint that somebody kept tells an operator, who asks before the start, how much is missing."""
    now = copy(early, folder / "now")
    events = rng.randrange(1, 20)
    note = _note(go_on(now, events))
    restored = copy(early, folder / "restored")
    register = Register(restored, clock=StillClock(LATER))
    standing = check_standing(register, [("kept", note)])
    register.close()
    assert not standing.ok and standing.missing == events, "restore-check found nothing"
    counts["told by restore-check"] += 1
    _put_back(early, now)
    _expect_refusal(now, counts)


def serve_old(early: Path, folder: Path, counts: Counter[str]) -> None:
    """`packtrail serve` on an old database ends, and says where to read on."""
    now = copy(early, folder)
    go_on(now, 2)
    _put_back(early, now)
    words = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--data", str(folder), "--port", "0"]
    told = subprocess.run(words, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=60)
    assert told.returncode and "old copy" in told.stderr, f"the server said {told.returncode} {told.stderr[-200:]}"
    counts["refused by the server"] += 1


def _with_witness(
    early: Path, folder: Path, rng: random.Random, counts: Counter[str], *, spoil: Callable[[Settings], None]
) -> None:
    origin = copy(early, folder / "origin")
    town = Town(origin, StillClock(LATER))
    witness = Honest(folder / "witness", "w.test", [signer.vkey for signer in town.register.signers])
    with witness.served() as place:
        enrol(town.register, "w", witness.vkeys[0], place.url)
        town.close()
        now = copy(folder / "origin", folder / "now")
        town = go_on(now, rng.randrange(1, 20))
        Chore(town.register).until_cosigned("w")
        town.close()
        restored = copy(folder / "origin", folder / "restored")
        spoil(restored)
        _expect_refusal(restored, counts)
        counts["by a witness"] += 1


def _expect_refusal(settings: Settings, counts: Counter[str]) -> None:
    """Neither the opening of the register nor its first event may be accepted, and nothing may be signed."""
    try:
        town = Town(settings, StillClock(LATER))
    except RollbackError as error:
        assert "restore-check" in str(error) and "docs/operating.md" in str(error), str(error)
        counts["refused at the start"] += 1
        return
    size = town.size()
    try:
        town.must(town.tell("cq-cells", "register", pack(920_000)))
    except RollbackError:
        counts["refused at the first event"] += 1
    else:
        raise AcceptedError("an old copy took an event")
    finally:
        after = town.size()
        town.close()
    assert after == size, "something was written"


def _expect_contradiction(one: Settings, other: Settings, counts: Counter[str]) -> None:
    """What two clients hold proves to anybody that the log signed two histories."""
    first, second = (Register(each, clock=StillClock(LATER)) for each in (one, other))
    with first.read() as ours, second.read() as theirs:
        notes = ours.checkpoint(), theirs.checkpoint()
        readers = [tile_reader(each, each.size()).nodes for each in (ours, theirs)]
        found = find_contradiction(notes[0], readers[0], notes[1], readers[1])
    assert found is not None, "two histories were not told apart"
    heads = verify_contradiction(found, first.verifiers, origin=first.origin, require_all=True)
    assert found.index < min(head.size for head in heads)
    first.close()
    second.close()
    counts["forks proven by two clients"] += 1


def _put_back(origin: Path, now: Settings) -> None:
    shutil.copy(origin / "register.db", now.data / "register.db")


def _note(town: Town) -> bytes:
    with town.register.read() as reader:
        note = reader.checkpoint()
    town.close()
    assert read_head(note).size
    return note
