"""Every regular expression of the product, and texts that are made to slow it down.

Patterns are found where they are: held by a module, written where they are used, or in a field of an event body.
Attacks are made from the pattern's own tree: whatever a part of it takes, 100,000 characters of it, behind a
beginning that the pattern takes, before an end that it does not.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import BuiltinMethodType
from typing import Any

from marshmallow import validate

import service.domain.bodies
from service.domain.fields import Body, Several, Text, annotations_of
from tests.test_architecture import PACKAGES, modules, place, tree_of

LENGTH = 100_000
END = "\x01"
_METHODS = frozenset({"match", "fullmatch", "search", "sub", "split", "findall", "finditer"})
_SPARE = "a7A/-. \"'[(%&=~;:|中"
_OF_CATEGORY = {kinds.CATEGORY_DIGIT: "7", kinds.CATEGORY_WORD: "a", kinds.CATEGORY_SPACE: " "}


@dataclass(frozen=True, slots=True)
class Used:
    """A pattern, where it stands, and the methods by which it is asked."""

    place: str
    pattern: re.Pattern[Any]
    methods: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.place} {self.pattern.pattern!r}"


def patterns() -> list[Used]:
    """All of them, each once."""
    found = [*_of_bodies()]
    for path in modules(*PACKAGES[:4]):
        if path.stem != "__main__":
            found += _of_module(place(path).removesuffix(".py:1"), tree_of(path))
    return list({(each.place, each.pattern.pattern): each for each in found}.values())


def compilations() -> int:
    """How many places of the source make a pattern, so that none is overlooked."""
    calls = (node for path in modules(*PACKAGES[:4]) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))
    return sum(ast.unparse(call.func) in ("re.compile", "validate.Regexp") for call in calls)


def attacks(pattern: re.Pattern[Any]) -> Iterator[Any]:
    """Texts against this pattern, of its own type."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else 0)
    starts = {"", *(_sample(tree[:at]) for at in range(1, len(tree)))}
    for unit in {each for each in _units(tree) if each} | {"x", " ", "0"}:
        for start in starts:
            text = start + unit * (LENGTH // len(unit)) + END
            yield text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text


def _of_module(name: str, tree: ast.Module) -> Iterator[Used]:
    held = vars(importlib.import_module(name.replace("/", ".").removesuffix(".__init__")))
    asked: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _METHODS:
            asked.setdefault(node.value.id, set()).add(node.attr)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and len(node.args) > 1:
            method, written = ast.unparse(node.func)[3:], node.args[0]
            if method in _METHODS and isinstance(written, ast.Constant):
                yield Used(name, re.compile(written.value), (method,))
    for variable, value in held.items():
        pattern = value.__self__ if isinstance(value, BuiltinMethodType) else value
        if isinstance(pattern, validate.Regexp):
            yield Used(name, pattern.regex, ("match",))
        elif isinstance(pattern, re.Pattern):
            methods = asked.get(variable) or ({value.__name__} if pattern is not value else {"fullmatch"})
            yield Used(name, pattern, tuple(sorted(methods)))


def _of_bodies() -> Iterator[Used]:
    for info in pkgutil.iter_modules(service.domain.bodies.__path__, "service.domain.bodies."):
        for value in vars(importlib.import_module(info.name)).values():
            if isinstance(value, type) and issubclass(value, Body) and value is not Body:
                for row in annotations_of(value):
                    marker = row.marker.of if isinstance(row.marker, Several) else row.marker
                    if isinstance(marker, Text) and marker.pattern:
                        yield Used(info.name, re.compile(marker.pattern), ("fullmatch",))


def _units(tree: Any) -> Iterator[str]:
    """What each part takes, and all parts together."""
    yield _sample(tree)
    for kind, value in tree:
        yield _sample([(kind, value)])
        if kind in (kinds.IN, kinds.ANY, kinds.NOT_LITERAL):
            yield from (each for each in _SPARE if _takes(kind, value, each))
        for below in _below(kind, value):
            yield from _units(below)


def _below(kind: Any, value: Any) -> Iterable[Any]:
    if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT):
        return [value[2]]
    if kind is kinds.SUBPATTERN:
        return [value[3]]
    if kind is kinds.BRANCH:
        return list(value[1])
    return []


def _sample(tree: Any) -> str:
    """A short text that these parts take. Look-arounds are taken to hold."""
    written = ""
    for kind, value in tree:
        if kind is kinds.LITERAL:
            written += chr(value)
        elif kind in (kinds.IN, kinds.ANY, kinds.NOT_LITERAL):
            written += next((each for each in _SPARE if _takes(kind, value, each)), "") or _first(value)
        elif below := list(_below(kind, value)):
            times = max(1, value[0]) if kind not in (kinds.SUBPATTERN, kinds.BRANCH) else 1
            written += _sample(below[0]) * min(times, 100)
    return written


def _first(value: Any) -> str:
    """A character of a class that takes none of the usual ones."""
    return next((chr(each[1] if each[0] is kinds.LITERAL else each[1][0]) for each in value if each[1]), "")


def _takes(kind: Any, value: Any, text: str) -> bool:
    if kind is kinds.ANY:
        return True
    if kind is kinds.NOT_LITERAL:
        return bool(ord(text) != value)
    negated = value[0][0] is kinds.NEGATE
    held = False
    for part, what in value[negated:]:
        if part is kinds.LITERAL:
            held |= ord(text) == what
        elif part is kinds.RANGE:
            held |= what[0] <= ord(text) <= what[1]
        elif part is kinds.CATEGORY:
            held |= text == _OF_CATEGORY.get(what, "a")
    return held is not negated
