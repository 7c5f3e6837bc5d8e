"""Mutants of the verifier itself: one operator, constant or check changed in a copy of the code. Tests must notice.

`python -m tests.torture.mutants --count 60 --seed 1` prints each that nobody noticed.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.needs import ROOT
from tests.torture.verdict import Verdict

TESTS = {
    "canonical": ("tests/ledger/test_canonical.py", "tests/conformance/test_jcs.py"),
    "entry": ("tests/ledger/test_entry.py",),
    "signing/jws": ("tests/ledger/signing/test_jws.py", "tests/conformance/test_signatures.py"),
    "signing/ed25519": ("tests/ledger/signing/test_ed25519.py", "tests/conformance/test_signatures.py"),
    "signing/keyring": ("tests/ledger/signing/test_keyring.py", "tests/ledger/test_key_changes.py"),
    "signing/keys": ("tests/ledger/signing/test_keyring.py", "tests/ledger/test_key_changes.py"),
    "tree": ("tests/ledger/test_tree.py",),
    "proof": ("tests/ledger/test_proof.py",),
    "notes/note": ("tests/ledger/notes/test_note.py",),
    "notes/checkpoint": ("tests/ledger/notes/test_checkpoint.py",),
    "receipt": ("tests/ledger/test_receipt.py",),
    "bundle": ("tests/ledger/test_bundle.py",),
    "map": ("tests/ledger/test_map.py",),
    "verification/audit": ("tests/ledger/verification/test_audit.py", "tests/ledger/verification/test_verifying.py"),
}
"""The modules of which a verdict is made, and the tests that are about each."""
WIDER = (
    *(f"tests/ledger/test_{name}.py" for name in ("log", "key_changes", "bundle", "main")),
    "tests/ledger/verification/test_audit.py",
    "tests/ledger/verification/test_contradiction.py",
    "tests/conformance/test_tile_log.py",
    "tests/conformance/test_merkle_probes.py",
)
"""For what those do not notice."""
COPIED = ("ledger", "service", "api", "labels", "migrations", "tests", "docs", "pyproject.toml")
SECONDS = 300
"""A mutant that runs longer never ends, and would be noticed."""
GOAL = 0.9
CRIPPLED = "raise SystemExit(3)\n"

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}


@dataclass(frozen=True)
class Mutant:
    """One change: of which module, in which line, what; and the module's text with it."""

    module: str
    line: int
    what: str
    source: str

    def __str__(self) -> str:
        return f"ledger/{self.module}.py:{self.line} {self.what}"


def mutate_verifier(count: int, seed: int) -> Verdict:
    """So many mutants, drawn by lot from all there are. One that no test notices is shown; nine of ten must be."""
    drawn = random.Random(seed).sample(everything := list(all_mutants()), min(count, len(everything)))
    with tempfile.TemporaryDirectory(prefix="packtrail-mutants-") as name:
        lanes = [_copy(Path(name) / str(n)) for n in range(os.cpu_count() or 1)]
        assert not is_noticed(lanes[0], None, TESTS["tree"]), "the tests fail without a mutant"
        free = list(lanes)

        def judge(mutant: Mutant) -> bool:
            lane = free.pop()
            try:
                seen = is_noticed(lane, mutant, TESTS[mutant.module]) or is_noticed(lane, mutant, WIDER)
                print(f"{'':12}{'noticed' if seen else 'NOT NOTICED'}: {mutant}", file=sys.stderr, flush=True)
                return seen
            finally:
                free.append(lane)

        with ThreadPoolExecutor(len(lanes)) as pool:
            noticed = list(pool.map(judge, drawn))
    alive = [str(mutant) for mutant, seen in zip(drawn, noticed, strict=True) if not seen]
    counts = {"mutants": len(drawn), "of": len(everything), "noticed": sum(noticed), "not noticed": len(alive)}
    enough = sum(noticed) >= GOAL * len(drawn)
    return Verdict(counts, () if enough else (f"noticed {sum(noticed)} of {len(drawn)}", *alive))


def runner_notices(count: int, seed: int) -> Verdict:
    """The runner itself, on a few mutants of the tree: those in its arithmetic are noticed, no mutant is not."""
    drawn = random.Random(seed).sample(list(mutants_of("tree")), count)
    with tempfile.TemporaryDirectory(prefix="packtrail-mutants-") as name:
        lane = _copy(Path(name) / "0")
        untouched = is_noticed(lane, None, TESTS["tree"], bare=True)
        crippled = is_noticed(lane, Mutant("tree", 1, "does not load", CRIPPLED), TESTS["tree"], bare=True)
        noticed = sum(is_noticed(lane, mutant, TESTS["tree"], bare=True) for mutant in drawn)
    counts = {"mutants": count, "noticed": noticed}
    broken = [what for what, bad in (("fails untouched", untouched), ("is blind", not crippled)) if bad]
    return Verdict(counts, (*broken, *([] if noticed * 2 > count else [f"noticed {noticed} of {count}"])))


def is_noticed(lane: Path, mutant: Mutant | None, tests: tuple[str, ...], *, bare: bool = False) -> bool:
    """Whether a test fails, or never ends, with this mutant in place of the module. `bare`: tests without fixtures."""
    file = lane / "ledger" / f"{mutant.module if mutant else 'tree'}.py"
    before = file.read_text()
    if mutant:
        file.write_text(mutant.source)
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        *tests,
    ]
    if bare:  # half the time is spent in loading plugins
        words = [*words[:3], "-x", "-q", "-p", "no:cacheprovider", "--noconftest", "-o", "addopts=", *tests]
    environment = os.environ | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1" if bare else "",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(lane),
    }
    try:
        ended = subprocess.run(words, cwd=lane, env=environment, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_text(before)
    return ended.returncode != 0


def all_mutants() -> Iterator[Mutant]:
    for module in TESTS:
        yield from mutants_of(module)


def mutants_of(module: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its text."""
    source = (ROOT / "ledger" / f"{module}.py").read_text()
    for n, (line, what, _) in enumerate(_sites(ast.parse(source))):
        tree = ast.parse(source)
        list(_sites(tree))[n][2]()
        yield Mutant(module, line, what, ast.unparse(tree) + "\n")


def _sites(tree: ast.AST) -> list[tuple[int, str, Callable[[], None]]]:
    """What can be changed: line, what it is, and how to do it in place."""
    return list(_walk(tree, 0))


def _walk(node: ast.AST, line: int) -> Iterator[tuple[int, str, Callable[[], None]]]:
    line = getattr(node, "lineno", line)
    yield from _here(node, line)
    for name, value in ast.iter_fields(node):
        if name in ("decorator_list", "annotation", "returns", "type_params"):
            continue
        for at, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.Raise):
                put = partial(value.__setitem__, at, ast.copy_location(ast.Pass(), child))
                yield child.lineno, f"without: {ast.unparse(child)}", put
            if isinstance(child, ast.AST):
                yield from _walk(child, line)


def _here(node: ast.AST, line: int) -> Iterator[tuple[int, str, Callable[[], None]]]:
    text = ast.unparse(node)[:70] if isinstance(node, ast.expr) else ""
    if isinstance(node, ast.Compare):
        for at, sign in enumerate(node.ops):
            other = SWAPS[type(sign)]()
            yield line, f"{type(other).__name__} in: {text}", partial(node.ops.__setitem__, at, other)
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in SWAPS:
        other = SWAPS[type(node.op)]()
        yield line, f"{type(other).__name__} in: {text}", partial(setattr, node, "op", other)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield line, f"without not: {text}", partial(_unnot, node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield line, f"{not node.value}", partial(setattr, node, "value", not node.value)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield line, f"{node.value + 1} for {node.value}", partial(setattr, node, "value", node.value + 1)
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield line, f"nothing for: {ast.unparse(node)[:70]}", partial(setattr, node, "value", ast.Constant(None))
    elif isinstance(node, ast.If):
        test = ast.copy_location(ast.Constant(False), node.test)
        yield line, f"never: {ast.unparse(node.test)[:70]}", partial(setattr, node, "test", test)


def _unnot(node: ast.UnaryOp) -> None:
    """Twice `not` is none."""
    node.operand = ast.copy_location(ast.UnaryOp(ast.Not(), node.operand), node)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _copy(folder: Path) -> Path:
    folder.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture.mutants")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    verdict = mutate_verifier(options.count, options.seed)
    print(", ".join(f"{number} {name}" for name, number in verdict.counts.items()))
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
