"""Mutants of the second verifier, which is JavaScript: the same changes as `mutants` makes, on the text itself.

The text is cut into words, so that nothing inside a comment, a string, a template or a regular expression is changed.
What is found relies on how these files are written: statements end with a semicolon.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.needs import ROOT

FOLDER = "api/static/verifier"
_PARTS, _AGREEMENT = "tests/verifier/test_parts.py", "tests/verifier/test_agreement.py"
_GOLDEN = f"{_AGREEMENT}::test_what_is_golden_holds"
_CALCULATED = ("canonical", "ed25519", "encoding", "keccak", "mldsa44", "p256", "sha256", "tree")
_JUDGED = (
    *("bundle", "checkpoint", "contradiction", "entry", "erasure", "export", "history", "jws", "keyring", "keys"),
    *("map", "note", "policy", "receipt", "verdict", "verify"),
)
TESTS: dict[str, tuple[str, ...]] = {f"{FOLDER}/{name}.js": (_GOLDEN, _PARTS) for name in _CALCULATED}
TESTS |= {f"{FOLDER}/{name}.js": (_GOLDEN,) for name in _JUDGED}
TESTS |= {f"{FOLDER}/history.js": ("tests/pages/test_proof_page.py",)}
"""The modules of which a verdict is made, and the tests that are about each."""
WIDER = (_AGREEMENT, "tests/verifier/test_command.py")
"""For what those do not notice."""
SPEED = frozenset({"MAX_KNOWN"})
"""Constants by which a verification is quick. No verdict hangs on them."""

SWAPS = {
    "===": "!==",
    "!==": "===",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "&&": "||",
    "||": "&&",
    "+": "-",
    "-": "+",
    "<<": ">>",
    ">>": "<<",
    ">>>": "<<",
    "true": "false",
    "false": "true",
}
_WORDS = re.compile(
    r"""(?P<gap>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\}|[^`\\])*`)
    |(?P<number>0x[\da-f_]+n?|\d[\d_]*(?:\.\d+)?n?)
    |(?P<name>[\#\w$]+)
    |(?P<sign>>>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+\+|--
      |\+=|-=|\*=|%=|&=|\|=|\^=|<<|>>|\*\*|[^\w\s])""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[\n])+/\w*")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_BEFORE_A_VALUE = frozenset({"return", "case", "typeof", "in", "of"})


class Word(NamedTuple):
    """kind: text (also a template or a pattern), number, name or sign; start: where it begins in the file."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class Site(NamedTuple):
    """What can be changed: in which line, what it is, and the whole text with it."""

    line: int
    what: str
    source: str


def sites_of(module: str) -> list[Site]:
    """Every change of a module, in the order of its text."""
    source = (ROOT / module).read_text()
    words = list(_cut(source))
    return [
        Site(source.count("\n", 0, start) + 1, what, source[:start] + new + source[end:])
        for start, end, new, what in _changes(source, words)
    ]


def _cut(source: str) -> Iterator[Word]:
    at, last = 0, Word("sign", ";", 0)
    while at < len(source):
        found = _PATTERN.match(source, at) if source[at] == "/" and _may_be_pattern(source, at, last) else None
        kind = "text" if found else ""
        if found is None:
            found = _WORDS.match(source, at)
            assert found and found.lastgroup, source[at : at + 40]
            kind = found.lastgroup
        if kind != "gap":
            last = Word(kind, found[0], at)
            yield last
        at = found.end()


def _may_be_pattern(source: str, at: int, last: Word) -> bool:
    return not source.startswith(("//", "/*"), at) and not _is_value(last)


def _is_value(word: Word) -> bool:
    """Whether a value ends with it, so that what follows is no sign before one, and no pattern."""
    if word.kind == "sign":
        return word.text in _CLOSING
    return word.text not in _BEFORE_A_VALUE


def _changes(source: str, words: list[Word]) -> Iterator[tuple[int, int, str, str]]:
    """From where to where, what to put there, and what that is called."""
    skipped = -1
    for n, word in enumerate(words):
        if word.text == "import" or (word.text == "const" and words[n + 1].text in SPEED):
            skipped = words[_end(words, n)].end
        if word.start < skipped:
            continue
        is_binary = n > 0 and _is_value(words[n - 1])
        if word.text in SWAPS and word.kind in ("sign", "name") and (is_binary or word.kind == "name"):
            yield word.start, word.end, SWAPS[word.text], f"{SWAPS[word.text]} in: {_around(source, word)}"
        elif word.text == "!":
            yield word.start, word.end, "", f"without !: {_around(source, word)}"
        elif word.kind == "number" and "." not in word.text:
            more = _one_more(word.text)
            yield word.start, word.end, more, f"{more} for {word.text}: {_around(source, word)}"
        elif word.text == "throw":
            end = words[_end(words, n)]
            yield word.start, end.start, "", f"without: {source[word.start : end.start]}"
        elif word.text == "return" and words[n + 1].text not in (";", "null"):
            end = words[_end(words, n)]
            yield words[n + 1].start, end.start, "null", f"nothing for: {source[word.start : end.start][:70]}"
        elif word.text == "if" and words[n + 1].text == "(":
            first, last = words[n + 2], words[_closing(words, n + 1)]
            yield first.start, last.start, "false", f"never: {source[first.start : last.start][:70]}"


def _around(source: str, word: Word) -> str:
    """The line in which it stands."""
    start, end = source.rfind("\n", 0, word.start) + 1, source.find("\n", word.end)
    return source[start:end].strip()[:90]


def _one_more(number: str) -> str:
    big = "n" if number.endswith("n") else ""
    return f"{int(number.removesuffix('n').replace('_', ''), 0) + 1}{big}"


def _closing(words: list[Word], opening: int) -> int:
    """The place of the bracket that closes the one there."""
    depth = 0
    for n in range(opening, len(words)):
        depth += words[n].text in _OPENING
        depth -= words[n].text in _CLOSING
        if depth == 0:
            return n
    raise AssertionError(words[opening])


def _end(words: list[Word], begin: int) -> int:
    """The place of the semicolon that ends a statement, or of the bracket that closes what it is in."""
    depth = 0
    for n in range(begin, len(words)):
        depth += words[n].text in _OPENING
        depth -= words[n].text in _CLOSING
        if depth < 0 or (depth == 0 and words[n].text == ";"):
            return n
    raise AssertionError(words[begin])
