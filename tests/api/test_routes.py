"""Every route says who may call it, and only those may."""

from collections.abc import Iterator

import pytest
from flask import Flask

from api.app import create_app
from api.auth import AUDITOR, AUTHORITY, MANAGER, OWNER, PUBLIC, READER, RECORDER, Audience
from api.openapi import openapi_path
from api.routes import Declaration, declarations
from service.recording.recorder import Recorder
from service.work import Register
from tests.api import town as people
from tests.api.checking import CheckedClient, description, problem
from tests.api.town import Town
from tests.service.domain.story import PACK

PATHS = {
    "<int:index>": "0",
    "<battery:identifier>": PACK,
    "<operator>": people.MAKER,
    "<model_id>": "CQ-150",
    "<key_id>": "abcdefghijkl",
    "<key>": "own",
    "<slug>": "refused",
    "<path:tile>": "0/000.p/1",
    "<path:bundle>": "000.p/1",
    "<name>": "swagger-ui.css",
    "<path:_code>": PACK,
    "<path:_rest>": "x",
    "<path:dpp_id>": PACK,
    "<path:product_id>": PACK,
    "<path:element_path>": "$.mass",
    "<uuid:import_id>": "01890a5d-ac96-774b-bcce-b302099a8057",
    "<uuid:document_id>": "01890a5d-ac96-774b-bcce-b302099a8057",
    "<uuid:webhook_id>": "01890a5d-ac96-774b-bcce-b302099a8057",
    "<uuid:event_uuid>": "01890a5d-ac96-774b-bcce-b302099a8057",
    "<int:alert_id>": "1",
    "<content>": "packs",
    "<resource>": "bizSteps",
    "<path:word>": "commissioning",
    "<path:event_id>": "urn:uuid:x",
    "<capture>": "x",
    "<query_name>": "x",
}
CALLERS = ("nobody", "read-only", "record-only", people.LAB, people.BUREAU, people.MAKER, people.AUTHORITY)
ALLOWED: dict[Audience, set[str]] = {
    PUBLIC: set(CALLERS),
    READER: {"read-only", people.LAB, people.BUREAU, people.MAKER, people.AUTHORITY},
    RECORDER: {"record-only", people.LAB, people.BUREAU, people.MAKER, people.AUTHORITY},
    AUDITOR: {people.BUREAU, people.AUTHORITY},
    AUTHORITY: {people.AUTHORITY},
    MANAGER: {people.LAB, people.BUREAU, people.MAKER, people.AUTHORITY},
    OWNER: {people.MAKER, people.AUTHORITY},
}

NO_PARTNERS = {("nobody", 401), ("record-only", 403), (people.LAB, 403)}
"""To evidence: of what is not there anybody gets it, of a battery partners and regulators."""
FOR_THE_AUTHOR = {
    ("POST", "/v1/models/<model_id>/passport:publish"),
    ("DELETE", "/v1/models/<model_id>/passport"),
    ("POST", "/v1/batteries/<battery:identifier>/passport:publish"),
    ("DELETE", "/v1/dpps/<path:dpp_id>"),
}
"""Open to all who may record, and then refused to whoever does not answer for this passport."""
ALSO = {"/v1/dpps/<path:dpp_id>/elements/<path:element_path>": {"DELETE"}}
"""Decoded, the path of an element could be an id with slashes in it, so what an id takes is listed for it too."""


def path_of(declaration: Declaration) -> str:
    path = declaration.rule
    for placeholder, value in PATHS.items():
        path = path.replace(placeholder, value)
    assert "<" not in path, f"{declaration.rule}: say in PATHS what to ask for"
    return path


def described(app: Flask) -> Iterator[Declaration]:
    return (each for each in declarations(app) if each.described)


@pytest.mark.parametrize("caller", CALLERS)
def test_each_route_answers_its_audience_and_refuses_the_others(app: Flask, town: Town, caller: str) -> None:
    client = app.test_client()
    headers = {} if caller == "nobody" else town.bearer(caller)
    wrong = []
    for each in described(app):
        status = client.open(path_of(each), method=each.method, headers=headers).status_code
        refused = 401 if caller == "nobody" else 403
        if (status == refused) == (caller in ALLOWED[each.terms.audience]):
            if (each.method, each.rule) in FOR_THE_AUTHOR and status == 403:
                continue
            if not (each.rule.endswith("/evidence") and (caller, status) in NO_PARTNERS):
                wrong.append(f"{each.method} {each.rule}: {caller} got {status}")
    assert wrong == []


def test_no_answer_to_a_refusal_depends_on_whether_the_thing_exists(client: CheckedClient, town: Town) -> None:
    for operator in (people.MAKER, "no-such-operator"):
        for headers in ({}, town.bearer(people.LAB)):
            answer = client.get(f"/v1/operators/{operator}/api-keys", headers=headers)
            assert answer.status_code in (401, 403)


def test_the_routes_are_those_that_the_description_lists(app: Flask, client: CheckedClient) -> None:
    listed = {
        (method.upper(), path) for path, operations in description(client)["paths"].items() for method in operations
    }
    assert {(each.method, openapi_path(each.rule)) for each in described(app)} == listed


def test_only_pages_stay_out_of_the_description(app: Flask) -> None:
    hidden = {each.rule for each in declarations(app) if not each.described}
    assert {rule for rule in hidden if rule.startswith(("/v1", "/log/", "/livez", "/readyz", "/metrics"))} == set()


def test_a_rule_that_declares_nothing_keeps_the_application_from_starting(register: Register) -> None:
    app = create_app(register, Recorder(register))
    app.add_url_rule("/v1/forgotten", "forgotten", lambda: "for everybody")
    with pytest.raises(TypeError, match="/v1/forgotten declares no audience"):
        declarations(app)


def test_head_is_get_without_the_body(app: Flask, town: Town) -> None:
    client = app.test_client()
    for each in described(app):
        if each.method != "GET" or each.rule == "/metrics":
            continue
        whole = client.get(path_of(each), headers=town.bearer(people.AUTHORITY))
        head = client.head(path_of(each), headers=town.bearer(people.AUTHORITY))
        assert head.status_code == whole.status_code, each.rule
        assert head.data == b""
        assert head.content_type == whole.content_type


def test_another_method_is_refused_and_the_right_ones_are_listed(app: Flask, client: CheckedClient) -> None:
    methods: dict[str, set[str]] = {}
    for each in described(app):
        methods.setdefault(each.rule, {"OPTIONS"}).update(
            {each.method, "HEAD"} if each.method == "GET" else {each.method}
        )
    for each in described(app):
        taken = methods[each.rule] | ALSO.get(each.rule, set())
        answer = client.open(path_of(each), method="PUT" if "PATCH" in taken else "PATCH")
        problem(answer, 405)
        assert set(answer.headers["Allow"].split(", ")) == taken, each.rule
        options = client.options(path_of(each))
        assert options.status_code == 200
        assert set(options.headers["Allow"].split(", ")) == taken, each.rule


def test_a_method_cannot_be_smuggled_in_by_a_header(client: CheckedClient, town: Town) -> None:
    headers = town.bearer(people.AUTHORITY) | {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE"}
    assert client.get("/v1/operators", headers=headers).status_code == 200
    problem(client.post(f"/v1/operators/{people.MAKER}/api-keys/abcdefghijkl", headers=headers), 405)


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/events/", "//v1/events", "/v1//events", "/V1/events", "/v1/events;x"]
)
def test_another_spelling_of_a_path_is_another_path(client: CheckedClient, path: str) -> None:
    problem(client.get(path, base_url="http://localhost"), 404)


@pytest.mark.parametrize(
    "path",
    ["/v1/models/%00", "/v1/batteries/A%00B", "/v1/operators/x%0d%0aSet-Cookie:%20a=b", "/%01", "/find?code=%00"],
)
def test_a_control_character_in_an_address_is_refused(client: CheckedClient, path: str) -> None:
    problem(client.get(path), 400)
