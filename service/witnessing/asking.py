"""One request to a witness, over HTTP or HTTPS (certificates are verified): no redirects, bounded in time and size.

Source: C2SP tlog-witness.
"""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import NamedTuple

from ledger.errors import LedgerError, MalformedError
from ledger.notes.cosignature import cosignature_time
from ledger.notes.note import NoteSignature, Verifier
from ledger.notes.witness import origin_hash, parse_cosignatures
from ledger.strict import parse_decimal
from service.calling import OPENER, CutOffError, read_bounded
from service.errors import ServiceError

SECONDS = 10.0
"""For one request, all in all. A witness that needs longer is as good as dead."""
MAX_ANSWER = 65_536
_SHOWN = 200
SIZE_TYPE = "text/x.tlog.size"


class WitnessError(ServiceError):
    """A witness did not answer, or not with what it should. The message is for people."""


class Reply(NamedTuple):
    """What came back, whatever the status."""

    status: int
    body: bytes


def submit(url: str, body: bytes, *, seconds: float = SECONDS) -> Reply:
    """POST an add-checkpoint request. Raises WitnessError where there is no answer."""
    request = urllib.request.Request(f"{url}/add-checkpoint", data=body, method="POST")
    request.add_header("Content-Type", "text/plain; charset=utf-8")
    return _ask(request, seconds)


def fetch_held(url: str, origin: str, *, seconds: float = SECONDS) -> Reply:
    """GET the newest checkpoint that a witness shows for a log. Raises WitnessError where there is no answer."""
    return _ask(urllib.request.Request(f"{url}/{origin_hash(origin)}/checkpoint"), seconds)


def read_held_size(reply: Reply) -> int:
    """The size in the answer 409: of the newest checkpoint the witness holds. Raises WitnessError."""
    try:
        return parse_decimal(reply.body.decode("ascii").removesuffix("\n"))
    except (UnicodeDecodeError, MalformedError):
        raise WitnessError("answered 409 without the size that it holds") from None


def read_cosignatures(reply: Reply, text: bytes, verifiers: Sequence[Verifier]) -> dict[str, NoteSignature]:
    """The cosignatures in the answer 200 by these keys, by vkey, all verified over the checkpoint `text`.

    Raises WitnessError if one of them is wrong or without a time, or if there is none.
    """
    found: dict[str, NoteSignature] = {}
    try:
        for signature in parse_cosignatures(reply.body):
            for key in verifiers:
                if (key.name, key.key_id) == signature[:2]:
                    key.verify(text, signature.signature)
                    if not cosignature_time(signature.signature):
                        raise WitnessError("its cosignature says nothing of the time")
                    found[key.vkey] = signature
    except LedgerError as error:
        raise WitnessError(f"its cosignature does not hold: {error}") from None
    if not found:
        raise WitnessError("answered without a cosignature by the key it is known by")
    return found


def explain(reply: Reply) -> str:
    """An answer that is none of the expected, in words."""
    readable = _plain(reply.body[:_SHOWN].decode("utf-8", "replace"))
    return f"answered {reply.status}" + (f": {readable}" if readable else "")


def _plain(text: str) -> str:
    """Words of others, short, in one line and without anything that a terminal would obey."""
    return "".join(letter for letter in " ".join(text[:_SHOWN].split()) if letter.isprintable())


def _ask(request: urllib.request.Request, seconds: float) -> Reply:
    request.add_header("User-Agent", "packtrail")
    give_up = time.monotonic() + seconds
    try:
        try:
            answer = OPENER.open(request, timeout=seconds)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Reply(int(answer.status or 0), read_bounded(answer, most=MAX_ANSWER, give_up=give_up))
    except CutOffError as error:
        raise WitnessError(str(error)) from None
    except urllib.error.URLError as error:
        raise WitnessError(f"cannot be reached: {_plain(str(error.reason))}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise WitnessError(f"cannot be reached: {_plain(str(error)) or type(error).__name__}") from None
