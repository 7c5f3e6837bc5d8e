"""Documents over HTTP: who may add, see, fetch and remove which, and how they leave: as downloads that run nowhere."""

import base64
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from service.domain.papers import RULES, Paper
from service.recording.recorder import Recorded
from tests.api.checking import CheckedClient, problem
from tests.api.passports import client_of
from tests.service.documents.files import PDF, PLACE, moving, picture
from tests.service.passports.market import (
    AUTHORITY,
    BRUSSELS,
    BUREAU,
    DEALER,
    MAKER,
    MOTORS,
    OTHER_PACK,
    PACK,
    REPAIR,
    Market,
    open_market,
)

URL = "/v1/documents"
SEES: dict[str | None, set[str]] = {
    None: {"pt1"},
    DEALER: {"pt1"},
    BRUSSELS: {"pt1", "pt2", "pt3"},
    REPAIR: {"pt1", "pt2", "pt4"},
    BUREAU: {"pt1", "pt2", "pt3", "pt4"},
    MAKER: {"pt1", "pt2", "pt3", "pt4"},
}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    folder: Path = tmp_path_factory.mktemp("documents")
    with open_market(folder / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def client(market: Market) -> CheckedClient:
    made = client_of(market)
    assert isinstance(market.place(PACK, market="CN"), Recorded)
    return made


@pytest.fixture(scope="module")
def one_of_each(client: CheckedClient, market: Market) -> dict[str, Any]:
    found = {}
    for number, kind in enumerate(Paper):
        data = PDF.replace(b"endobj", b"endobj %d" % number)
        found[kind.value] = add(client, market, kind, data).json
    return found


def add(client: CheckedClient, market: Market, kind: str, data: bytes, by: str = MAKER, **more: str) -> Any:
    asked = {"subject": PACK, "kind": kind, "name": "文件.pdf"} | more
    content = asked.pop("content", "application/octet-stream")
    return client.post(URL, query_string=asked, data=data, content_type=content, headers=market.bearer(by))


def test_a_document_is_added_and_fetched_as_a_download_that_runs_nowhere(client: CheckedClient, market: Market) -> None:
    answer = add(client, market, "declaration_of_conformity", PDF)
    assert answer.status_code == 201
    told = answer.json
    assert told["sha256"] == sha256(PDF).hexdigest()
    assert base64.b64decode(told["digest"]).hex() == told["sha256"]
    assert told["url"].endswith(answer.headers["Location"])
    file = client.get(answer.headers["Location"])
    assert file.data == PDF
    assert file.content_type == "application/pdf"
    name = f"declaration_of_conformity-{told['sha256'][:12]}.pdf"
    assert file.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(answer.headers["Location"], headers={"If-None-Match": file.headers["ETag"]})
    assert again.status_code == 304
    assert add(client, market, "declaration_of_conformity", PDF).status_code == 200


@pytest.mark.parametrize("reader", SEES, ids=str)
def test_each_reader_gets_the_documents_of_its_parts_and_the_others_are_not_there(
    client: CheckedClient, market: Market, one_of_each: dict[str, Any], reader: str | None
) -> None:
    headers = market.bearer(reader) if reader else {}
    listed = client.get(URL, query_string={"subject": PACK}, headers=headers).json["documents"]
    assert {each["tier"] for each in listed} == SEES[reader]
    history = client.get(f"/v1/batteries/{PACK}/history", headers=headers).json["documents"]
    assert [each["id"] for each in history] == [each["id"] for each in listed]
    for kind, told in one_of_each.items():
        answer = client.get(f"{URL}/{told['id']}", headers=headers)
        if RULES[Paper(kind)].tier in SEES[reader]:
            assert sha256(answer.data).hexdigest() == told["sha256"]
        else:
            assert problem(answer, 404)["detail"] == problem(client.get(f"{URL}/{told['id'][:-1]}0"), 404)["detail"]
            assert told["sha256"].encode() not in answer.data


def test_a_fetched_document_beyond_part_1_leaves_a_reading_and_is_not_kept_on_the_way(
    client: CheckedClient, market: Market, one_of_each: dict[str, Any]
) -> None:
    told = one_of_each["dismantling_manual"]
    market.clock.move(seconds=1)
    answer = client.get(f"{URL}/{told['id']}", headers=market.bearer(REPAIR))
    assert answer.headers["Cache-Control"] == "private, no-store"
    [line, *_] = client.get("/v1/access-log", headers=market.bearer(MAKER)).json["readings"]
    assert (line["operator"], line["subject"]) == (REPAIR, PACK)
    assert line["parts"] == [f"document:{told['sha256'][:32]}"]


def test_who_answers_for_the_passport_adds_its_documents_and_who_took_part_adds_photos(
    client: CheckedClient, market: Market
) -> None:
    problem(add(client, market, "test_report", PDF, by=DEALER), 403)
    problem(add(client, market, "photo", picture(), by=DEALER), 403)
    market.must(MOTORS, "install", PACK, vin="LSVAU2A34N2183294")
    problem(add(client, market, "test_report", PDF, by=MOTORS), 403)
    answer = add(client, market, "photo", picture(), by=MOTORS)
    assert answer.status_code == 201
    found = client.get(f"{URL}/{answer.json['id']}", headers=market.bearer(MOTORS))
    assert found.content_type == "image/jpeg"
    assert PLACE.encode() not in found.data
    problem(client.get(f"{URL}/{answer.json['id']}"), 404)
    problem(client.delete(f"{URL}/{answer.json['id']}", headers=market.bearer(DEALER)), 404)
    problem(client.delete(f"{URL}/{answer.json['id']}", headers=market.bearer(MAKER)), 404)
    assert client.delete(f"{URL}/{answer.json['id']}", headers=market.bearer(MOTORS)).status_code == 204
    problem(client.get(f"{URL}/{answer.json['id']}", headers=market.bearer(MOTORS)), 404)
    other = add(client, market, "photo", picture("PNG"), by=MOTORS).json["id"]
    assert client.delete(f"{URL}/{other}", headers=market.bearer(AUTHORITY)).status_code == 204


def test_a_model_has_documents_of_its_maker(client: CheckedClient, market: Market) -> None:
    told = add(client, market, "dismantling_manual", picture("WEBP"), subject="model:CQ-150").json
    assert told["media_type"] == "image/webp"
    listed = client.get(URL, query_string={"subject": "model:CQ-150"}, headers=market.bearer(BRUSSELS)).json[
        "documents"
    ]
    assert [each["id"] for each in listed] == [told["id"]]
    problem(add(client, market, "photo", picture(), by=MOTORS, subject="model:CQ-150"), 403)
    problem(add(client, market, "photo", picture(), subject="model:none"), 404)
    own = client.get(URL, headers=market.bearer(MAKER)).json["documents"]
    assert told["id"] in [each["id"] for each in own]


@pytest.mark.parametrize(
    ("data", "kind", "content", "status"),
    [
        (b"<html><script>alert(1)</script>", "photo", "application/pdf", 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo", "image/png", 422),
        (PDF + b"<html>" * 30, "test_report", "application/pdf", 422),
        (moving(), "photo", "image/webp", 422),
        (picture(), "test_report", "image/jpeg", 422),
        (b"", "photo", "image/png", 422),
        (PDF, "photo", "text/html", 415),
        (PDF, "photo", "image/svg+xml", 415),
        (PDF, "secret", "application/pdf", 422),
    ],
)  # fmt: skip
def test_what_is_no_such_document_is_refused_and_nothing_is_kept(
    client: CheckedClient, market: Market, data: bytes, kind: str, content: str, status: int
) -> None:
    """S-31."""
    before = client.get(URL, headers=market.bearer(MAKER)).json
    problem(add(client, market, kind, data, content=content), status)
    assert client.get(URL, headers=market.bearer(MAKER)).json == before


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..%2f..%2fx", "a\r\nSet-Cookie: x=1", "C:\\x", "\u202egnp.exe"]
)
def test_a_given_name_reaches_neither_a_path_nor_a_header(client: CheckedClient, market: Market, name: str) -> None:
    """S-30."""
    told = add(client, market, "photo", picture(), name=name).json
    file = client.get(f"{URL}/{told['id']}", headers=market.bearer(MAKER))
    assert file.headers["Content-Disposition"] == f'attachment; filename="photo-{told["sha256"][:12]}.jpeg"'
    assert "/" not in told["name"] and "\\" not in told["name"] and told["name"].isprintable()
    assert "Set-Cookie" not in file.headers


@pytest.mark.parametrize("path", ["..%2f..%2fregister.db", "../register.db", "x", "%00", "..", "....//"])
def test_no_path_leads_out_of_the_documents(client: CheckedClient, market: Market, path: str) -> None:
    assert client.get(f"{URL}/{path}", headers=market.bearer(MAKER)).status_code in (400, 404, 308)


def test_a_document_that_is_too_large_is_refused_before_it_is_looked_at(client: CheckedClient, market: Market) -> None:
    limit = market.register.settings.documents.bytes
    problem(add(client, market, "photo", b"\xff" * (limit + 1)), 413)


def test_the_public_has_to_say_of_what(client: CheckedClient) -> None:
    problem(client.get(URL), 422)
    problem(client.get(URL, query_string={"subject": OTHER_PACK[:-1] + "9"}), 404)
