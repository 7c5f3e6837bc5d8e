"""A test client that holds every answer against the description of the API and the rules for all answers."""

from typing import Any, cast

import orjson
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from api.openapi import openapi_path
from api.routes import declarations

PROBLEM = "application/problem+json"
ALWAYS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Trace-Id", "Cache-Control")


class CheckedClient(FlaskClient):
    """Fails the test where an answer is not one that `/v1/openapi.json` describes."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        missing = [name for name in ALWAYS if name not in response.headers]
        assert missing == [], f"{response.request.path} lacks {missing}"
        if response.content_type == PROBLEM and response.request.method != "HEAD":
            check_problem(self, response)
        if response.request.method in ("GET", "POST", "DELETE"):
            self._check_description(response)
        return response

    def _check_description(self, response: TestResponse) -> None:
        method = response.request.method
        adapter = self.application.url_map.bind("")
        try:
            rule, _ = adapter.match(response.request.path, method, return_rule=True)
        except HTTPException:
            return
        described = {(each.rule, each.method) for each in declarations(self.application) if each.described}
        if (rule.rule, method) not in described:
            return
        if response.status_code == 304:
            return
        document = description(self)
        operation = document["paths"][openapi_path(rule.rule)][method.lower()]
        assert str(response.status_code) in operation["responses"], f"{method} {rule.rule}: {response.status}"
        answer = operation["responses"][str(response.status_code)]
        if "$ref" in answer:
            answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        if response.status_code == 204:
            return
        content = (response.content_type or "").partition(";")[0]
        if content == "application/x-ndjson":
            lines = answer["content"].get(content)
            schema = lines["schema"] if lines else answer["content"]["application/json"]["schema"]["items"]
            for line in response.data.splitlines():
                assert_valid(document, schema, orjson.loads(line))
            return
        assert content in answer["content"], f"{content} is not described for {method} {rule.rule}"
        if content.endswith("json"):
            assert_valid(document, answer["content"][content]["schema"], orjson.loads(response.data))


def description(client: FlaskClient) -> dict[str, Any]:
    return cast(dict[str, Any], orjson.loads(client.application.extensions["packtrail_openapi"]))


def assert_valid(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "components": document["components"]}
    errors = list(Draft202012Validator(whole).iter_errors(value))
    assert errors == [], errors[0].message


def check_problem(client: FlaskClient, response: TestResponse) -> None:
    document = description(client)
    members = orjson.loads(response.data)
    assert_valid(document, document["components"]["schemas"]["Problem"], members)
    assert members["status"] == response.status_code
    assert members["trace_id"] == response.headers["X-Trace-Id"]


def problem(response: TestResponse, status: int) -> dict[str, Any]:
    """The problem that an answer is."""
    assert response.status_code == status, response.text
    assert response.content_type == PROBLEM
    return cast(dict[str, Any], orjson.loads(response.data))
