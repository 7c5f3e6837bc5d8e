"""Imports through the interface: taken in, followed, fetched, cancelled, each by their operator alone."""

import io
from dataclasses import replace
from typing import Any

import orjson
import pytest
from flask import Flask

from api.edge import edge_of
from ledger.entry import format_hash, parse_entry
from ledger.receipt import parse_receipt, verify_receipt
from ledger.tree import hash_leaf
from service.imports.running import run_job
from tests.api import town as people
from tests.api.checking import CheckedClient, problem
from tests.api.town import Town, pack
from tests.service.exports.ends import find_end

HEADER = "电池编码,型号,质量（千克）,额定容量（毫安时）,额定能量（瓦时）,生产日期,生产厂"
URL = "/v1/imports?kind=packs&mode=good&name=packs.csv"


def packs(*numbers: int, mass: str = "300") -> bytes:
    rows = [f"{pack(number)},CQ-150,{mass},150000,52000,2026-02-26,厂" for number in numbers]
    return "\n".join([HEADER, *rows]).encode()


def send(client: CheckedClient, town: Town, data: bytes, url: str = URL, **more: Any) -> Any:
    headers = town.bearer(people.MAKER) | more.pop("headers", {})
    return client.post(url, data=data, content_type=more.pop("content", "text/csv"), headers=headers, **more)


def work(app: Flask, id_: str) -> None:
    run_job(edge_of(app).recorder, id_)


def test_a_file_is_taken_in_done_and_told_row_by_row(app: Flask, client: CheckedClient, town: Town) -> None:
    answer = send(client, town, packs(11, 12) + b"\n" + packs(13, mass="1E5").split(b"\n")[1])
    assert answer.status_code == 202, answer.text
    members = answer.get_json()
    assert answer.headers["Location"] == f"/v1/imports/{members['id']}"
    assert (members["state"], members["counts"]["total"], answer.headers["Retry-After"]) == ("waiting", None, "2")
    work(app, members["id"])
    done = client.get(answer.headers["Location"], headers=town.bearer(people.MAKER)).get_json()
    assert done["state"] == "finished" and done["state_zh"] == "已完成"
    counts = done["counts"]
    assert (counts["accepted"], counts["refused"], counts["done"], counts["total"]) == (2, 1, 3, 3)
    assert done["file"]["form"] == "csv" and done["file"]["encoding"] == "utf-8"
    [refused] = done["errors"]
    assert (refused["row"], refused["errors"][0]["column"]) == (4, "质量（千克）")
    table = client.get(f"{done['rows']}?rows=refused", headers=town.bearer(people.MAKER))
    assert table.text.count("\r\n") == 3 and "attachment" in table.headers["Content-Disposition"]
    data = client.get(f"{done['rows']}?format=ndjson", headers=town.bearer(people.MAKER)).data
    *lines, _ = data.splitlines()
    for whole, asked, count in ((table.data, "refused", 1), (data, "all", 3)):
        end = find_end(whole)
        assert end is not None
        assert (end["count"], end["filter"]) == (count, {"import": members["id"], "rows": asked})
    assert [orjson.loads(line)["status"] for line in lines] == ["recorded", "recorded", "refused"]
    listed = client.get("/v1/imports", headers=town.bearer(people.MAKER)).get_json()
    assert [each["id"] for each in listed["imports"]] == [members["id"]]


def test_each_row_that_is_an_entry_has_a_receipt(app: Flask, client: CheckedClient, town: Town) -> None:
    maker = town.bearer(people.MAKER)
    id_ = send(client, town, packs(11, 12, 13)).get_json()["id"]
    path = f"/v1/imports/{id_}/receipts"
    assert not client.get(path, headers=maker).data.splitlines()[:-1]
    work(app, id_)
    answer = client.get(path, headers=maker)
    *lines, _ = answer.data.splitlines()
    end = find_end(answer.data)
    assert end is not None and (end["count"], end["filter"]) == (3, {"import": id_})
    register = edge_of(app).register
    for number, line in enumerate(lines):
        told = orjson.loads(line)
        receipt = parse_receipt(told["proof"].encode())
        with register.read() as reader:
            entry = reader.entry(receipt.index)
        assert parse_entry(entry).event.subjects == (pack(11 + number),)
        named = {"row": number + 2, "index": receipt.index, "leaf_hash": format_hash(hash_leaf(entry))}
        assert told == named | {"proof": told["proof"]}
        verify_receipt(receipt, entry, register.verifiers, origin=register.origin, require_all=True)
    problem(client.get(path, headers=town.bearer(people.LAB)), 404)


def test_the_same_file_again_gives_the_import_of_that_time(app: Flask, client: CheckedClient, town: Town) -> None:
    first = send(client, town, packs(11)).get_json()
    again = send(client, town, packs(11))
    assert (again.status_code, again.get_json()["id"], again.get_json()["again"]) == (200, first["id"], True)
    assert send(client, town, packs(11), URL + "&again=true").status_code == 202
    assert send(client, town, packs(11), URL + "&dry_run=true").status_code == 202


def test_an_import_is_its_operators_alone(client: CheckedClient, town: Town) -> None:
    id_ = send(client, town, packs(11)).get_json()["id"]
    for headers in (town.bearer(people.LAB), town.bearer(people.AUTHORITY)):
        for path in (f"/v1/imports/{id_}", f"/v1/imports/{id_}/rows"):
            problem(client.get(path, headers=headers), 404)
        problem(client.post(f"/v1/imports/{id_}:cancel", headers=headers), 404)
    problem(client.post(URL, data=packs(11), content_type="text/csv", headers=town.bearer("read-only")), 403)
    problem(client.post(URL, data=packs(11), content_type="text/csv"), 401)


def test_a_cancelled_import_records_nothing_more(app: Flask, client: CheckedClient, town: Town) -> None:
    id_ = send(client, town, packs(11, 12)).get_json()["id"]
    assert client.post(f"/v1/imports/{id_}:cancel", headers=town.bearer(people.MAKER)).status_code == 202
    work(app, id_)
    done = client.get(f"/v1/imports/{id_}", headers=town.bearer(people.MAKER)).get_json()
    assert (done["state"], done["counts"]["accepted"], done["counts"]["not_tried"]) == ("cancelled", 0, 2)
    assert (
        client.post(f"/v1/imports/{id_}:cancel", headers=town.bearer(people.MAKER)).get_json()["state"] == "cancelled"
    )


def test_a_refused_file_says_why_in_both_languages(app: Flask, client: CheckedClient, town: Town) -> None:
    id_ = send(client, town, b"colour,size\n1,2\n").get_json()["id"]
    work(app, id_)
    done = client.get(f"/v1/imports/{id_}", headers=town.bearer(people.MAKER)).get_json()
    assert done["state"] == "failed" and "'colour', 'size'" in done["error"]["message"]
    assert "无法识别的列" in done["error"]["message_zh"]
    assert client.get(f"/v1/imports/{id_}/rows", headers=town.bearer(people.MAKER)).text.count("\r\n") <= 2


def test_columns_may_be_mapped(app: Flask, client: CheckedClient, town: Town) -> None:
    data = packs(11).decode().replace("质量（千克）", "重量")
    url = URL + '&columns={"重量":"质量（千克）"}'
    id_ = send(client, town, data.encode(), url).get_json()["id"]
    work(app, id_)
    done = client.get(f"/v1/imports/{id_}", headers=town.bearer(people.MAKER)).get_json()
    assert done["counts"]["accepted"] == 1
    assert {"header": "重量", "field": "mass_g [kg]"} in done["columns"]


@pytest.mark.parametrize(
    ("url", "content", "status"),
    [
        ("/v1/imports", "text/csv", 422),
        ("/v1/imports?kind=cars", "text/csv", 422),
        (URL + "&columns=[1]", "text/csv", 422),
        (URL + "&columns={" * 3, "text/csv", 422),
        (URL, "text/html", 415),
        (URL, "multipart/form-data", 415),
    ],
)
def test_a_request_that_is_wrong_is_refused(
    client: CheckedClient, town: Town, url: str, content: str, status: int
) -> None:
    problem(send(client, town, packs(11), url, content=content), status)


def test_an_empty_packed_or_too_large_file_is_refused_and_not_kept(
    app: Flask, client: CheckedClient, town: Town
) -> None:
    assert problem(send(client, town, b""), 422)["code"] == "file"
    problem(send(client, town, packs(11), headers={"Content-Encoding": "gzip"}), 415)
    register = edge_of(app).register
    register.settings = replace(register.settings, imports=replace(register.settings.imports, bytes=100))
    problem(send(client, town, packs(11, 12)), 413)
    stream = io.BytesIO(packs(11, 12))  # without a length: chunked
    problem(send(client, town, b"", input_stream=stream, environ_overrides={"wsgi.input_terminated": True}), 413)
    assert list((town.settings.data / "imports").glob("*")) == []


def test_a_file_larger_than_other_bodies_is_taken(client: CheckedClient, town: Town) -> None:
    data = packs(11) + b"\n" + b" \n" * 5_000_000
    answer = send(client, town, b"", input_stream=io.BytesIO(data), headers={"Content-Length": str(len(data))})
    assert answer.status_code == 202 and answer.get_json()["file"]["bytes"] == len(data)


@pytest.mark.parametrize("query", ["lang=zh&format=csv", "lang=en&format=xlsx", "lang=names", ""])
def test_templates_are_for_everybody(client: CheckedClient, query: str) -> None:
    for kind in ("models", "packs", "units", "events", "report_soh"):
        answer = client.get(f"/v1/imports/templates/{kind}?{query}")
        assert answer.status_code == 200
        assert kind in answer.headers["Content-Disposition"]
    problem(client.get("/v1/imports/templates/cars"), 404)
