"""The log as C2SP tlog-tiles: checkpoint, tiles, entry bundles, and the keys to check them with.

Only what is inside the present checkpoint is served, so a tile never tells more than was signed. Tiles and bundles
never change, a partial one grows under another name. Entry bundles hold events whole and are for auditors.

Source: C2SP tlog-tiles.
"""

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.auth import AUDITOR, PUBLIC
from api.edge import current_register
from api.routes import Answer, Routes, Terms
from api.target import raw_path
from ledger.errors import MalformedError
from ledger.tile import TILE_WIDTH, encode_bundle, parse_bundle_path, parse_tile_path
from service.errors import NotFoundError

routes = Routes("log")

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"
_HASHES = {"type": "string", "format": "binary"}
_NOTE = {"type": "string"}


@routes.get(
    "/log/checkpoint",
    Terms(PUBLIC, "The newest witnessed checkpoint", answers=(Answer(200, "A signed note", _NOTE, "text/plain"),)),
)
def show_checkpoint() -> ResponseReturnValue:
    with current_register().read() as reader:
        note = reader.served()
    response = Response(note, content_type=TEXT)
    response.headers["Cache-Control"] = "public, max-age=1"
    return json.with_etag(response)


@routes.get(
    "/log/vkeys",
    Terms(PUBLIC, "The log's verifier keys, one a line", answers=(Answer(200, "C2SP vkeys", _NOTE, "text/plain"),)),
)
def show_vkeys() -> ResponseReturnValue:
    register = current_register()
    with register.read() as reader:
        vkeys = register.current_registry(reader.connection).log_keys.vkeys
    text = "".join(f"{vkey}\n" for vkey in vkeys)
    response = Response(text, content_type=TEXT)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@routes.get(
    "/log/tile/entries/<path:bundle>",
    Terms(
        AUDITOR,
        "Up to 256 entries, each after its length in two bytes",
        answers=(Answer(200, "An entry bundle", _HASHES, BYTES),),
        errors=(404,),
    ),
)
def show_bundle(bundle: str) -> ResponseReturnValue:
    try:
        index, width = parse_bundle_path(_asked())
    except MalformedError:
        raise NotFoundError("no such entry bundle") from None
    start = index * TILE_WIDTH
    with current_register().read() as reader:
        if start + width > reader.size():
            raise NotFoundError("no such entry bundle")
        entries = list(reader.entries(start, start + width))
    return Response(encode_bundle(entries), content_type=BYTES)


@routes.get(
    "/log/tile/<path:tile>",
    Terms(
        PUBLIC,
        "Up to 256 hashes of the tree: <level>/<index>, or <level>/<index>.p/<width> for a partial tile",
        answers=(Answer(200, "A tile", _HASHES, BYTES),),
        errors=(404,),
    ),
)
def show_tile(tile: str) -> ResponseReturnValue:
    try:
        wanted = parse_tile_path(_asked())
    except MalformedError:
        raise NotFoundError("no such tile") from None
    with current_register().read() as reader:
        hashes = reader.tile(wanted)
    if hashes is None:
        raise NotFoundError("no such tile in the present checkpoint")
    response = Response(hashes, content_type=BYTES)
    response.headers["Cache-Control"] = FOR_EVER
    return response


def _asked() -> str:
    """The part of the raw path that the specification defines, from `tile/` on."""
    return raw_path().removeprefix("/log/")
