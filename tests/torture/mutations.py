"""Thousands of changes of a register's database, each of which verification must find, and untouched copies.

What a change did is told by all rows before and after it, not by what was meant. One that left all rows as they were is
counted as such, never as found. The same rows tell which entry it is about, and so which one verification has to name.
"""

import os
import random
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from sqlalchemy.exc import DBAPIError, IntegrityError

from ledger.signing.keys import read_head
from ledger.verification.audit import Report
from ledger.verification.findings import Anchor
from ledger.verification.verifying import Wishes
from service.db.engine import open_engine, sqlite_url
from service.db.soundness import tells_damage
from service.db.store import SqlStore
from service.errors import SettingsError
from service.keys.logkeys import own_verifiers
from service.keys.vault import Vault
from service.pin import check_pin
from service.settings import Settings, read_settings
from service.verification.register import verify_database
from tests.postgres import PostgresServer
from tests.service.conftest import copy_database
from tests.torture.edits import EDITS, NothingToEditError
from tests.torture.insider import (
    NOT_VOUCHED,
    Content,
    changed_tables,
    drop_trigger,
    first_index,
    insider,
    mended_by_itself,
    read_content,
)
from tests.torture.town import build_small, go_on
from tests.torture.verdict import Verdict

FLIPS = 0.4
"""Of all mutations, bits flipped in the file; the others are edits by SQL."""
LARGE = 0.1
"""Of the edits, those of a register with a full tile."""
REWRITES = 0.02
"""Of the edits, tails written anew with the log's keys."""
CLEAN = 0.1
"""Untouched copies for each mutation."""
NO_EXACT_PLACE = frozenset({"rechain time and tree", "rewritten tail"})
"""After these nothing but signed checkpoints contradicts what is stored: they bound the place, and cannot name it."""
SECONDS = 60


@dataclass(frozen=True)
class Ground:
    """Registers to spoil: folders that are copied, never opened."""

    small: Path
    large: Path
    early: Path
    """The small one as it once was."""


@dataclass(frozen=True)
class Outcome:
    """What one change did and what verification said. `place` is the entry it is about, `named` the first one named."""

    kind: str
    seed: str
    effect: str
    found: bool
    place: int | None = None
    named: int | None = None
    trouble: str = ""


def mutate(count: int, seed: int) -> Verdict:
    """So many changes of SQLite databases, and a tenth as many untouched copies."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-", dir=memory()) as name:
        folder = Path(name)
        ground = Ground(folder / "small", folder / "large", folder / "early")
        build_small(ground.small, early=ground.early)
        build_small(ground.large, packs=45)
        seeds = [f"{seed}/{n}" for n in range(count)]
        clean = [f"clean/{seed}/{n}" for n in range(max(1, int(count * CLEAN)))]
        return judge(_run(_try, ground, [*seeds, *clean]))


def mutate_postgres(count: int, seed: int) -> Verdict:
    """Edits by SQL of PostgreSQL databases, each made from one template."""
    with (
        tempfile.TemporaryDirectory(prefix="packtrail-torture-", dir=memory()) as name,
        PostgresServer.start() as server,
    ):
        url = server.create_database()
        build_small(Path(name) / "small", url=url)
        outcomes = [_try_postgres(server, url, Path(name) / "small", f"{seed}/{n}") for n in range(count)]
        settings = read_settings({"PACKTRAIL_DATABASE_URL": url}, data=Path(name) / "small")
        report, trouble = verify(settings)
        return judge([*outcomes, Outcome("clean", "untouched", "none", not _holds(report), trouble=trouble)])


def _try_postgres(server: PostgresServer, template: str, data: Path, seed: str) -> Outcome:
    url = copy_database(server, template)
    settings = read_settings({"PACKTRAIL_DATABASE_URL": url}, data=data)
    before = read_content(url)
    outcome = compare(edit(url, random.Random(seed)), seed, before, settings)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {urlsplit(url).path.removeprefix('/')}")
    return outcome


def judge(outcomes: Sequence[Outcome]) -> Verdict:
    """Every change found, nearly all named, no false alarm."""
    clean = [each for each in outcomes if each.kind == "clean"]
    changes = [each for each in outcomes if each.kind != "clean"]
    logical = [each for each in changes if each.effect == "logical"]
    placed = [each for each in logical if each.place is not None and each.kind not in NO_EXACT_PLACE]
    exact = [each for each in placed if each.named == each.place]
    counts = {
        "mutations": len(changes),
        "flips": sum(each.kind == "flip" for each in changes),
        "logical": len(logical),
        "found": sum(each.found for each in logical),
        "about an entry": len(placed),
        "named exactly": len(exact),
        "bounded only": sum(each.place is not None and each.kind in NO_EXACT_PLACE for each in logical),
        "without effect": sum(each.effect == "none" for each in changes),
        "of these noticed": sum(each.effect == "none" and each.found for each in changes),
        "not vouched for": sum(each.effect == "beside" for each in changes),
        "clean": len(clean),
        "false alarms": sum(each.found for each in clean),
    }
    broken = [f"not found: {_tell(each)}" for each in logical if not each.found]
    broken += [f"trouble: {_tell(each)}" for each in outcomes if each.trouble]
    broken += [f"false alarm: {_tell(each)}" for each in clean if each.found]
    if len(exact) < 0.99 * len(placed):
        broken.append(f"named exactly: {len(exact)} of {len(placed)}")
        broken += [f"not named: {_tell(each)}" for each in placed if each.named != each.place]
    return Verdict(counts, tuple(broken))


def by_kind(outcomes: Sequence[Outcome]) -> dict[str, Counter[str]]:
    """How often each kind of change had which effect, and was found."""
    table: dict[str, Counter[str]] = {}
    for each in outcomes:
        table.setdefault(each.kind, Counter())[f"{each.effect}{'' if each.found else ', not found'}"] += 1
    return table


def _tell(each: Outcome) -> str:
    return f"{each.kind} ({each.seed}) {each.place} {each.named} {each.trouble}".strip()


def _run(task: Any, ground: Ground, seeds: Sequence[str]) -> list[Outcome]:
    """By all cores, where it is worth starting processes."""
    if len(seeds) < 200:
        return [task(ground, each) for each in seeds]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(task, repeat(ground), seeds, chunksize=8))


def _try(ground: Ground, seed: str) -> Outcome:
    """One change, drawn by its seed, of a copy."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(dir=ground.small.parent) as name:
        folder = Path(name) / "data"
        if seed.startswith("clean"):
            return _try_clean(rng.choice([ground.small, ground.early]), folder, seed)
        if rng.random() < FLIPS:
            return _try_flip(ground.small, folder, seed, rng)
        if rng.random() < REWRITES:
            return _try_rewriting(ground, folder, seed, rng)
        return _try_edit(ground.large if rng.random() < LARGE else ground.small, folder, seed, rng)


def _try_clean(origin: Path, folder: Path, seed: str) -> Outcome:
    settings = copy(origin, folder)
    report, trouble = verify(settings)
    return Outcome("clean", seed, "none", report is None or not report.ok, trouble=trouble)


def _try_flip(origin: Path, folder: Path, seed: str, rng: random.Random) -> Outcome:
    settings = copy(origin, folder)
    before = read_content(settings.database_url)
    file = folder / "register.db"
    data = bytearray(file.read_bytes())
    at = rng.randrange(len(data))
    data[at] ^= 1 << rng.randrange(8)
    file.write_bytes(data)
    return compare("flip", seed, before, settings)


def _try_edit(origin: Path, folder: Path, seed: str, rng: random.Random) -> Outcome:
    settings = copy(origin, folder)
    before = read_content(settings.database_url)
    kind = edit(settings.database_url, rng)
    return compare(kind, seed, before, settings)


def edit(url: str, rng: random.Random) -> str:
    """Draw edits until the database takes one; gives its name."""
    while True:
        kind = rng.choice([*EDITS, "trigger"])
        if kind == "trigger":
            drop_trigger(url, rng)
            return kind
        try:
            with insider(url) as connection:
                EDITS[kind](connection, rng)
        except (NothingToEditError, IntegrityError, DBAPIError) as error:
            if isinstance(error, DBAPIError) and tells_damage(error):
                raise
            continue
        return kind


def compare(kind: str, seed: str, before: Content, settings: Settings) -> Outcome:
    """What became of the content, and what verification says of it."""
    place = None
    try:
        after = read_content(settings.database_url)
    except (DBAPIError, UnicodeDecodeError):
        effect = "logical"
    else:
        changed = changed_tables(before, after)
        loose = NOT_VOUCHED | mended_by_itself(before, after)
        effect = "none" if not changed else "beside" if changed <= loose else "logical"
        place = first_index(before, after)
    report, trouble = verify(settings)
    named = next((failure.index for failure in report.failures), None) if report else None
    return Outcome(kind, seed, effect, report is None or not report.ok, place, named, trouble)


def _try_rewriting(ground: Ground, folder: Path, seed: str, rng: random.Random) -> Outcome:
    """An old copy goes on otherwise, with the log's keys: sound in itself, but not what was signed before."""
    kept = read_settings({}, data=ground.small)
    with SqlStore(open_engine(kept.database_url)).read() as reader:
        note = reader.checkpoint()
    head = read_head(note)
    settings = copy(ground.early, folder)
    go_on(settings, rng.randrange(1, 40))
    alone, trouble = verify(settings)
    if alone is None or not alone.ok:
        return Outcome("rewritten tail", seed, "logical", False, trouble=f"not sound in itself {trouble}")
    told = Anchor(head.size, head.root, "a receipt that somebody kept")
    report, trouble = verify(settings, told)
    return Outcome(
        "rewritten tail", seed, "logical", not _holds(report) and _is_refused(kept, settings), 0, None, trouble
    )


def _holds(report: Report | None) -> bool:
    return report is not None and report.ok


def _is_refused(kept: Settings, settings: Settings) -> bool:
    """Whether the pin, which stands outside of the database, contradicts it."""
    engine = open_engine(settings.database_url)
    try:
        with SqlStore(engine).read() as reader:
            check_pin(kept.pin_file, reader)
    except Exception as error:
        return type(error).__name__ == "RollbackError"
    finally:
        engine.dispose()
    return False


def copy(origin: Path, folder: Path) -> Settings:
    """A copy of a data folder."""
    shutil.copytree(origin, folder)
    return read_settings({"PACKTRAIL_DATABASE_URL": sqlite_url(folder / "register.db")}, data=folder)


def verify(settings: Settings, *anchors: Anchor) -> tuple[Report | None, str]:
    """The report, or none where the database is refused as a whole; and what should not have happened."""
    wishes = Wishes(workers=1, anchors=anchors)
    try:
        with _limit():
            verifiers = own_verifiers(settings)
            report = verify_database(
                settings.database_url, verifiers, vault=Vault.open(settings.master_key_file), wishes=wishes
            )
            return report, ""
    except SettingsError:
        return None, ""
    except DBAPIError as error:
        return None, "" if tells_damage(error) else f"{type(error).__name__}: {error.orig}"[:300]
    except Exception as error:  # what verification raises of its own is what we look for
        return None, f"{type(error).__name__}: {error}"[:300]


@contextmanager
def _limit() -> Iterator[None]:
    """No verification may go on for ever."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"no verdict within {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
