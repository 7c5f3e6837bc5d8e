"""The contents of passports beside the log: what was changed or taken away is named by its entry."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.verification.audit import Audit
from service.db.passport_tables import passport_content
from service.keys.masterkey import make_master_key
from service.keys.rewrapping import rewrap
from service.passports.keeping import CONTENT
from service.passports.publishing import author_of_model, hand_in, publish
from service.verification.passports import verify_passports
from tests.service.passports.contents import content
from tests.service.passports.market import MAKER, Market, open_market


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with open_market(tmp_path / "data") as opened:
        author = author_of_model(opened.register, "CQ-150", MAKER)
        publish(opened.recorder, hand_in(opened.register, author, content()), operator=MAKER)
        yield opened


def findings(market: Market) -> tuple[dict[str, int], list[str]]:
    audit = Audit()
    with market.register.read() as reader:
        counts = verify_passports(audit, reader, market.register.vault)
    return counts, [failure.what for failure in audit.failures]


def test_what_was_published_is_there(market: Market) -> None:
    assert findings(market) == ({"passport_parts": 4}, [])


def test_a_part_that_was_taken_away_is_named(market: Market) -> None:
    with market.register.write_beside() as connection:
        connection.execute(passport_content.delete().where(passport_content.c.tier == "pt2"))
    counts, found = findings(market)
    assert counts == {"passport_parts": 3}
    assert found == ["part pt2 of version 1 of the passport of model:CQ-150 is not there as it was hashed"]


def test_a_part_that_was_written_anew_is_named(market: Market) -> None:
    vault = market.register.vault
    with market.register.write_beside() as connection:
        row = connection.execute(select(passport_content).where(passport_content.c.tier == "pt1")).one()
        opened = vault.open_sealed(CONTENT, row.name, bytes(row.sealed))
        sealed = vault.seal(CONTENT, row.name, opened.replace(b"700000", b"800000"))
        change = passport_content.update().where(passport_content.c.name == row.name)
        connection.execute(change.values(sealed=sealed))
    assert len(findings(market)[1]) == 1


def test_a_new_master_key_opens_every_content(market: Market, tmp_path: Path) -> None:
    rewrap(market.register, make_master_key_in(tmp_path))
    assert findings(market) == ({"passport_parts": 4}, [])


def make_master_key_in(folder: Path) -> Path:
    file = folder / "new-master"
    make_master_key(file)
    return file
