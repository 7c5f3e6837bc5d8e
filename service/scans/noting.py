"""Noting that a label was before a camera, and what that gives away.

Nothing of who scanned is kept: no address, no device, no account; of an organisation only which one. The place is a
cell of about 5 km that the phone worked out before it told, or the division in which an organisation is enrolled.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from ledger.entry import format_time, parse_time
from service.db.scan_tables import sighting
from service.domain.copies import CopySign, Sighting, Suspicion, find_signs
from service.domain.places import CELL_LENGTH, Place, place_of_cell, place_of_region
from service.recording.listings import load_known
from service.scans.alerts import raise_alerts
from service.work import Register

KEPT = timedelta(days=30)
"""How long a sighting is kept: shared reference D, retention of places of scans."""
RULED_OUT = frozenset({"in-a-vehicle", "vehicle-mismatch", "life-ended"})
"""Rules, see `service.domain.breaches`, that refuse what only another battery of the same code could have done."""
FORGET_SECONDS = 3600.0
LOOKED_AT = 20
"""So many of the newest sightings of a battery are compared: a label may be read by many people in a day."""


def note_sighting(register: Register, code: str, *, cell: str | None, operator: str | None) -> list[Suspicion]:
    """Keep a sighting of now of a registered code, and raise an alert for each sign of a copy.

    Raises InvalidCode for a wrong cell.

    Without a cell the place is that of the organisation, and unknown for everybody else.
    """
    if cell:
        place_of_cell(cell)
    now = register.clock()
    minute = now.replace(second=0, microsecond=0)
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        state = load_known(reader.connection, [code], registry.models)[code]
        enrolled = registry.operators.get(operator) if operator else None
        told = cell or (enrolled.enrolment.region if enrolled else "")
        seen = Sighting(code, minute, told, _place(told), operator)
        signs = list(find_signs(seen, _newest(reader.connection, code, minute - KEPT), state))
    if not told and not signs:
        return []  # a sighting without a place says nothing that a later one could be held against
    with register.write_beside() as connection:
        connection.execute(sighting.insert().values(code=code, at=format_time(minute), cell=told, operator=operator))
        raise_alerts(connection, signs, state, now)
    return signs


def note_refusal(register: Register, operator: str, code: str) -> None:
    """Raise an alert where `operator`, a stranger to the battery, was refused an event by one of `RULED_OUT`."""
    now = register.clock()
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        state = load_known(reader.connection, [code], registry.models).get(code)
        enrolled = registry.operators.get(operator)
    if state is None or operator in (state.maker, state.holder):
        return
    told = enrolled.enrolment.region if enrolled else ""
    seen = Sighting(code, now.replace(second=0, microsecond=0), told, _place(told), operator)
    with register.write_beside() as connection:
        raise_alerts(connection, [Suspicion(CopySign.TWO_LIVES, None, seen)], state, now)


def forget_old(register: Register) -> None:
    """Delete sightings that are older than KEPT."""
    with register.write_beside() as connection:
        connection.execute(sighting.delete().where(sighting.c.at < format_time(register.clock() - KEPT)))


def _newest(connection: Connection, code: str, since: datetime) -> Sequence[Sighting]:
    query = (
        select(sighting)
        .where(sighting.c.code == code, sighting.c.at >= format_time(since))
        .order_by(sighting.c.at.desc())
        .limit(LOOKED_AT)
    )
    return [
        Sighting(code, parse_time(row.at), row.cell, _place(row.cell), row.operator)
        for row in connection.execute(query)
    ]


def _place(told: str) -> Place | None:
    if not told:
        return None
    return place_of_cell(told) if len(told) == CELL_LENGTH else place_of_region(told)
