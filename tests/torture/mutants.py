"""Mutants of both verifiers: one operator, constant or check changed in a copy of the code. Tests must notice.

`python -m tests.torture.mutants --count 60 --seed 1` prints each that nobody noticed; `--among api/` draws from the
second verifier only.
"""

import argparse
import ast
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.needs import ROOT, SHARED_DATA
from tests.torture import scripts
from tests.torture.verdict import Verdict

_L, _V, _N, _S = "tests/ledger", "tests/ledger/verification", "tests/ledger/notes", "tests/service/verification"
_SIGNATURES = "tests/conformance/test_signatures.py"
_KEYS = (f"{_L}/signing/test_keyring.py", f"{_L}/test_key_changes.py")
_REGISTER = (f"{_S}/test_register.py",)
TESTS = {
    "ledger/canonical": (f"{_L}/test_canonical.py", "tests/conformance/test_jcs.py"),
    "ledger/entry": (f"{_L}/test_entry.py",),
    "ledger/signing/jws": (f"{_L}/signing/test_jws.py", _SIGNATURES),
    "ledger/signing/ed25519": (f"{_L}/signing/test_ed25519.py", _SIGNATURES),
    "ledger/signing/keyring": _KEYS,
    "ledger/signing/keys": _KEYS,
    "ledger/tree": (f"{_L}/test_tree.py",),
    "ledger/proof": (f"{_L}/test_proof.py",),
    "ledger/notes/note": (f"{_N}/test_note.py",),
    "ledger/notes/treehead": (f"{_N}/test_checkpoint.py",),
    "ledger/notes/checkpoint": (f"{_N}/test_checkpoint.py",),
    "ledger/notes/vkey": (f"{_N}/test_vkey.py",),
    "ledger/notes/cosignature": (f"{_N}/test_cosignature.py", _SIGNATURES),
    "ledger/notes/policy": (f"{_N}/test_policy.py",),
    "ledger/notes/witness": (f"{_N}/test_witness.py", "tests/conformance/test_witness.py"),
    "ledger/receipt": (f"{_L}/test_receipt.py",),
    "ledger/bundle": (f"{_L}/test_bundle.py",),
    "ledger/map": (f"{_L}/test_map.py",),
    "ledger/epoch": (f"{_L}/test_epoch.py", f"{_L}/test_bundle.py", "tests/service/db/test_store_contract.py"),
    "ledger/erasure": (f"{_L}/test_erasure.py",),
    "ledger/verification/audit": (f"{_V}/test_audit.py", f"{_V}/test_verifying.py"),
    "ledger/verification/findings": (f"{_V}/test_audit.py", f"{_V}/test_verifying.py"),
    "ledger/verification/verifying": (f"{_V}/test_verifying.py",),
    "ledger/verification/sweep": (f"{_V}/test_sweep.py", f"{_V}/test_verifying.py"),
    "ledger/verification/source": (f"{_V}/test_sweep.py", f"{_V}/test_verifying.py"),
    "ledger/verification/stretch": (f"{_V}/test_stretch.py", f"{_V}/test_verifying.py"),
    "ledger/verification/joining": (f"{_V}/test_stretch.py", f"{_V}/test_verifying.py"),
    "ledger/verification/headmap": (f"{_V}/test_headmap.py", f"{_V}/test_verifying.py"),
    "ledger/verification/uniques": (f"{_V}/test_uniques.py",),
    "ledger/verification/crew": (f"{_V}/test_crew.py", f"{_V}/test_verifying.py"),
    "ledger/verification/verified": (f"{_V}/test_verified.py", f"{_V}/test_verifying.py"),
    "ledger/verification/contradiction": (f"{_V}/test_contradiction.py",),
    "service/verification/register": _REGISTER,
    "service/verification/stored": _REGISTER,
    "service/verification/derived": _REGISTER,
    "service/verification/secrets": _REGISTER,
    "service/verification/private_values": (*_REGISTER, "tests/service/private/test_erasure.py"),
    "service/verification/held": (f"{_S}/test_held.py", *_REGISTER),
    "service/verification/kept": (f"{_S}/test_kept.py", *_REGISTER),
    "service/verification/passports": (f"{_S}/test_passports.py",),
    "service/verification/selfcheck": (f"{_S}/test_selfcheck.py",),
    **scripts.TESTS,
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
CODE = ("ledger", "service", "api", "labels", "migrations", "tests")
COPIED = (*CODE, "docs", "pyproject.toml")
SECONDS = 300
"""A mutant that runs longer never ends, and would be noticed."""
GOAL = 0.9
TREE = "ledger/tree"
CRIPPLED = "raise SystemExit(3)\n"

SPEED = frozenset({"PIECE", "SPAWNED", "WORTH_A_CREW", "AHEAD", "KEPT"})
"""Constants by which a verification is quick. No verdict hangs on them, so no test could notice another value."""

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
    """One change: of which module, by its path, in which line, what; and the module's text with it."""

    module: str
    line: int
    what: str
    source: str

    def __str__(self) -> str:
        return f"{_file(self.module)}:{self.line} {self.what}"

    @property
    def is_script(self) -> bool:
        """Whether it is one of the second verifier."""
        return self.module in scripts.TESTS


def mutate_verifier(count: int, seed: int, *, among: str = "") -> Verdict:
    """So many mutants, drawn by lot from all there are. One that no test notices is shown; nine of ten must be.

    `among`: how the paths of the modules begin that they are drawn from.
    """
    modules = [module for module in TESTS if module.startswith(among)]
    places = [(module, number) for module in modules for number in range(_count(module))]
    drawn = [_mutant(*place) for place in random.Random(seed).sample(places, min(count, len(places)))]
    with tempfile.TemporaryDirectory(prefix="packtrail-mutants-") as name:
        lanes = [_compiled(_copy(Path(name) / str(n))) for n in range(os.cpu_count() or 1)]
        if SHARED_DATA.is_dir():
            (Path(name) / "shared").symlink_to(SHARED_DATA.parent)
        for tests in {tests for mutant in drawn for tests in (TESTS[mutant.module], _wider(mutant))}:
            assert not is_noticed(lanes[0], None, tests), f"the tests fail without a mutant: {tests}"
        free = list(lanes)

        def judge(mutant: Mutant) -> bool:
            lane = free.pop()
            try:
                seen = is_noticed(lane, mutant, TESTS[mutant.module]) or is_noticed(lane, mutant, _wider(mutant))
                print(f"{'':12}{'noticed' if seen else 'NOT NOTICED'}: {mutant}", file=sys.stderr, flush=True)
                return seen
            finally:
                free.append(lane)

        with ThreadPoolExecutor(len(lanes)) as pool:
            noticed = list(pool.map(judge, drawn))
    alive = [mutant for mutant, seen in zip(drawn, noticed, strict=True) if not seen]
    counts = {"mutants": len(drawn), "of": len(places), "noticed": sum(noticed), "not noticed": len(alive)}
    counts["of which JavaScript"] = sum(mutant.is_script for mutant in drawn)
    counts["not noticed JavaScript"] = sum(mutant.is_script for mutant in alive)
    enough = sum(noticed) >= GOAL * len(drawn)
    return Verdict(counts, () if enough else (f"noticed {sum(noticed)} of {len(drawn)}", *map(str, alive)))


def runner_notices(count: int, seed: int) -> Verdict:
    """The runner itself, on a few mutants of the tree: those in its arithmetic are noticed, no mutant is not."""
    drawn = random.Random(seed).sample(list(mutants_of(TREE)), count)
    with tempfile.TemporaryDirectory(prefix="packtrail-mutants-") as name:
        lane = _copy(Path(name) / "0")
        untouched = is_noticed(lane, None, TESTS[TREE], bare=True)
        crippled = is_noticed(lane, Mutant(TREE, 1, "does not load", CRIPPLED), TESTS[TREE], bare=True)
        noticed = sum(is_noticed(lane, mutant, TESTS[TREE], bare=True) for mutant in drawn)
    counts = {"mutants": count, "noticed": noticed}
    broken = [what for what, bad in (("fails untouched", untouched), ("is blind", not crippled)) if bad]
    return Verdict(counts, (*broken, *([] if noticed * 2 > count else [f"noticed {noticed} of {count}"])))


def is_noticed(lane: Path, mutant: Mutant | None, tests: tuple[str, ...], *, bare: bool = False) -> bool:
    """Whether a test fails, or never ends, with this mutant in place of the module. `bare`: tests without fixtures."""
    file = lane / _file(mutant.module if mutant else TREE)
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
        "PYTHONPYCACHEPREFIX": "",
    }
    try:
        return _status(words, lane, environment) != 0
    finally:
        file.write_text(before)


def _status(words: list[str], lane: Path, environment: dict[str, str]) -> int:
    """The exit status; after SECONDS the tests and all that they started are killed."""
    quiet = subprocess.DEVNULL
    running = subprocess.Popen(words, cwd=lane, env=environment, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        return running.wait(SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        return running.wait()


def mutants_of(module: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its text."""
    for number in range(_count(module)):
        yield _mutant(module, number)


def _file(module: str) -> str:
    return module if module in scripts.TESTS else f"{module}.py"


def _wider(mutant: Mutant) -> tuple[str, ...]:
    return scripts.WIDER if mutant.is_script else WIDER


def _count(module: str) -> int:
    return len(scripts.sites_of(module) if module in scripts.TESTS else _sites(_parse(module)))


def _mutant(module: str, number: int) -> Mutant:
    if module in scripts.TESTS:
        return Mutant(module, *scripts.sites_of(module)[number])
    tree = _parse(module)
    line, what, change = _sites(tree)[number]
    change()
    return Mutant(module, line, what, ast.unparse(tree) + "\n")


def _parse(module: str) -> ast.Module:
    return ast.parse((ROOT / f"{module}.py").read_text())


def _sites(tree: ast.AST) -> list[tuple[int, str, Callable[[], None]]]:
    """What can be changed: line, what it is, and how to do it in place."""
    return list(_walk(tree, 0))


def _walk(node: ast.AST, line: int) -> Iterator[tuple[int, str, Callable[[], None]]]:
    line = getattr(node, "lineno", line)
    if isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id in SPEED for each in node.targets):
        return
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


def _compiled(lane: Path) -> Path:
    """With bytecode beside its modules. It goes by their content: a mutant is as young as the module, often as long."""
    words = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash", *CODE]
    subprocess.run(words, cwd=lane, env=os.environ | {"PYTHONPYCACHEPREFIX": ""}, check=True)
    return lane


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture.mutants")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--among", default="", help="how the paths of the modules begin that they are drawn from")
    options = parser.parse_args()
    verdict = mutate_verifier(options.count, options.seed, among=options.among)
    print(", ".join(f"{number} {name}" for name, number in verdict.counts.items()))
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
