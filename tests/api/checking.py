"""A test client that holds every answer against the description of the API and the rules for all answers."""

import re
from functools import lru_cache
from typing import Any, cast

import orjson
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from api.documentation import document
from api.edge import edge_of
from api.openapi import openapi_path
from api.routes import declarations

PROBLEM = "application/problem+json"
ALWAYS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Trace-Id", "Cache-Control")

CHOICES = re.compile(rb'"choices":\[\{"value":[^]]*\]')
"""The words that a form offers: they are everybody's, whichever of them is told."""


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
        if (rule.rule, method) not in _described(self.application) or response.status_code == 304:
            return
        whole = description(self)
        operation = whole["paths"][openapi_path(rule.rule)][method.lower()]
        assert str(response.status_code) in operation["responses"], f"{method} {rule.rule}: {response.status}"
        answer = operation["responses"][str(response.status_code)]
        if "$ref" in answer:
            answer = whole["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        if response.status_code == 204:
            return
        content = (response.content_type or "").partition(";")[0]
        if content == "application/x-ndjson":
            lines = answer["content"].get(content)
            schema = lines["schema"] if lines else answer["content"]["application/json"]["schema"]["items"]
            for line in response.data.splitlines():
                assert_valid(whole, schema, orjson.loads(line))
            return
        assert content in answer["content"], f"{content} is not described for {method} {rule.rule}"
        if content.endswith("json"):
            assert_valid(whole, answer["content"][content]["schema"], orjson.loads(response.data))


def checked_client(app: Flask) -> CheckedClient:
    app.test_client_class = CheckedClient
    made = app.test_client()
    assert isinstance(made, CheckedClient)
    return made


_WRITTEN: dict[tuple[str, frozenset[tuple[str, str]]], dict[str, Any]] = {}
"""Descriptions by address and routes: an application like one before is described like it."""


def description(client: FlaskClient) -> dict[str, Any]:
    app = client.application
    key = edge_of(app).register.settings.base_url, _described(app)
    if key not in _WRITTEN:
        _WRITTEN[key] = cast(dict[str, Any], orjson.loads(document(app)))
    return _WRITTEN[key]


@lru_cache(maxsize=8)
def _described(app: Flask) -> frozenset[tuple[str, str]]:
    return frozenset((each.rule, each.method) for each in declarations(app) if each.described)


def assert_valid(whole: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    rooted = {**schema, "components": whole["components"]}
    errors = list(Draft202012Validator(rooted).iter_errors(value))
    assert errors == [], errors[0].message


def check_problem(client: FlaskClient, response: TestResponse) -> None:
    whole = description(client)
    members = orjson.loads(response.data)
    assert_valid(whole, whole["components"]["schemas"]["Problem"], members)
    assert members["status"] == response.status_code
    assert members["trace_id"] == response.headers["X-Trace-Id"]


def problem(response: TestResponse, status: int) -> dict[str, Any]:
    """The problem that an answer is."""
    assert response.status_code == status, response.text
    assert response.content_type == PROBLEM
    return cast(dict[str, Any], orjson.loads(response.data))
