"""The house rules that a linter cannot know: sizes, names, layers. Each test names the file and line at fault."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.needs import ROOT

PACKAGES = ("ledger", "labels", "service", "api", "migrations")
CEILING_OF_A_MODULE = 400
CEILING_OF_A_FUNCTION = 60
CEILING_OF_PARAMETERS = 6
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "handler", "processor"}
# What each package may import from outside the standard library, itself left aside.
ALLOWED = {
    "ledger": {"cryptography", "nacl", "orjson"},
    "labels": {"PIL", "fontTools", "fpdf", "pylopdf_fonts_zh_cn", "qrcode", "zxingcpp"},
    "service/domain": set[str](),
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def modules(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def place(path: Path, line: int = 1) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def functions(*packages: str) -> Iterator[tuple[Path, Function]]:
    for path in modules(*packages):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, Function):
                yield path, node


def length(node: Function) -> int:
    """Lines from `def` to the last statement, the docstring left out: an explanation costs nothing."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Top-level names of what a module imports absolutely, with the line."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno


def is_silent(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches everything and does nothing about it."""
    catches_all = handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"}
    )
    return catches_all and all(isinstance(statement, ast.Pass) for statement in handler.body)


def test_the_packages_of_the_house_are_there() -> None:
    assert [package for package in PACKAGES if not (ROOT / package / "__init__.py").exists()] == []


def test_no_module_is_longer_than_its_ceiling() -> None:
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules(*PACKAGES[:4])}
    assert [f"{place(path)} has {size} lines" for path, size in sizes.items() if size > CEILING_OF_A_MODULE] == []


def test_no_function_is_longer_than_its_ceiling() -> None:
    long = [(path, node) for path, node in functions(*PACKAGES[:4]) if length(node) > CEILING_OF_A_FUNCTION]
    assert [f"{place(path, node.lineno)} {node.name} has {length(node)} lines" for path, node in long] == []


def test_no_function_takes_more_parameters_than_its_ceiling() -> None:
    broken = []
    for path, node in functions(*PACKAGES[:4]):
        arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        names = [argument.arg for argument in arguments if argument.arg not in {"self", "cls"}]
        # A command's parameters are what a person may type: the command line's own limit is its help page.
        is_command = any("option" in ast.dump(mark) or "argument" in ast.dump(mark) for mark in node.decorator_list)
        if len(names) > CEILING_OF_PARAMETERS and not is_command:
            broken.append(f"{place(path, node.lineno)} {node.name} takes {len(names)}")
    assert broken == []


def test_every_module_name_says_what_is_in_it() -> None:
    found = [path for path in modules(*PACKAGES) if {path.stem, path.parent.name} & VAGUE_NAMES]
    assert [place(path) for path in found] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [place(path) for path in modules(*PACKAGES) if not ast.get_docstring(tree_of(path))] == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in modules(*PACKAGES)}
    assert [place(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


@pytest.mark.parametrize("package", ALLOWED)
def test_a_lower_floor_imports_only_what_its_row_allows(package: str) -> None:
    own = package.replace("/", ".")
    broken = []
    for path in modules(package):
        for name, line in imported(path):
            top = name.split(".")[0]
            is_own = name == own or name.startswith(f"{own}.")
            if not is_own and top not in sys.stdlib_module_names and top not in ALLOWED[package]:
                broken.append(f"{place(path, line)} imports {name}")
    assert broken == []


def test_imports_run_downwards() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    linter = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert linter.returncode == 0, linter.stdout + linter.stderr


def test_only_the_command_line_prints() -> None:
    broken = []
    for path in modules(*PACKAGES):
        if path.name == "__main__.py" or (ROOT / "api" / "cli") in path.parents or path == ROOT / "api" / "cli.py":
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                broken.append(place(path, node.lineno))
    assert broken == []


def test_no_error_is_swallowed_whole() -> None:
    broken = [
        place(path, node.lineno)
        for path in modules(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler) and is_silent(node)
    ]
    assert broken == []


def test_the_ledger_reads_no_clock() -> None:
    clock = re.compile(r"\b(datetime\.now|datetime\.utcnow|time\.time|time\.time_ns)\(")
    broken = []
    for path in modules("ledger"):
        if path.name == "__main__.py":
            continue
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if clock.search(text):
                broken.append(place(path, line))
    assert broken == []
