"""Both verifiers on the same files: each must say the same of every one.

The same means the same exit code: 0 it holds, 1 it does not hold, 2 it is not what it should be in form; and the same
entry, where both name one: the first that is at fault.
"""

import contextlib
import io
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from click.testing import CliRunner

from api.cli import packtrail
from ledger.__main__ import main
from tests.verifier import cosigned, forks, mutants, scripted
from tests.verifier.case import Case, bundle_case, export_case, receipt_case
from tests.verifier.node import start_many
from tests.verifier.scenes import PACK, long_scene, short_scene
from tests.verifier.script import Members

BROKEN = -1
"""In place of an exit code, where a verifier ends with an error of its own."""


@dataclass
class Agreement:
    """How many files were held against each other, by what both said, and where the two differ.

    located: for how many of them both named an entry.
    """

    verdicts: Counter[int] = field(default_factory=Counter)
    located: int = 0
    disagreements: list[str] = field(default_factory=list)

    @property
    def files(self) -> int:
        return self.verdicts.total() + len(self.disagreements)


def compare(cases: Sequence[Case]) -> Agreement:
    """Ask both about every case, side by side."""
    found = Agreement()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as aside:
        waiting = aside.submit(ask_second, cases)
        first = [ask_first(case.write(Path(folder)), policed=case.policy is not None) for case in cases]
        second = waiting.result()
    for case, (code, verdict), answer in zip(cases, first, second, strict=True):
        at, also = first_index(verdict), first_index(answer)
        if code == answer["code"] and (at == also or None in (at, also)):
            found.verdicts[code] += 1
            found.located += None not in (at, also)
        else:
            told = f"the first says {code} {brief(verdict)}, the second {answer['code']} {brief(answer)}"
            found.disagreements.append(f"{case.kind} {case.name}: {told}")
    return found


def ask_second(cases: Sequence[Case]) -> list[Members]:
    """The second verifier's verdicts, each with the exit `code`, by one process."""
    out, talk = start_many().communicate(b"".join(case.job() for case in cases))
    answers = [json.loads(line) for line in out.splitlines()]
    assert len(answers) == len(cases), talk.decode()
    return answers


def first_index(verdict: Members) -> int | None:
    """The first entry that is named as being at fault."""
    named = [failure["index"] for failure in verdict.get("failures", []) if failure["index"] is not None]
    return named[0] if named else None


def ask_first(arguments: Sequence[str], *, policed: bool = False) -> tuple[int, Members]:
    """The exit code and the verdict of `python -m ledger`, or of `packtrail` where a policy is given.

    Without a process of its own.
    """
    if policed:
        done = CliRunner().invoke(packtrail, [*arguments, "--json", "--cores", "1"], prog_name="packtrail")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            return BROKEN, {"refusal": repr(done.exception)}
        judged = done.exit_code in (0, 1)
        return done.exit_code, json.loads(done.stdout) if judged else {"refusal": done.stderr.strip()}
    out, talk = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(talk):
        try:
            code = main([*arguments, "--json", "--cores", "1"])
        except Exception as error:
            return BROKEN, {"refusal": repr(error)}
    return code, json.loads(out.getvalue()) if code != 2 else {"refusal": talk.getvalue().strip()}


def brief(verdict: Members) -> str:
    if verdict.get("refusal"):
        return f"({verdict['refusal']})"
    return "; ".join(f"{failure['index']}: {failure['what']}" for failure in verdict.get("failures", [])[:2])


def listed() -> Iterator[Case]:
    """Every case that is written down by name."""
    short = short_scene()
    yield from mutants.goldens()
    yield from mutants.about_checkpoints(short)
    yield from mutants.about_given_keys(short)
    yield from mutants.about_receipts(short)
    yield from scripted.respelled()
    for told in (scripted.about_keys, scripted.about_disputes, scripted.about_maps, scripted.about_log_keys):
        yield from told()
    yield from scripted.about_epochs()
    yield from scripted.about_erasures()
    yield from scripted.about_events()
    yield from listed_bundles()
    yield from forks.goldens()
    yield from forks.broken()
    yield from cosigned.listed()


def listed_bundles() -> Iterator[Case]:
    yield from mutants.golden_bundles()
    for scene in (short_scene(), long_scene()):
        case = bundle_case("evidence", scene, PACK)
        yield from mutants.kept_bundles(case)
        yield from mutants.broken_bundles(case)
        yield from mutants.other_entries_among_keys(scene, case)
        yield from forks.absences(scene)
    yield from mutants.repeated_entry()


def drawn(seed: int) -> Iterator[Case]:
    """Cases without end, the same for the same seed."""
    rng = random.Random(seed)
    short, long = short_scene(), long_scene()
    export, receipt = export_case("short export", short), receipt_case("receipt", short, 4)
    bundles = [bundle_case("evidence", scene, subject) for scene in (short, long) for subject in mutants.SUBJECTS]
    while True:
        yield mutants.flipped(export, rng.randrange(len(export.file + export.beside)), rng.randrange(8))
        yield mutants.flipped(receipt, rng.randrange(len(receipt.file + receipt.beside)), rng.randrange(8))
        yield mutants.relined(rng.choice([export, receipt]), rng)
        yield mutants.line_swaps(rng.choice([short, short, long]), rng)
        for _ in range(4):
            yield scripted.disturbed(rng)
        bundle = rng.choice(bundles)
        yield mutants.flipped(bundle, rng.randrange(len(bundle.file)), rng.randrange(8))
        for _ in range(3):
            yield mutants.disturbed_bundle(rng.choice(bundles), rng)
        yield forks.drawn(rng)
        contradiction = forks.contradiction_case("two histories")
        yield mutants.flipped(contradiction, rng.randrange(len(contradiction.file)), rng.randrange(8))
        yield cosigned.drawn(rng)


def every_bit_somewhere(seed: int) -> Iterator[Case]:
    """Every byte of the short export and its checkpoint, one of its bits changed."""
    rng = random.Random(seed)
    export = export_case("short export", short_scene())
    for position in range(len(export.file + export.beside)):
        yield mutants.flipped(export, position, rng.randrange(8))


def agree(count: int, seed: int, *, every_byte: bool = False) -> Agreement:
    """Hold the verifiers against each other on all listed cases and on `count` drawn ones.

    `every_byte` adds a flip in every byte of a short export, some 9,000. The answer's `disagreements` must be empty.
    """
    total = Agreement()
    cases: Iterable[Case] = [*listed(), *islice(drawn(seed), count)]
    if every_byte:
        cases = [*cases, *every_bit_somewhere(seed)]
    for batch in _batches(cases):
        part = compare(batch)
        total.verdicts += part.verdicts
        total.located += part.located
        total.disagreements += part.disagreements
    return total


def _batches(cases: Iterable[Case], size: int = 2_000) -> Iterator[list[Case]]:
    stream = iter(cases)
    while batch := list(islice(stream, size)):
        yield batch
