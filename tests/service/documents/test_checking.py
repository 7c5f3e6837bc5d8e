"""A file is found by its content alone, and only among what is public."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.access import Caller
from service.documents.checking import find_same
from service.documents.keeping import add_document, remove_document
from service.domain.papers import Paper
from tests.service.documents.files import PDF
from tests.service.passports.market import MAKER, PACK, Market, open_market

CALLER = Caller(MAKER, frozenset({"record", "read"}), "key")


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with open_market(tmp_path / "data") as opened:
        yield opened


def test_a_public_document_is_found_until_it_is_removed(market: Market) -> None:
    register = market.register
    kind = Paper.DECLARATION_OF_CONFORMITY
    kept = add_document(register, CALLER, PACK, kind, name="d.pdf", data=PDF).document
    assert [each.id for each in find_same(register, PDF)] == [kept.id]
    assert find_same(register, PDF + b" ") == []
    remove_document(register, kept.id)
    assert find_same(register, PDF) == []


def test_what_is_not_public_is_not_found(market: Market) -> None:
    add_document(market.register, CALLER, PACK, Paper.DISMANTLING_MANUAL, name="d.pdf", data=PDF)
    assert find_same(market.register, PDF) == []
