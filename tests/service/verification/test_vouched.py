"""Each table is vouched for in one way, or it is said why it is not."""

from service.db import tables
from service.verification.vouched import BESIDE, DERIVED, HELD, LOG


def test_every_table_is_in_exactly_one_class() -> None:
    classed = [*(table.name for table in (*LOG, *DERIVED, *HELD)), *BESIDE]
    assert sorted(classed) == sorted(tables.metadata.tables)


def test_what_is_rebuilt_is_compared() -> None:
    assert {*tables.LOG_INDEXES, *tables.PRESENT} <= set(DERIVED)


def test_every_table_that_nothing_vouches_for_has_a_reason() -> None:
    assert [name for name, reason in BESIDE.items() if len(reason.split()) < 4] == []
