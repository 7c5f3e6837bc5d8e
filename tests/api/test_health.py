"""Life, readiness, numbers, headers, traces."""

import re

import orjson
import pytest
from flask import Flask

from service.work import Register
from tests.api.checking import CheckedClient, problem
from tests.api.town import MAKER, Town, pack, pin_ahead, signed
from tests.service.domain.story import PACK

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_process_that_can_work_says_with_what(client: CheckedClient) -> None:
    ready = client.get("/readyz").get_json()
    assert ready["ready"] is True
    assert ready["checks"]["engine"] == "sqlite"
    assert ready["checks"]["sqlite"] >= "3.51.3"
    assert client.get("/livez").get_json() == {"alive": True}


def test_a_register_behind_its_pin_is_not_ready_but_alive(client: CheckedClient, register: Register) -> None:
    pin_ahead(register.settings)
    refusal = problem(client.get("/readyz"), 503)
    assert refusal["checks"]["pin"] is False
    assert refusal["checks"]["database"] is True
    assert client.get("/livez").status_code == 200


def test_a_database_of_another_version_is_not_ready(client: CheckedClient, register: Register) -> None:
    with register.write_beside() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert problem(client.get("/readyz"), 503)["checks"]["tables"] is False


def test_a_database_that_is_gone_is_told_without_its_address(client: CheckedClient, register: Register) -> None:
    register.close()
    database = register.settings.data / "register.db"
    for file in database.parent.glob("register.db*"):
        file.unlink()
    database.mkdir()
    for path in ("/readyz", f"/v1/batteries/{PACK}", "/log/checkpoint"):
        answer = client.get(path)
        problem(answer, 503)
        assert str(register.settings.data) not in answer.text


def test_numbers_grow_with_what_happens(client: CheckedClient, town: Town) -> None:
    event = signed("register", pack(2))
    for _ in range(2):
        client.post("/v1/events", json=event, headers=town.bearer(MAKER))
    client.post("/v1/events", json=signed("register", PACK), headers=town.bearer(MAKER))
    text = client.get("/metrics").text
    assert "packtrail_entries_recorded_total 1.0" in text
    assert "packtrail_events_replayed_total 1.0" in text
    assert 'packtrail_events_refused_total{code="already-registered"} 1.0' in text
    assert 'packtrail_requests_total{method="POST",route="/v1/events",status="201"} 1.0' in text


def test_the_numbers_do_not_grow_with_paths_that_callers_invent(client: CheckedClient) -> None:
    for n in range(20):
        client.get(f"/invented/{n}")
        client.open("/v1/events", method=f"INVENTED{n}")
    assert client.get("/metrics").text.lower().count("invented") == 0


def test_a_trace_goes_on_where_the_caller_began_it(client: CheckedClient) -> None:
    given = client.get("/livez", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    assert given.headers["X-Trace-Id"] == TRACE
    for wrong in (
        "",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        f"00-{TRACE}",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
    ):
        made = client.get("/livez", headers={"traceparent": wrong}).headers["X-Trace-Id"]
        assert re.fullmatch(r"[0-9a-f]{32}", made)
        assert made != TRACE


def test_each_request_is_one_line_of_json_whatever_it_holds(
    capfdbinary: pytest.CaptureFixture[bytes], client: CheckedClient
) -> None:
    client.get("/v1/a%22%7D%E2%80%A8%1b[31m" + "x" * 5000, headers={"User-Agent": '"} {"status": 200'})
    client.get("/v1/models/CQ-150?secret=1")
    lines = [orjson.loads(line) for line in capfdbinary.readouterr().err.splitlines()]
    assert [line["status"] for line in lines] == [400, 200]
    assert len(lines[0]["path"]) <= 1024
    assert lines[1]["route"] == "/v1/models/<model_id>"
    assert "secret" not in lines[1]["path"]


def test_a_page_of_ours_runs_no_script_of_others_and_is_framed_by_nobody(client: CheckedClient) -> None:
    for path in ("/docs", "/v1/openapi.json", "/nothing", "/static/docs.js", "/log/checkpoint"):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Permissions-Policy"].startswith("camera=()")
        assert answer.headers["Strict-Transport-Security"]
        answer.close()


def test_no_answer_sets_a_cookie_or_names_a_version(client: CheckedClient, app: Flask) -> None:
    for path in ("/docs", "/v1/openapi.json", "/nothing", "/readyz"):
        answer = client.get(path)
        assert "Set-Cookie" not in answer.headers
        assert "Server" not in answer.headers
