"""One request to the provider: no redirects, bounded in time and size, the answer a JSON object or nothing."""

import http.client
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from service.calling import OPENER, CutOffError, read_bounded
from service.people.oidc.errors import SingleSignOnError

SECONDS = 5.0
MAX_ANSWER = 262_144


def fetch_json(url: str) -> Mapping[str, Any]:
    """GET a JSON object. Raises SingleSignOnError."""
    return _ask(urllib.request.Request(url))


def post_form(url: str, fields: Mapping[str, str], *, client_id: str, secret: str | None) -> Mapping[str, Any]:
    """POST a form as this client, and get a JSON object. Raises SingleSignOnError. Source: RFC 6749, 2.3.1."""
    if secret is None:
        return _ask(urllib.request.Request(url, data=urlencode({**fields, "client_id": client_id}).encode()))
    request = urllib.request.Request(url, data=urlencode(fields).encode())
    credentials = b64encode(f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()).decode()
    request.add_header("Authorization", f"Basic {credentials}")
    return _ask(request)


def _ask(request: urllib.request.Request) -> Mapping[str, Any]:
    request.add_header("Accept", "application/json")
    request.add_header("User-Agent", "packtrail")
    give_up = time.monotonic() + SECONDS
    try:
        with OPENER.open(request, timeout=SECONDS) as answer:
            body = read_bounded(answer, most=MAX_ANSWER, give_up=give_up)
        read = orjson.loads(body)
    except CutOffError as error:
        raise SingleSignOnError(f"{request.host} {error}") from None
    except urllib.error.HTTPError as error:
        raise SingleSignOnError(f"{request.host} answered {error.code}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:  # URLError is an OSError, bad JSON a ValueError
        raise SingleSignOnError(f"{request.host} gave no answer that can be read: {type(error).__name__}") from None
    if not isinstance(read, dict):
        raise SingleSignOnError(f"{request.host} answered with no JSON object")
    return read
