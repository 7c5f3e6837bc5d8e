"""`/v1/openapi.json`, and `/docs` to read and try it, all from our own origin.

The files of Swagger UI come from a package. Its start-up script is ours, `static/docs.js`, because the content
security policy allows none inside a page.
"""

from functools import cache
from pathlib import Path
from typing import cast

import flask_swagger_ui
import orjson
from flask import Flask, Response, current_app, send_from_directory
from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC
from api.edge import edge_of
from api.headers import CONTENT_SECURITY_POLICY
from api.openapi import describe
from api.routes import Answer, Routes, Terms, declarations
from service.errors import NotFoundError

routes = Routes("documentation")
pages = Routes("documentation_pages", described=False)

FILES = Path(flask_swagger_ui.__file__).parent / "dist"
NAMES = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})
_DOCUMENT = "packtrail_openapi"
_POLICIES = "types default dompurify"
"""Swagger UI writes HTML: it cleans it with the second, and `static/docs.js` lets through what the first allows."""
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PackTrail API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="docs"><p>The description itself: <a href="/v1/openapi.json">openapi.json</a></p></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/static/docs.js"></script>
</html>
"""


def publish(app: Flask) -> None:
    """See that every route declares itself; TypeError where one does not. The description is written when it is first
    asked for: a worker that starts has no time for it."""
    declared, base_url = declarations(app), edge_of(app).register.settings.base_url
    app.extensions[_DOCUMENT] = cache(lambda: orjson.dumps(describe(declared, base_url=base_url)))


def document(app: Flask) -> bytes:
    """The description, as JSON."""
    return cast(bytes, app.extensions[_DOCUMENT]())


@routes.get(
    "/v1/openapi.json",
    Terms(PUBLIC, "This description", answers=(Answer(200, "OpenAPI 3.1", {"type": "object"}),)),
)
def show_openapi() -> ResponseReturnValue:
    response = Response(document(current_app), content_type=json.JSON)
    response.headers["Cache-Control"] = "public, max-age=60"
    return json.with_etag(response)


@pages.get("/docs", Terms(PUBLIC, "The description, to read and to try"))
def show_docs() -> ResponseReturnValue:
    response = Response(_PAGE, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace("types 'none'", _POLICIES)
    return response


@pages.get("/docs/<name>", Terms(PUBLIC, "The files of Swagger UI"))
def show_docs_file(name: str) -> ResponseReturnValue:
    if name not in NAMES:
        raise NotFoundError("no such file")
    return send_from_directory(FILES, name, max_age=86_400)
