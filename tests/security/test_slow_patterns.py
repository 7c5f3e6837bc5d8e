"""S-32: no regular expression of ours can be made slow: each reads 100,000 hostile characters in under 50 ms."""

import re
import time
from collections import deque

import pytest

from tests.security.patterns import LENGTH, Used, attacks, compilations, patterns

LIMIT_S = 0.05


@pytest.fixture(scope="module")
def found() -> list[Used]:
    """All patterns of the source. That takes seconds, so it is not done while tests are collected."""
    return patterns()


def seconds(used: Used, method: str, text: object) -> float:
    """Of the processor, once more where it is near the limit: a busy machine is no slow pattern."""
    ask = getattr(used.pattern, method)
    for _ in range(3):
        began = time.thread_time()
        if method == "sub":
            ask(type(text)(), text)
        else:
            answer = ask(text)
            deque(answer if method == "finditer" else (), maxlen=0)
        took = time.thread_time() - began
        if took < LIMIT_S or took > 5 * LIMIT_S:
            return took
    return LIMIT_S


def test_a_pattern_reads_a_hostile_text_in_time(found: list[Used]) -> None:
    slow = {
        f"{used.name}.{method}({text[:40]!r})"
        for used in found
        for method in used.methods
        for text in attacks(used.pattern)
        if seconds(used, method, text) >= LIMIT_S
    }
    assert slow == set()


def test_every_pattern_of_the_source_is_among_them(found: list[Used]) -> None:
    """Fewer patterns than places where one is made would mean that some are not looked at."""
    assert len(found) >= compilations() - 1, "but for service.domain.checking, which is given its patterns by rows"
    assert max(len(text) for text in attacks(found[0].pattern)) >= LENGTH


def test_a_pattern_that_goes_back_and_forth_would_be_found() -> None:
    slow = Used("here", re.compile(r"\[[^\]]*\]"), ("search",))
    assert max(seconds(slow, "search", text[: LENGTH // 5]) for text in attacks(slow.pattern)) >= LIMIT_S
