"""Figures over HTTP: who may see them, as JSON and as CSV, with checkpoint and end mark, and what is behind them."""

import csv
import io
import json
from hashlib import sha256

from service.exports.stamp import END
from service.figures.figures import FIGURES
from service.figures.following import Follower
from service.work import Register
from tests.api import town as people
from tests.api.checking import CheckedClient, problem
from tests.api.town import Town, told
from tests.service.domain.story import PACK, PACK_MODEL

PATH = "/v1/figures"


def test_the_authority_reads_a_figure_its_file_and_its_rows(
    client: CheckedClient, register: Register, town: Town
) -> None:
    maker, bureau = town.bearer(people.MAKER), town.bearer(people.BUREAU)
    for event in (told("publish_model") | {"body": PACK_MODEL}, told("register", PACK)):
        assert client.post("/v1/events", json=event, headers=maker).status_code in (201, 409)
    stale = client.get(f"{PATH}/flows", headers=bureau).get_json()
    assert stale["lag"] > 0
    assert not stale["complete"]
    Follower(register).catch_up()

    listed = client.get(PATH, headers=bureau).get_json()
    assert [each["figure"] for each in listed["figures"]] == list(FIGURES)
    assert listed["lag"] == 0
    assert {"name": "orphan_months", "of": "RETIRED", "value": 2, "source": "source needed", "since": None,
            "until": None} in listed["parameters"]  # fmt: skip

    answer = client.get(f"{PATH}/flows", query_string={"by": "operator"}, headers=bureau)
    table = json.loads(answer.data)
    stock = [row for row in table["rows"] if (row["flow"], row["level"]) == ("stock", "P")]
    assert [(row["group"], row["after"], row["count"]) for row in stock] == [(people.MAKER, "REGISTERED", 1)]
    assert (table["by"], table["filter"], table["complete"]) == ("operator", {"by": "operator"}, True)
    end = table[END]
    assert (end["count"], end["size"]) == (len(table["rows"]), table["size"])
    told_before = answer.data[: answer.data.rindex(b'"' + END.encode())]
    assert end["sha256"] == sha256(told_before).hexdigest()

    for slug in FIGURES:
        as_csv = client.get(f"{PATH}/{slug}", headers=bureau | {"Accept": "text/csv"})
        head, *rows = csv.reader(io.StringIO(as_csv.data.decode("utf-8-sig")))
        assert head == [column.key for column in FIGURES[slug].columns]
        assert rows[-1][0] == END

    page = client.get(
        f"{PATH}/flows/rows", query_string={"list": "state", "state": "REGISTERED"}, headers=bureau
    ).get_json()
    assert ([row["code"] for row in page["rows"]], page["next"]) == ([PACK], None)


def test_who_is_not_the_authority_and_who_asks_for_what_there_is_not_are_told(
    client: CheckedClient, town: Town
) -> None:
    maker, bureau = town.bearer(people.MAKER), town.bearer(people.BUREAU)
    for path in (PATH, f"{PATH}/flows", f"{PATH}/flows/rows"):
        problem(client.get(path, headers=maker), 403)
        problem(client.get(path), 401)
    problem(client.get(f"{PATH}/no-such", headers=bureau), 404)
    problem(client.get(f"{PATH}/chain-integrity/rows", headers=bureau), 404)
    for query in ({"from": "2026-13"}, {"by": "model"}, {"model": "CQ-150"}, {"unknown": "1"}):
        problem(client.get(f"{PATH}/overdue", query_string=query, headers=bureau), 422)
    problem(client.get(f"{PATH}/orphans/rows", query_string={"after": "x"}, headers=bureau), 422)
