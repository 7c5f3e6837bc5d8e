"""What the authority sees first: counts that end at MOST, witnesses that agree, the newest checkpoint."""

from datetime import timedelta

import pytest

from ledger.notes.cosignature import Ed25519Cosigner
from service import condition
from service.condition import read_condition
from service.db.duties import save_cases
from service.db.engine import writing
from service.db.scan_tables import copy_alert
from service.domain.copies import CopySign
from service.domain.duties.cases import DutyCase
from service.domain.rules_use import date_in_china
from service.witnessing.roll import note_failure, note_success
from tests.service.town import Town
from tests.service.witnessing.chore import AT, enrol


def alert(number: int) -> dict[str, object]:
    return {
        "code": "001PE12ABCDEFGG2T0000001", "sign": CopySign.TOO_FAST.value, "maker": "cq-cells", "holder": "cq-cells",
        "raised_at": AT, "second_at": AT, "second_cell": "", "times": number,
    }  # fmt: skip


def test_open_cases_are_counted_no_further_than_the_most(either_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(condition, "MOST", 2)
    assert read_condition(either_town.register).copies == 0
    for count in (1, 2, None):
        with either_town.register.write_beside() as connection:
            connection.execute(copy_alert.insert().values(alert(1)))
        assert read_condition(either_town.register).copies == count


def test_a_duty_counts_as_late_the_day_after_its_last(either_town: Town) -> None:
    last = date_in_china(either_town.clock())
    case = DutyCase(3, "", "cn73-install", "cq-motors", last, last)
    with either_town.register.write_beside() as connection:
        save_cases(writing(connection), [case])
    assert read_condition(either_town.register).late == 0
    either_town.clock.move(days=1)
    assert read_condition(either_town.register).late == 1


def test_a_witness_agrees_while_its_last_cosignature_came_without_an_error(town: Town) -> None:
    for name in ("one", "two"):
        enrol(
            town.register, name, Ed25519Cosigner(name, name.encode()[:2] * 16, timestamp=0).vkey, "https://w.example.cn"
        )
    assert read_condition(town.register).agreeing == 0
    with town.register.write_beside() as connection:
        note_success(connection, ["one", "two"], size=town.size(), at=AT)
    assert read_condition(town.register).agreeing == 2
    with town.register.write_beside() as connection:
        note_failure(connection, ["two"], "away", at=AT)
    told = read_condition(town.register)
    assert (told.agreeing, len(told.witnesses)) == (1, 2)
    assert told.newest.checkpoint.size == town.size()
    assert told.newest.at <= town.clock() - timedelta(hours=1)
