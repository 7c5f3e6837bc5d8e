"""Every refusal has one shape, in two languages, and tells nothing of the inside."""

import re

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue

from api.app import create_app
from api.auth import PUBLIC
from api.edge import edge_of
from api.problem_table import BY_ERROR, BY_STATUS, PROBLEMS
from api.routes import Routes, Terms
from ledger.errors import LedgerError, RollbackError
from service.errors import BusyError, DamagedError, FaultyError, NotFoundError, ServiceError, SettingsError, StoryError
from service.monitoring.misbehaviour import MisbehaviourError
from service.people.oidc.errors import SingleSignOnError
from service.recording.replay import ReplayError
from service.verification.remote import RemoteError
from service.verification.selfcheck import FoundDamageError, StoppedError
from service.webhooks.delivering import LeaseLostError
from service.webhooks.errors import DeliveryError
from service.witnessing.asking import WitnessError
from tests.api.checking import CheckedClient, problem
from tests.api.town import MAKER, Town, pack, told

SECRET = "postgresql://packtrail:hunter2@db.internal/register"
CHINESE = re.compile("[\u4e00-\u9fff]")


def failing(app: Flask, error: Exception) -> CheckedClient:
    """A client of an application in which /v1/failing fails with `error`."""
    routes = Routes("failing", described=False)

    @routes.get("/v1/failing", Terms(PUBLIC, "Fails"))
    def fail() -> ResponseReturnValue:
        raise error

    edge = edge_of(app)
    own = create_app(edge.register, edge.recorder)
    routes.register(own)
    own.test_client_class = CheckedClient
    client = own.test_client()
    assert isinstance(client, CheckedClient)
    return client


def test_an_error_nobody_foresaw_is_told_without_its_detail_and_logged_once(
    capfd: pytest.CaptureFixture[str], app: Flask
) -> None:
    answer = failing(app, RuntimeError(SECRET)).get("/v1/failing")
    trace_id = problem(answer, 500)["trace_id"]
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    written = capfd.readouterr().err
    assert len([line for line in written.splitlines() if trace_id in line and "RuntimeError" in line]) == 1
    assert "hunter2" not in written, "what was withheld is logged, and the password in it is not"


@pytest.mark.parametrize("error", [SettingsError(SECRET), RollbackError(SECRET)])
def test_an_installation_that_is_not_in_order_is_not_described_to_callers(app: Flask, error: Exception) -> None:
    answer = failing(app, error).get("/v1/failing")
    problem(answer, 503)
    assert answer.headers["Retry-After"]
    assert "hunter2" not in answer.text


def test_a_busy_register_says_when_to_come_back(app: Flask) -> None:
    answer = failing(app, BusyError("the register is busy")).get("/v1/failing")
    assert problem(answer, 503)["code"] == "busy"
    assert int(answer.headers["Retry-After"]) >= 1


def test_the_language_follows_the_caller(app: Flask, client: CheckedClient, town: Town) -> None:
    event = told("register", pack(2), mass_g=0)
    for accepted, lang in (("zh-CN,zh;q=0.9", "zh"), ("en-GB", "en"), ("fr, zh;q=0.1", "zh"), ("", "en"), ("fr", "en")):
        headers = town.bearer(MAKER) | {"Accept-Language": accepted}
        answer = client.post("/v1/events", json=event, headers=headers)
        told_problem = problem(answer, 422)
        assert answer.headers["Content-Language"] == lang
        assert {"Accept", "Accept-Language"} <= set(answer.vary)
        for member in ("title", "detail"):
            assert bool(CHINESE.search(told_problem[member])) == (lang == "zh")
        assert CHINESE.search(told_problem["errors"][0]["message_zh"])
        assert not CHINESE.search(told_problem["errors"][0]["message"])


@pytest.mark.parametrize("path", ["/v1/nothing", "/log/nothing", "/v1/batteries/x", "/v1/openapi.jso", "/epcis/x"])
@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "image/png", "*/*"])
def test_no_refusal_of_the_api_is_a_page(client: CheckedClient, path: str, accept: str) -> None:
    answer = client.get(path, headers={"Accept": accept})
    problem(answer, answer.status_code)


def test_a_program_that_scans_gets_a_problem_and_no_page(client: CheckedClient) -> None:
    for path in ("/b/NOTHING", "/01/09521234000013/21/NOTHING"):
        answer = client.get(path, headers={"Accept": "application/json"})
        assert answer.status_code >= 400
        assert "html" not in (answer.content_type or "")


def test_the_path_is_repeated_only_as_json(client: CheckedClient) -> None:
    path = "/v1/<script>alert(1)</script>"
    answer = client.get(path, headers={"Accept": "text/html"})
    assert problem(answer, 404)["instance"] == path
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_error_of_the_service_and_the_ledger_has_a_row_or_is_withheld() -> None:
    commands = {RemoteError, ReplayError, StoryError, MisbehaviourError, DamagedError}
    chores = {FoundDamageError, StoppedError, WitnessError, DeliveryError, LeaseLostError}
    elsewhere = {FaultyError, SingleSignOnError} | commands | chores  # those that no request meets as they are
    public = set(ServiceError.__subclasses__()) - elsewhere
    assert public <= BY_ERROR.keys()
    assert set(BY_ERROR.values()) | set(BY_STATUS.values()) <= PROBLEMS.keys()
    assert {LedgerError, NotFoundError} - BY_ERROR.keys() == {LedgerError}


def test_each_problem_has_a_page_and_an_object_of_the_same_words(client: CheckedClient) -> None:
    listed = client.get("/problems").get_json()
    assert [each["code"] for each in listed] == list(PROBLEMS)
    for each in listed:
        assert client.get(each["type"]).get_json() == each
        for lang, title in (("en", each["title"]), ("zh", each["title_zh"])):
            page = client.get(each["type"], headers={"Accept": "text/html", "Accept-Language": lang})
            assert page.content_type == "text/html; charset=utf-8"
            assert title in page.text
    problem(client.get("/problems/nothing"), 404)


def test_the_type_of_a_problem_leads_to_its_page(client: CheckedClient) -> None:
    address = problem(client.get("/v1/nothing"), 404)["type"]
    assert address.startswith("https://id.example.cn/problems/")
    assert client.get(address.removeprefix("https://id.example.cn")).status_code == 200
