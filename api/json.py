"""The one way a request body is read, and the one way an answer is written.

Flask's own reader keeps the last of two equal keys, takes NaN, and dies of deep nesting. Here a body is strict JSON or
it is refused: see `ledger.canonical.parse_json`. A body must say that it is JSON, and must not be compressed: a
kilobyte that unpacks to a gigabyte is nothing we need to look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, request
from marshmallow import RAISE, Schema, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from ledger.canonical import parse_json
from ledger.errors import MalformedError

JSON = "application/json"
LINES = "application/x-ndjson"
MAX_MEMBERS = 100
"""Of an object with a schema; none of ours has a tenth as many, and each unknown one costs a message."""


@dataclass(frozen=True, slots=True)
class JsonBody:
    """A JSON object, checked with a marshmallow schema that knows every member it may have."""

    schema: Schema

    def read(self) -> Any:
        return load(self.schema, read_json())

    def describe(self) -> Mapping[str, Any]:
        return {JSON: self.schema}


@dataclass(frozen=True, slots=True)
class ObjectBody:
    """A JSON object that the domain checks itself; `schema` describes it."""

    schema: Mapping[str, Any]

    def read(self) -> Any:
        value = read_json()
        if not isinstance(value, dict):
            raise MalformedError("the body is a JSON object")
        return value

    def describe(self) -> Mapping[str, Any]:
        return {JSON: self.schema}


def read_json() -> Any:
    """The request's body. Raises MalformedError, UnsupportedMediaType or RequestEntityTooLarge."""
    return parse_json(read_bytes(JSON))


def read_bytes(*contents: str) -> bytes:
    """The body's bytes, if the request says it is one of these media types, in UTF-8 and not compressed."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("send the body as it is, without Content-Encoding")
    charset = request.mimetype_params.get("charset", "utf-8")
    if request.mimetype not in contents or charset.lower() != "utf-8":
        raise UnsupportedMediaType(f"send {' or '.join(contents)} in UTF-8")
    data = request.get_data(cache=False)
    limit = request.max_content_length
    # Werkzeug cuts a chunked body off at the limit and says nothing: half a batch would look like a whole one.
    if limit is not None and len(data) >= limit and request.content_length is None:
        raise RequestEntityTooLarge
    return data


def load(schema: Schema, value: Any) -> Any:
    """The value that `schema` makes of decoded JSON. Raises ValidationError, also for a member it does not know."""
    if isinstance(value, dict) and len(value) > MAX_MEMBERS:
        raise ValidationError(f"the object has more than {MAX_MEMBERS} members")
    return schema.load(value, unknown=RAISE)


def dump(value: object) -> bytes:
    """The bytes of an answer."""
    return orjson.dumps(value)


def answer(value: object, status: int = 200, *, content: str = JSON) -> Response:
    """A JSON answer."""
    return Response(dump(value), status, content_type=content)


def with_etag(response: Response) -> Response:
    """Add a strong ETag over the bytes, and make it a 304 where the client has them."""
    response.add_etag()
    response.make_conditional(request)
    return response
