"""Applications of organisations: handed in, approved once, rejected, and their contacts erased."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import orjson
import pytest

from service.domain.uscc import uscc_check_character
from service.errors import BusyError, ConflictError, NotFoundError, RefusedError
from service.operators import current_registry
from service.people import applications
from service.people.accounts import list_people
from service.people.acts import By
from service.people.applications import APPROVED, OPEN, REJECTED, Application, Approved, first_admin
from service.people.roles import PersonRole
from service.people.tidying import tidy_people
from service.recording.recorder import Recorder
from service.work import Register
from tests.service.town import StillClock

CONTACT = "李伟，023 1234 5678"
LICENCE = {"licence": "hazardous_waste", "number": "CQ-17", "valid_from": "2024-01-01", "scope": "废旧锂电池"}
BODY: dict[str, Any] = {
    "name": "重庆再生",
    "name_en": "Chongqing Renewal",
    "uscc": "",
    "region": "500107",
    "roles": ["recycler"],
    "licences": [LICENCE],
}


_NUMBERS = count(1)


def body(**changes: Any) -> dict[str, Any]:
    """What another organisation hands in each time: its credit code is its own."""
    first = f"91500107MA5U{next(_NUMBERS):05d}"
    return BODY | {"uscc": first + uscc_check_character(first)} | changes


def hand_in(register: Register, told: dict[str, Any] | None = None, contact: str = CONTACT) -> Application:
    with register.write_beside() as connection:
        return applications.apply(connection, told or body(), contact, now=register.clock())


def approve(recorder: Recorder, application: Application, operator: str, login: str = "") -> Approved:
    admin = first_admin(operator, login or f"admin.{operator}", "李伟")
    return applications.approve(recorder, application.id, admin, By("authority-person", recorder.register.clock()))


def test_an_application_is_kept_as_it_was_told(register: Register) -> None:
    application = hand_in(register)
    with register.read() as reader:
        found = applications.find_application(reader.connection, application.id)
        waiting = applications.list_applications(reader.connection, state=OPEN)
    assert found == application and found in waiting
    assert (found.contact, found.enrolment.name_en, found.state) == (CONTACT, "Chongqing Renewal", OPEN)
    assert found.enrolment.licences is not None and found.enrolment.licences[0].number == "CQ-17"


@pytest.mark.parametrize(
    ("changes", "contact", "pointers"),
    [
        ({"uscc": "91500107MA5U00009X"}, CONTACT, ["/uscc"]),
        ({"region": "999999"}, CONTACT, ["/region"]),
        ({"roles": []}, CONTACT, ["/roles"]),
        ({"roles": ["authority"]}, CONTACT, ["/roles"]),
        ({"roles": ["king"]}, CONTACT, ["/roles/0"]),
        ({"licences": [LICENCE | {"valid_from": "yesterday"}]}, CONTACT, ["/licences/0/valid_from"]),
        ({"state": "approved"}, CONTACT, ["/state"]),
        ({}, "", ["/contact"]),
        ({}, "x" * 501, ["/contact"]),
        ({}, "a\x00b", ["/contact"]),
        ({"operator_id": "cq-mine"}, CONTACT, ["/operator_id"]),
        ({"region": "x", "name": ""}, "", ["/name", "/region", "/contact"]),
    ],
)
def test_everything_wrong_is_told_and_nothing_kept(
    register: Register, changes: dict[str, Any], contact: str, pointers: list[str]
) -> None:
    with register.read() as reader:
        before = applications.list_applications(reader.connection)
    with pytest.raises(RefusedError) as refused:
        hand_in(register, body(**changes), contact)
    assert [fault.pointer for fault in refused.value.faults] == pointers
    assert all(fault.message_zh for fault in refused.value.faults)
    with register.read() as reader:
        assert applications.list_applications(reader.connection) == before


def test_an_approval_enrols_with_licences_key_and_an_invitation(recorder: Recorder, register: Register) -> None:
    application = hand_in(register)
    approved = approve(recorder, application, "cq-renewal")
    registry = current_registry(register)
    assert registry.operators["cq-renewal"].enrolment.licences == application.enrolment.licences
    assert registry.held["cq-renewal"] == "cq-renewal/custody-1"
    with register.read() as reader:
        [admin] = list_people(reader.connection, "cq-renewal")
        decided = applications.find_application(reader.connection, application.id)
        [entry] = [e for e in reader.entries(0, reader.size()) if b"cq-renewal" in e and b"enrol_operator" in e]
    assert (admin.role, admin.has_joined) == (PersonRole.ADMIN, False) and approved.invitation
    assert (decided.state, decided.operator) == (APPROVED, "cq-renewal")
    assert CONTACT.encode() not in entry and orjson.dumps(admin.login) not in entry


def test_an_approval_that_broke_off_is_completed_and_a_second_one_changes_nothing(
    recorder: Recorder, register: Register
) -> None:
    application = hand_in(register)
    with register.write_beside() as connection:  # as far as it gets before the entry
        applications._decide(connection, application.id, APPROVED, By("", register.clock()), operator="cq-again")
    assert approve(recorder, application, "cq-again").invitation
    with register.read() as reader:
        size = reader.size()
    assert approve(recorder, application, "cq-again", "other.login").invitation is None
    with pytest.raises(ConflictError):
        approve(recorder, application, "cq-elsewhere")
    with register.read() as reader:
        assert reader.size() == size


def test_an_application_with_the_credit_code_of_another_organisation_stays_open(
    recorder: Recorder, register: Register
) -> None:
    told = body()
    approve(recorder, hand_in(register, told), "cq-known")
    second = hand_in(register, told)
    with pytest.raises(ConflictError) as refused:
        approve(recorder, second, "cq-second")
    assert [fault.code for fault in refused.value.faults] == ["uscc-taken"]
    assert "cq-second" not in current_registry(register).operators
    with register.read() as reader:
        assert applications.find_application(reader.connection, second.id).state == OPEN


def test_what_cannot_be_enrolled_stays_open(recorder: Recorder, register: Register) -> None:
    application = hand_in(register)
    for operator, login in (("Not An Id", ""), ("x\x00" * 50, "good.login"), ("cq-fine", "no login")):
        with pytest.raises(RefusedError):
            approve(recorder, application, operator, login)
    with pytest.raises(ConflictError):
        approve(recorder, application, "cq-cells")
    with register.read() as reader:
        assert applications.find_application(reader.connection, application.id).state == OPEN


def test_of_two_decisions_at_once_one_counts(recorder: Recorder, register: Register) -> None:
    application = hand_in(register)

    def decide(operator: str) -> bool:
        try:
            approve(recorder, application, operator)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(decide, [f"cq-race-{number}" for number in range(4)])) == 1
    enrolled = [each for each in current_registry(register).operators if each.startswith("cq-race-")]
    assert len(enrolled) == 1


def test_a_rejection_has_a_reason_and_ends_it(recorder: Recorder, register: Register) -> None:
    application = hand_in(register)
    by = By("", register.clock())
    with pytest.raises(RefusedError), register.write_beside() as connection:
        applications.reject(connection, application.id, "", by)
    with pytest.raises(NotFoundError), register.write_beside() as connection:
        applications.reject(connection, "no such", "why", by)
    with register.write_beside() as connection:
        applications.reject(connection, application.id, "no valid licence", by)
        found = applications.find_application(connection, application.id)
    assert (found.state, found.reason) == (REJECTED, "no valid licence")
    with pytest.raises(ConflictError):
        approve(recorder, application, "cq-rejected")


def test_the_contact_is_erased_thirty_days_after_the_decision(
    recorder: Recorder, register: Register, clock: StillClock
) -> None:
    waiting, decided = hand_in(register), hand_in(register)
    with register.write_beside() as connection:
        applications.reject(connection, decided.id, "why", By("", clock.now))

    def contacts() -> list[str]:
        tidy_people(register)
        with register.read() as reader:
            return [applications.find_application(reader.connection, a.id).contact for a in (waiting, decided)]

    clock.move(days=29)
    assert contacts() == [CONTACT, CONTACT]
    clock.move(days=1)
    assert contacts() == [CONTACT, ""]


def test_only_so_many_wait(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(register)
    monkeypatch.setattr(applications, "MOST_OPEN", 1)
    with pytest.raises(BusyError):
        hand_in(register)
