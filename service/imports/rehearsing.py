"""A dry run: rows are judged like those that are recorded, by what is recorded now, and nothing is stored of them.

Rows are judged in stretches; within one, each row is judged by what those before it would have changed. A row about a
battery that an earlier stretch had rows about is undecided: what those change is not carried over.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from zlib import crc32

from service.errors import ServiceError
from service.imports.outcomes import Outcome, Status, refused
from service.imports.preparing import Prepared
from service.private.values import Cabinet
from service.recording.admission import Admitted
from service.recording.judging import Docket
from service.work import Register

BITS = 27


class Seen:
    """What earlier stretches were about, as bits: 16 MB, whatever the number of rows. Wrongly yes once in a while."""

    def __init__(self) -> None:
        self._bits = bytearray(1 << BITS - 3)

    def add(self, name: str) -> None:
        place = crc32(name.encode()) & (1 << BITS) - 1
        self._bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, name: str) -> bool:
        place = crc32(name.encode()) & (1 << BITS) - 1
        return bool(self._bits[place >> 3] >> (place & 7) & 1)


def rehearse(register: Register, batch: Prepared, seen: Seen) -> list[Outcome]:
    """What would become of the rows of a stretch."""
    outcomes = dict(batch.outcomes)
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        cabinet, now = Cabinet(reader.connection, register.vault), register.clock()
        docket = Docket.open(reader.connection, registry, batch.admitted, size=reader.size(), cabinet=cabinet)
        known = reader.find([item.submission.event.id for item in batch.admitted])
        for at, item in zip(batch.places, batch.admitted, strict=True):
            number = batch.rows[at]
            if (index := known.get(item.submission.event.id)) is not None:
                outcomes[at] = Outcome(number, Status.UNCHANGED, index)
            elif any(name in seen for name in _rests_on(item)):
                outcomes[at] = Outcome(number, Status.UNDECIDED)
            else:
                try:
                    docket.judge(item, received_at=now)
                except ServiceError as error:
                    outcomes[at] = refused(number, error)
                else:
                    outcomes[at] = Outcome(number, Status.ACCEPTED)
    for item in batch.admitted:
        for name in _changes(item):
            seen.add(name)
    return [outcomes[at] for at in range(len(batch.rows))]


def _changes(item: Admitted) -> Iterator[str]:
    """The batteries that an event is about, listed ones with them, and the model that it publishes."""
    event = item.submission.event
    yield from event.subjects
    body: Mapping[str, Any] = event.body
    if event.type == "publish_model":
        yield f"model:{body.get('model_id')}"
    yield from (str(module.get("code")) for module in body.get("modules", ()))


def _rests_on(item: Admitted) -> Iterator[str]:
    """What an event is judged by: what it changes, and the model that it names."""
    yield from _changes(item)
    yield f"model:{item.submission.event.body.get('model_id')}"
