"""A form with a large file: its fields are read first, then its file, piece by piece.

The fields stand before the file, the token of the form among them. So a request is known to be of a page of ours
before a byte of its file is read, and the file goes to its place without a copy of it in memory or on the disk.
"""

from collections.abc import Iterator
from typing import NamedTuple

from flask import g, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

PIECE = 256 * 1024
MOST_TEXT = 64 * 1024
"""Characters of the fields before the file, all together."""
MOST_PARTS = 20
SPARE = 1024 * 1024
"""What may stand around the file."""


class SentFile(NamedTuple):
    """pieces: of its content; they can be read once."""

    name: str
    pieces: Iterator[bytes]


def open_file_form(most: int) -> None:
    """Read the fields before the file into `request.form`; the file, of at most so many bytes, is left to `sent_file`.

    Raises BadRequest, RequestEntityTooLarge.
    """
    boundary = request.mimetype_params.get("boundary")
    if request.mimetype != "multipart/form-data" or not boundary:
        return
    request.max_content_length = most + SPARE
    events = _events(boundary.encode())
    fields, name, length = dict[str, bytearray](), "", 0
    for event in events:
        match event:
            case File():
                g.sent_file = SentFile(event.filename or "", _pieces(events))
                break
            case Field():
                name = event.name or ""
                fields[name] = bytearray()
            case Data():
                fields[name] += event.data
                length += len(event.data)
                if length > MOST_TEXT:
                    raise RequestEntityTooLarge
    texts = {name: text.decode(errors="replace") for name, text in fields.items()}
    request.form, request.files = ImmutableMultiDict(texts), ImmutableMultiDict()


def sent_file() -> SentFile | None:
    """The file of the form that was opened; None where it has none."""
    found: SentFile | None = g.get("sent_file")
    return found


def _events(boundary: bytes) -> Iterator[Event]:
    """The parts of the body as they come. What is held of it at a time is bounded."""
    decoder = MultipartDecoder(boundary, 2 * PIECE, max_parts=MOST_PARTS)
    while True:
        piece = request.stream.read(PIECE)
        try:
            decoder.receive_data(piece or None)
            while not isinstance(event := decoder.next_event(), NeedData):
                yield event
                if isinstance(event, Epilogue):
                    return
        except ValueError:
            raise BadRequest("the form was cut off, or is none") from None


def _pieces(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, Data):
            yield event.data
            if not event.more_data:
                break
    while request.stream.read(PIECE):  # whatever stands behind it is nobody's
        pass
