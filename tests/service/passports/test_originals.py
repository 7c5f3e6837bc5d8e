"""The originals of a second life: packs for what came out of packs, else the inputs themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.db.lineage import save_edges
from service.domain.lineage import Edge, Link
from service.passports.originals import find_originals
from tests.service.passports.market import Market, open_market

AT = "2027-05-01T02:00:00.000Z"
LIVES = (
    Edge("cell", "module", Link.BUILT_INTO),
    Edge("module", "old pack", Link.BUILT_INTO),
    Edge("module", "old pack", Link.TAKEN_OUT),
    Edge("module", "pack", Link.BUILT_INTO),
    Edge("module", "pack", Link.DISMANTLED_FROM),
    Edge("cell", "module", Link.DISMANTLED_FROM),
    Edge("sister", "pack", Link.DISMANTLED_FROM),
    Edge("spare", "pack", Link.BUILT_INTO),
)


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with open_market(tmp_path / "data") as opened:
        with opened.register.write_beside() as connection:
            save_edges(connection, [(edge, 100 + n, AT) for n, edge in enumerate(LIVES)])
        yield opened


@pytest.mark.parametrize(
    ("inputs", "originals"),
    [
        (["module"], ("pack",)),  # the one it was in last
        (["cell"], ("pack",)),  # through its module
        (["module", "sister", "whole pack"], ("pack", "whole pack")),
        (["spare"], ("spare",)),  # it never came out of anything
        ([], ()),
    ],
)
def test_the_original_of_a_part_is_the_pack_that_it_came_out_of_last(
    market: Market, inputs: list[str], originals: tuple[str, ...]
) -> None:
    with market.register.read() as reader:
        assert find_originals(reader.connection, inputs) == originals
