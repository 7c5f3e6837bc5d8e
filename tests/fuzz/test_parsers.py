"""No bytes bring a parser to anything but a value or its own refusal."""

import time

import pytest
from hypothesis import given

from tests.fuzz.mangling import bounded, mangled
from tests.fuzz.parsers import Parser, parsers

PARSERS = parsers()
SLOWEST_S = 1.0


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_anything_is_read_or_refused_in_its_way_and_in_time(parser: Parser) -> None:
    @bounded(30)
    @given(mangled(parser.seeds))
    def check(data: bytes) -> None:
        began = time.thread_time()
        try:
            first = repr(parser.read(data))
        except parser.refusal:
            first = None
        assert time.thread_time() - began < SLOWEST_S
        if first is not None and " at 0x" not in first:
            assert repr(parser.read(data)) == first, "the same bytes mean the same"

    check()


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_what_the_others_are_made_from_is_read(parser: Parser) -> None:
    """Or the attacks would all be turned away at the door."""
    read = []
    for seed in parser.seeds:
        try:
            parser.read(seed)
            read.append(seed)
        except parser.refusal as error:
            last = error
    assert read, last
