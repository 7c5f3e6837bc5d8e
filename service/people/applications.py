"""Applications of organisations: handed in by anybody, decided by the authority.

An application holds the body of an enrolment without its id, checked as an enrolment is, and how to reach whoever sent
it. Approved, it becomes an entry of the log; then the service makes a signing key for the organisation and an
invitation for its first administrator. Each step can be done again after a crash, and of two decisions one counts. The
contact is personal data: it is erased thirty days after the decision.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, select

from ledger.entry import format_time, parse_time
from service.db.people_tables import application as applications
from service.domain.bodies.keeping import EnrolOperator
from service.domain.errors import InvalidBody
from service.domain.events import body_mapping, parse_body
from service.domain.roles import Role
from service.domain.uuid7 import make_uuid7
from service.errors import BusyError, ConflictError, Fault, FaultyError, NotFoundError, RefusedError
from service.operators import current_registry, enrol_operator, make_custodial_key
from service.people.accounts import Invited, check_invited, invite, list_people
from service.people.acts import By
from service.people.roles import PersonRole
from service.recording.recorder import Recorder
from service.recording.registry import ENROL

OPEN, APPROVED, REJECTED = "open", "approved", "rejected"
MOST_OPEN = 1000
LONGEST_CONTACT = 500
CONTACT_KEPT = timedelta(days=30)

_STAND_IN = "applicant"
"""For the id that the authority gives later."""
_column = applications.c


@dataclass(frozen=True, slots=True)
class Application:
    """What an organisation asked for. contact: "" once it was erased. operator: the id it was approved under."""

    id: str
    enrolment: EnrolOperator
    contact: str
    state: str
    created_at: datetime
    decided_at: datetime | None
    operator: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Approved:
    """What came of an approval: the first administrator's invitation, None where the organisation has people."""

    operator: str
    invitation: str | None


def apply(connection: Connection, body: Mapping[str, Any], contact: str, *, now: datetime) -> Application:
    """Hand in an application: the members of an enrolment without `operator_id`, and how to be reached.

    Raises RefusedError with everything that is wrong, BusyError where too many wait for a decision.
    """
    faults = []
    try:
        enrolment = _parse(dict(body) | {"operator_id": _STAND_IN})
    except RefusedError as error:
        faults = list(error.faults)
    else:
        if Role.AUTHORITY in enrolment.roles:
            faults = [Fault("/roles", "roles", "there is one authority already", "登记机构只有一个")]
    if "operator_id" in body:
        faults.append(Fault("/operator_id", "unknown", "the authority gives the id", "编号由登记机构给定"))
    if not _is_text(contact):
        en = f"say in 1 to {LONGEST_CONTACT} characters how to reach you"
        faults.append(Fault("/contact", "contact", en, f"请用1至{LONGEST_CONTACT}个字符说明联系方式"))
    if faults:
        raise RefusedError(faults)
    waiting = connection.execute(select(func.count()).select_from(applications).where(_column.state == OPEN))
    if waiting.scalar_one() >= MOST_OPEN:
        raise BusyError("too many applications wait for a decision: send the same again another day")
    id_ = make_uuid7(int(now.timestamp() * 1000), os.urandom(10))
    members = {name: value for name, value in body_mapping(enrolment).items() if name != "operator_id"}
    row = applications.insert().values(
        id=id_,
        enrolment=orjson.dumps(members),
        contact=contact,
        state=OPEN,
        created_at=format_time(now),
        decided_by="",
        reason="",
    )
    connection.execute(row)
    return find_application(connection, id_)


def list_applications(connection: Connection, *, state: str | None = None) -> Sequence[Application]:
    """Applications, newest first; at most as many as may wait."""
    query = select(applications).order_by(_column.id.desc()).limit(MOST_OPEN)
    if state is not None:
        query = query.where(_column.state == state)
    return [_read(row) for row in connection.execute(query)]


def find_application(connection: Connection, id_: str) -> Application:
    """One application. Raises NotFoundError."""
    row = connection.execute(select(applications).where(_column.id == id_)).one_or_none()
    if row is None:
        raise NotFoundError("no such application")
    return _read(row)


def approve(recorder: Recorder, id_: str, invited: Invited, by: By) -> Approved:
    """Enrol the organisation as `invited.operator`, and invite its first administrator.

    An approval that a crash broke off is completed by the same approval again. Raises NotFoundError, ConflictError
    where it was decided otherwise or the id is taken, RefusedError for what cannot be enrolled; then it stays open.
    """
    register = recorder.register
    operator = invited.operator
    with register.read() as reader:
        application = find_application(reader.connection, id_)
        _parse(_members(application.enrolment, operator))
        registry = register.current_registry(reader.connection)
        has_people = bool(list_people(reader.connection, operator))
        if not has_people:
            check_invited(reader.connection, invited)
    if application.state == OPEN:
        if operator in registry.operators:
            raise _conflict("/operator", "operator_taken", f"{operator} is enrolled already", f"{operator}已登记")
        with register.write_beside() as connection:
            _decide(connection, id_, APPROVED, by, operator=operator)
    elif application.state != APPROVED or application.operator != operator:
        raise _decided()
    if operator not in registry.operators:
        _enrol(recorder, application, operator)
    if operator not in current_registry(register).held:
        make_custodial_key(recorder, operator)
    if has_people:
        return Approved(operator, None)
    with register.write_beside() as connection:
        return Approved(operator, invite(connection, invited, by)[1])


def reject(connection: Connection, id_: str, reason: str, by: By) -> None:
    """Turn an application down. Raises NotFoundError, ConflictError where it is decided, RefusedError for no reason."""
    if not _is_text(reason):
        raise RefusedError([Fault("/reason", "reason", "say why, in 1 to 500 characters", "请用1至500个字符说明理由")])
    find_application(connection, id_)
    _decide(connection, id_, REJECTED, by, reason=reason)


def forget_contacts(connection: Connection, now: datetime) -> None:
    """Erase how to reach those whose application was decided long enough ago."""
    long_ago = format_time(now - CONTACT_KEPT)
    connection.execute(applications.update().where(_column.decided_at <= long_ago).values(contact=None))


def first_admin(operator: str, login: str, name: str) -> Invited:
    """The first administrator of an organisation that is approved."""
    return Invited(operator, login, name, PersonRole.ADMIN)


def _enrol(recorder: Recorder, application: Application, operator: str) -> None:
    """Record the enrolment; where it is refused, the application waits again."""
    try:
        enrol_operator(recorder, _members(application.enrolment, operator))
    except FaultyError:
        with recorder.register.write_beside() as connection:
            _reopen(connection, application.id)
        raise


def _members(enrolment: EnrolOperator, operator: str) -> dict[str, Any]:
    return body_mapping(enrolment) | {"operator_id": operator}


def _parse(members: Mapping[str, Any]) -> EnrolOperator:
    """An enrolment. Raises RefusedError with everything that is wrong."""
    try:
        parsed = parse_body(ENROL, members)
    except InvalidBody as error:
        faults = [Fault(each.pointer, each.code, each.message_en, each.message_zh) for each in error.problems]
        raise RefusedError(faults) from None
    assert isinstance(parsed, EnrolOperator)
    return parsed


def _is_text(text: str) -> bool:
    """Whether it is something to read: not empty, not too long, and without what cannot be seen."""
    return 0 < len(text) <= LONGEST_CONTACT and all(each.isprintable() or each in "\r\n" for each in text)


def _decide(connection: Connection, id_: str, state: str, by: By, **values: str) -> None:
    """Of any number of decisions at once, one comes through. Raises ConflictError for the others."""
    update = applications.update().where(_column.id == id_, _column.state == OPEN)
    decided = update.values(state=state, decided_at=format_time(by.now), decided_by=by.actor, **values)
    if connection.execute(decided).rowcount != 1:
        raise _decided()


def _reopen(connection: Connection, id_: str) -> None:
    values = {"state": OPEN, "decided_at": None, "decided_by": "", "operator": None}
    connection.execute(applications.update().where(_column.id == id_).values(values))


def _decided() -> ConflictError:
    return _conflict("", "decided", "this application was decided already", "该申请已作出决定")


def _conflict(pointer: str, code: str, en: str, zh: str) -> ConflictError:
    return ConflictError(en, [Fault(pointer, code, en, zh)])


def _read(row: Row[Any]) -> Application:
    return Application(
        row.id,
        _parse(orjson.loads(row.enrolment) | {"operator_id": _STAND_IN}),
        row.contact or "",
        row.state,
        parse_time(row.created_at),
        parse_time(row.decided_at) if row.decided_at else None,
        row.operator,
        row.reason,
    )
