"""The register's entries by a filter, and consistency between two sizes: what is typed, shown, and taken along."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ledger.entry import parse_hash
from ledger.proof import verify_consistency
from ledger.signing.keys import read_head
from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person
from tests.api.town import BUREAU, LAB, MAKER
from tests.service.domain.story import PACK

ENTRIES, CONSISTENCY = "/desk/entries?lang=en", "/desk/ledger/consistency?lang=en"


@pytest.fixture
def inspector(app: Flask, register: Register) -> FlaskClient:
    return browser_of(app, new_person(register, PersonRole.READER, BUREAU))


def size_of(register: Register) -> int:
    with register.read() as reader:
        return reader.size()


def test_entries_are_found_by_kind_organisation_battery_day_and_index(
    inspector: FlaskClient, register: Register
) -> None:
    whole = inspector.get(ENTRIES).text
    assert f"Indexes 0 to {size_of(register) - 1} were looked at" in whole
    with register.read() as reader:
        born = reader.history(PACK)[0]
    link = f'href="/desk/entries/{born}?lang=en"'
    today = register.clock().date().isoformat()
    for query, found in (
        (f"battery={PACK}&kind=register", True),
        (f"battery={PACK.lower()}&actor={MAKER}", True),
        (f"battery={PACK}&kind=dismantle", False),
        (f"first={born}&last={born}", True),
        (f"first={born + 1}", False),
        ("since=2000-01-01&until=9998-01-01&kind=register", True),
        ("until=2000-01-01", False),
        (f"since={today}&until={today}&actor={LAB}", False),
    ):
        page = inspector.get(f"{ENTRIES}&{query}")
        assert (link in page.text) == found, query
        assert page.status_code == 200
    chinese = inspector.get(f"/desk/entries?lang=zh&battery={PACK}&kind=dismantle").text
    assert "没有符合的条目" in chinese


@pytest.mark.parametrize(
    ("query", "english", "chinese"),
    [
        ("kind=no_such", "no event of this kind", "没有这种事件"),
        ("actor=nobody", "no organisation here has this id", "登记簿中没有此标识的单位"),
        ("battery=001PX12ABC", "battery", "电池"),
        ("battery=04QPE0L1A00001G3A9999999", "not in the register", "登记簿中没有该电池"),
        ("since=yesterday", "write the day as", "日期请写作"),
        ("until=9999-12-31", "write the day as", "日期请写作"),
        ("since=2026-05-02&until=2026-05-01", "the last day is before the first", "截止日期早于起始日期"),
        ("first=-1", "write an index", "序号应为"),
        (f"last={'9' * 200}", "write an index", "序号应为"),
        ("before=x", "write an index", "序号应为"),
        ("first=7&last=3", "the last index is before the first", "截止序号小于起始序号"),
    ],
)
def test_what_is_typed_wrongly_is_said_in_both_languages(
    inspector: FlaskClient, query: str, english: str, chinese: str
) -> None:
    for lang, words in (("en", english), ("zh", chinese)):
        answer = inspector.get(f"/desk/entries?lang={lang}&{query}")
        assert answer.status_code == 422 and words in answer.text.partition('role="alert"')[2]


def test_two_sizes_in_either_order_are_proven_and_the_proof_is_a_file(
    inspector: FlaskClient, register: Register
) -> None:
    size = size_of(register)
    page = inspector.get(f"{CONSISTENCY}&old={size - 1}&new=3").text
    assert 'class="verdict ok"' in page and f"the first 3 of {size - 1} entries" in page
    answer = inspector.get(f"/desk/ledger/consistency.json?old={size - 1}&new=3")
    assert f'filename="consistency-3-{size - 1}.json"' in answer.headers["Content-Disposition"]
    file: dict[str, Any] = json.loads(answer.data)
    old, new, newest = file["old"], file["new"], file["newest"]
    for one, other, proof in ((old, new, file["proof"]), (new, newest, file["proof_to_newest"])):
        roots = parse_hash(one["root"]), parse_hash(other["root"])
        verify_consistency(one["size"], other["size"], *roots, [parse_hash(each) for each in proof])
        assert all(each in page for each in proof)
    head = read_head(newest["checkpoint"].encode())
    assert (head.size, head.root, head.origin) == (size, parse_hash(newest["root"]), file["origin"])


def test_sizes_that_the_log_does_not_have_are_refused(inspector: FlaskClient, register: Register) -> None:
    size = size_of(register)
    for old, new in (("1", str(size + 1)), ("x", "1"), ("", "1"), ("1", "9" * 300), ("-1", "1")):
        for path in (CONSISTENCY, "/desk/ledger/consistency.json?lang=en"):
            assert inspector.get(f"{path}&old={old}&new={new}").status_code == 422
    assert f"日志的条目总数为0至{size}" in inspector.get(f"/desk/ledger/consistency?lang=zh&old=0&new={size + 1}").text


def test_both_are_for_regulators_and_the_authority(app: Flask, register: Register) -> None:
    browser = browser_of(app, new_person(register, PersonRole.READER, LAB))
    for path in ("/desk/entries", "/desk/ledger/consistency", "/desk/ledger/consistency.json?old=0&new=1"):
        assert browser.get(path).status_code == 403
