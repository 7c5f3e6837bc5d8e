"""Documents about batteries and models: added, listed, handed out as downloads, removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from api import json
from api.auth import PUBLIC, RECORDER, present_caller, signed_in
from api.document_gate import (
    DOCUMENTS as PATH,
)
from api.document_gate import (
    check_may_add,
    check_may_remove,
    document_members,
    open_document,
    subject_of,
    visible_documents,
)
from api.edge import current_register
from api.routes import Answer, Routes, Terms
from api.schemas.documents import DOCUMENT, DOCUMENTS, DocumentQuery, DocumentsQuery
from service.documents.keeping import PAGE, Document, add_document, find_document, list_own, remove_document
from service.documents.sniffing import MediaType
from service.documents.storing import load
from service.domain.papers import Paper
from service.domain.passport.tiers import Tier
from service.errors import Fault, RefusedError

routes = Routes("documents")

ANY = "application/octet-stream"
FILES = (*(each.value for each in MediaType), ANY)
SANDBOX = "default-src 'none'; sandbox"
_FILE = {"type": "string", "format": "binary"}


@dataclass(frozen=True, slots=True)
class FileBody:
    """A document's bytes. What it says it is only has to be one of these types; its bytes say what it is."""

    def read(self) -> bytes:
        if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise UnsupportedMediaType("send the document as it is, without Content-Encoding")
        if request.mimetype not in FILES:
            raise UnsupportedMediaType(f"send {', '.join(FILES)}")
        limit = current_register().settings.documents.bytes
        request.max_content_length = limit + 1
        data = request.get_data(cache=False)
        if len(data) > limit:
            raise RequestEntityTooLarge
        return data

    def describe(self) -> Mapping[str, Any]:
        return dict.fromkeys(FILES, _FILE)


@routes.post(
    PATH,
    Terms(
        RECORDER,
        "Add a document to a battery or model",
        body=FileBody(),
        query=DocumentQuery(),
        answers=(
            Answer(201, "It is kept; pictures are drawn anew, so cite these digests", DOCUMENT,
                   headers={"Location": "The document"}),
            Answer(200, "It was added before", DOCUMENT, headers={"Location": "The document"}),
        ),
        errors=(404, 413, 415, 422, 503),
    ),
)  # fmt: skip
def add(body: bytes, query: dict[str, Any]) -> ResponseReturnValue:
    subject, kind = subject_of(query["subject"]), Paper(query["kind"])
    check_may_add(subject, kind)
    added = add_document(current_register(), signed_in(), subject, kind, name=query["name"], data=body)
    response = json.answer(document_members(added.document), 200 if added.again else 201)
    response.headers["Location"] = f"{PATH}/{added.document.id}"
    return response


@routes.get(
    PATH,
    Terms(
        PUBLIC,
        "The documents of a battery or model that the caller may see, or the caller's own",
        query=DocumentsQuery(),
        answers=(Answer(200, "Up to 100, newest first", DOCUMENTS),),
        errors=(404, 422),
    ),
)
def list_all(query: dict[str, Any]) -> ResponseReturnValue:
    before = str(query["before"]) if query["before"] else None
    if query["subject"] is None and present_caller() is None:
        raise RefusedError([Fault("/subject", "missing", "of which battery or model?", "请指明电池或型号")])
    if query["subject"] is None:
        with current_register().read() as reader:
            found = list(list_own(reader.connection, signed_in().operator, before=before))
    else:
        found = visible_documents(subject_of(query["subject"]), before=before)
    response = json.answer({"documents": [document_members(each) for each in found], "next": _next(found)})
    response.headers["Cache-Control"] = "private, no-store"
    return response


@routes.get(
    f"{PATH}/<uuid:document_id>",
    Terms(
        PUBLIC,
        "A document, to download",
        answers=tuple(Answer(200, "The file", _FILE, each.value) for each in MediaType),
        errors=(404,),
    ),
)
def show(document_id: UUID) -> ResponseReturnValue:
    return hand_out(open_document(str(document_id)))


@routes.delete(
    f"{PATH}/<uuid:document_id>",
    Terms(RECORDER, "Remove a document", answers=(Answer(204, "Removed"),), errors=(404, 503)),
)
def remove(document_id: UUID) -> ResponseReturnValue:
    with current_register().read() as reader:
        found = find_document(reader.connection, str(document_id))
    check_may_remove(found)
    remove_document(current_register(), found.id)
    return Response(status=204)


def hand_out(found: Document) -> Response:
    """The file as a download that no browser shows or runs."""
    register = current_register()
    data = load(register.settings, register.vault, found.digest)
    response = Response(data, content_type=found.media_type.value)
    name = f"{found.kind.value}-{found.digest.hex()[:12]}.{found.media_type.suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = SANDBOX
    if found.tier is Tier.PT1:
        response.headers["Cache-Control"] = "public, max-age=60"
        return json.with_etag(response)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _next(found: list[Document]) -> str | None:
    if len(found) < PAGE:
        return None
    subject = request.args.get("subject")
    return f"{PATH}?before={found[-1].id}" + (f"&subject={found[-1].subject}" if subject else "")
