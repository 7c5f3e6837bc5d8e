"""The access log over HTTP: every way by which restricted data leave notes who got them, and who may see that."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.disclosure.chain import find_break
from service.recording.recorder import Recorded
from tests.api.checking import CheckedClient, problem
from tests.api.passports import client_of, publish_content
from tests.service.passports.market import (
    AUTHORITY,
    BRUSSELS,
    BUREAU,
    DEALER,
    LAB,
    MAKER,
    MOTORS,
    OTHER_PACK,
    PACK,
    REPAIR,
    Market,
    open_market,
)
from tests.service.town import vin

LOG = "/v1/access-log"
PASSPORT = f"/v1/batteries/{PACK}/passport"


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    folder: Path = tmp_path_factory.mktemp("log")
    with open_market(folder / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def client(market: Market) -> CheckedClient:
    made = client_of(market)
    publish_content(made, market)
    assert isinstance(market.place(PACK), Recorded)
    market.must(MOTORS, "install", PACK, vin=vin(7), odometer_km=12)
    market.must(MAKER, "report_soh", PACK, soce_ppm=983_421, remaining_capacity_mah=147_654, full_cycles=10)
    return made


def noted(client: CheckedClient, market: Market, operator: str = AUTHORITY) -> list[tuple[str, str, tuple[str, ...]]]:
    """Newest first. The clock goes on: readings of one millisecond have no order."""
    market.clock.move(seconds=1)
    lines = client.get(LOG, headers=market.bearer(operator)).json["readings"]
    return [(line["operator"], line["subject"], tuple(line["parts"])) for line in lines]


ELEMENT = f"/v1/dpps/{PACK}/elements/"
WAYS = [
    (REPAIR, PASSPORT, ("pt2", "pt4")),
    (BRUSSELS, PASSPORT, ("pt2", "pt3")),
    (REPAIR, f"{PASSPORT}?format=gefeg", ("pt2", "pt4")),
    (REPAIR, f"{PASSPORT}?format=jsonld", ("pt2", "pt4")),
    (REPAIR, f"/v1/dpps/{PACK}?representation=full", ("pt2", "pt4")),
    (REPAIR, f"{ELEMENT}$.detailedComposition", ("pt2",)),
    (REPAIR, f"{ELEMENT}$.mass", None),
    (REPAIR, f"{PASSPORT}?view=completeness", None),
    (DEALER, PASSPORT, None),
    (MAKER, PASSPORT, None),
    (MOTORS, f"/v1/batteries/{PACK}", ("state",)),
    (MOTORS, f"/v1/batteries/{PACK}/history", ("history",)),
    (DEALER, f"/v1/batteries/{PACK}/history", None),
    (MOTORS, f"/v1/batteries/{PACK}/evidence", ("evidence",)),
    (MOTORS, f"/v1/batteries/{PACK}/genealogy", ("genealogy",)),
    (MAKER, f"/v1/batteries/{PACK}/history", None),
    (MOTORS, f"/epcis/events?MATCH_anyEPC=https%3A%2F%2Fid.example.cn%2Fb%2F{PACK}", ("events",)),
    (DEALER, f"/epcis/events?MATCH_anyEPC=https%3A%2F%2Fid.example.cn%2Fb%2F{PACK}", None),
    (REPAIR, f"/v1/batteries/{PACK}/label", None),
    (REPAIR, f"/b/{PACK}", None),
]


@pytest.mark.parametrize(("reader", "path", "parts"), WAYS)
def test_what_is_beyond_the_public_leaves_a_reading_and_the_rest_leaves_none(
    client: CheckedClient, market: Market, reader: str, path: str, parts: tuple[str, ...] | None
) -> None:
    before = noted(client, market)
    assert client.get(path, headers=market.bearer(reader)).status_code == 200
    after = noted(client, market)
    assert after[: len(after) - len(before)] == ([(reader, PACK, parts)] if parts else [])


def test_a_model_s_content_and_an_entry_of_others_leave_a_reading(client: CheckedClient, market: Market) -> None:
    client.get("/v1/models/CQ-150/passport", headers=market.bearer(BRUSSELS))
    assert noted(client, market)[0] == (BRUSSELS, "model:CQ-150", ("pt2", "pt3"))
    steps = client.get(f"/v1/batteries/{PACK}/history", headers=market.bearer(MAKER)).json["steps"]
    [index] = [step["index"] for step in steps if step["type"] == "report_soh"]
    before = noted(client, market)
    assert "private" in client.get(f"/v1/entries/{index}", headers=market.bearer(MAKER)).json
    assert "entry" not in client.get(f"/v1/entries/{index}", headers=market.bearer(DEALER)).json
    assert noted(client, market) == before
    assert "private" in client.get(f"/v1/entries/{index}", headers=market.bearer(MOTORS)).json
    assert noted(client, market)[0] == (MOTORS, PACK, ("entry",))


def test_who_is_led_to_a_battery_by_a_vin_leaves_a_reading(client: CheckedClient, market: Market) -> None:
    def find(operator: str) -> list[str]:
        found = client.post("/v1/batteries:find", json={"name": vin(7)}, headers=market.bearer(operator))
        codes: list[str] = found.json["codes"]
        return codes

    before = noted(client, market)
    assert find(DEALER) == []
    assert noted(client, market) == before
    assert find(MOTORS) == [PACK]
    assert noted(client, market)[0] == (MOTORS, PACK, ("vehicle",))


def test_a_regulator_s_report_on_an_operator_leaves_a_reading(client: CheckedClient, market: Market) -> None:
    asked = f"/v1/reports?duty=cn73-install&from=2027-05-01&to=2027-06-30&operator={MOTORS}"
    assert client.get(asked, headers=market.bearer(MOTORS)).status_code == 200
    before = noted(client, market)
    assert client.get(asked, headers=market.bearer(BUREAU)).status_code == 200
    assert noted(client, market) == [(BUREAU, "report:cn73-install", ("report",)), *before]
    assert noted(client, market, MOTORS) == []  # it is told after the days of supervision


def test_the_reader_may_say_what_for(client: CheckedClient, market: Market) -> None:
    headers = market.bearer(LAB) | {"Reading-Purpose": "%E6%8E%92%E6%9F%A5%E6%95%85%E9%9A%9C%0A<b>"}
    client.get(PASSPORT, headers=headers)
    [line, *_] = client.get(LOG, headers=market.bearer(MAKER)).json["readings"]
    assert (line["operator"], line["purpose"]) == (LAB, "排查故障<b>")
    assert line["key_id"] in market.keys[LAB] and line["person"] == ""
    client.get(PASSPORT, headers=market.bearer(LAB) | {"Reading-Purpose": "%ff%zz" + "x" * 5000})
    [line, *_] = client.get(LOG, headers=market.bearer(MAKER)).json["readings"]
    assert len(line["purpose"]) == 200


def test_an_owner_sees_readings_of_its_data_in_an_unbroken_chain_and_nobody_else_does(
    client: CheckedClient, market: Market
) -> None:
    page = client.get(LOG, headers=market.bearer(MAKER)).json
    assert page["owner"] == MAKER
    assert len(page["readings"]) > 10
    assert find_break(page["readings"][::-1]) is None
    assert page["chain"] == page["readings"][0]["chain"]
    assert BUREAU not in {line["operator"] for line in page["readings"]}
    assert noted(client, market, REPAIR) == []
    problem(client.get(LOG), 401)
    problem(client.get(f"{LOG}?before=x", headers=market.bearer(MAKER)), 422)
    one = client.get(f"{LOG}?subject={OTHER_PACK}", headers=market.bearer(MAKER)).json
    assert one["readings"] == []


def test_a_new_owner_reads_part_4_and_the_one_before_does_no_more(client: CheckedClient, market: Market) -> None:
    """The buyer is known to the register by a value that is restricted itself; who is named may read as the owner."""
    shown = client.get(PASSPORT, headers=market.bearer(DEALER)).json
    assert shown["tiers"] == ["pt1"]
    market.must(MOTORS, "transfer_ownership", PACK, new_owner=DEALER)
    shown = client.get(PASSPORT, headers=market.bearer(DEALER)).json
    assert shown["tiers"] == ["pt1", "pt2", "pt4"]
    assert client.get(f"/v1/batteries/{PACK}/history", headers=market.bearer(DEALER)).json["whole"] is False
    market.must(MOTORS, "transfer_ownership", PACK, new_owner="someone-else")
    assert client.get(PASSPORT, headers=market.bearer(DEALER)).json["tiers"] == ["pt1"]
