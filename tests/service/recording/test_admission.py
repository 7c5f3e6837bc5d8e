"""Admission: what is wrong with an event in itself is said before anybody takes a lock, every fault with its place."""

from typing import Any

import pytest

from ledger.entry import build_event, format_time, parse_event
from ledger.signing.jws import Ed25519EventSigner, sign_event
from ledger.signing.keyring import key_body
from service import operators
from service.errors import ConflictError, NotPermittedError, RefusedError
from tests.service.town import LAB, ORIGIN, WORKSHOP, Town, committed, new_id, pack, vin

FRESH = 950_000


def faults(town: Town, operator: str, members: dict[str, Any], private: dict[str, Any] | None = None) -> list[str]:
    """The pointers and codes of a refusal."""
    with pytest.raises(RefusedError) as refused:
        operators.admit_custodial(town.register, operator, operators.CustodialEvent(members, private or {}))
    assert all(fault.message_en and fault.message_zh for fault in refused.value.faults)
    return [f"{fault.pointer} {fault.code}" for fault in refused.value.faults]


def soh(town: Town, **changes: Any) -> dict[str, Any]:
    body = {"soce_ppm": 885_000, "remaining_capacity_mah": 133_100, "full_cycles": 640, "method": "bms"}
    members = {
        "type": "report_soh", "subjects": [pack(1)], "occurred_at": format_time(town.clock.now), "body": body,
    }  # fmt: skip
    return {name: value for name, value in (members | changes).items() if value is not None}


def test_an_event_told_in_custody_is_completed_and_signed(town: Town) -> None:
    admitted = operators.admit_custodial(town.register, "cq-motors", operators.CustodialEvent(soh(town), {}))
    event = parse_event(admitted.submission.event.data)
    assert (event.actor, event.log) == ("cq-motors", ORIGIN)
    assert admitted.header.kid == "cq-motors/custody-1"
    assert admitted.header.custodial


@pytest.mark.parametrize("name", ["actor", "log", "v", "jws", "private", "more"])
def test_what_the_service_says_itself_cannot_be_told(town: Town, name: str) -> None:
    assert faults(town, "cq-motors", soh(town) | {name: "cq-cells"}) == [f"/{name} unknown"]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"type": "explode"}, ["/type kind"]),
        ({"type": 5}, [" malformed"]),
        ({"type": None}, [" malformed"]),
        ({"subjects": "x"}, [" malformed"]),
        ({"id": "no uuid"}, [" malformed"]),
        ({"id": ["x"]}, [" malformed"]),
        ({"occurred_at": None}, [" malformed"]),
        ({"occurred_at": "2026-05-02"}, [" malformed"]),
        ({"body": []}, [" malformed"]),
        ({"body": {"a": 1.5}}, [" malformed"]),
        ({"body": {"a": "e\u0301"}}, [" malformed"]),
        ({"body": {"A": 1}}, [" malformed"]),
        ({"body": {"method": "x" * 51_000}}, [" malformed"]),
        ({"body": {}}, [
            "/body/soce_ppm missing", "/body/remaining_capacity_mah missing", "/body/full_cycles missing",
            "/body/method missing",
        ]),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_place(town: Town, changes: dict[str, Any], found: list[str]) -> None:
    assert faults(town, "cq-motors", soh(town, **changes)) == found


@pytest.mark.parametrize(
    ("private", "found"),
    [
        ({"colour": "red"}, "/private/colour unknown"),
        ({"vin": 5}, "/private/vin type"),
        ({"vin": 1.5}, "/private/vin malformed"),
        ({"vin": "LSVAA49J412345678"}, "/private/vin invalid"),
        ({"vin": vin(1).lower()}, "/private/vin pattern"),
        ({"vin": ""}, "/private/vin length"),
        ({"vin": vin(1), "odometer_km": 1}, "/private/odometer_km twice"),
        ({}, "/body/vin missing"),
    ],
)
def test_a_restricted_value_must_be_one(town: Town, private: dict[str, Any], found: str) -> None:
    members = soh(town, type="install", body={"odometer_km": 1})
    assert faults(town, "cq-motors", members, private) == [found]


# --- signed events


def admit(town: Town, members: dict[str, Any], jws: str = "", private: dict[str, Any] | None = None) -> None:
    jws = jws or sign_event(build_event(members).data, WORKSHOP)
    operators.desk(town.register).admit_signed(members, jws, private or {})


def test_a_signed_event_is_taken_as_it_is(town: Town) -> None:
    members, private = committed(town.members("cq-repair", "report_soh", pack(1), full_cycles=900))
    admit(town, members, private=private)
    shuffled = dict(reversed(members.items()))
    admit(town, shuffled, sign_event(build_event(members).data, WORKSHOP), private)


@pytest.mark.parametrize("name", ["soce_ppm", "note"])
def test_a_restricted_value_may_not_stand_in_a_signed_event(town: Town, name: str) -> None:
    """What is signed is what is hashed for ever: the service cannot take it out."""
    plain = town.members("cq-repair", "report_soh", pack(1), full_cycles=900)
    members, private = committed(plain)
    members["body"][name] = plain["body"][name]
    with pytest.raises(RefusedError) as refused:
        admit(town, members, private=private)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(f"/body/{name}", "restricted")]


def test_every_commitment_of_a_signed_event_must_be_disclosed_to_the_register(town: Town) -> None:
    members, private = committed(town.members("cq-repair", "report_soh", pack(1), full_cycles=900))
    del private["soce_ppm"]
    with pytest.raises(RefusedError) as refused:
        admit(town, members, private=private)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/private/soce_ppm", "missing")]


def test_a_fault_of_a_restricted_value_is_named_where_it_was_told(town: Town) -> None:
    members, private = committed(town.members("cq-repair", "report_soh", pack(1), soce_ppm=-1, full_cycles=900))
    with pytest.raises(RefusedError) as refused:
        admit(town, members, private=private)
    assert [fault.pointer for fault in refused.value.faults] == ["/private/soce_ppm/value"]
    incomplete = town.members("cq-repair", "report_soh", pack(1), soce_ppm=None)
    members, private = committed(incomplete)
    with pytest.raises(RefusedError) as refused:
        admit(town, members, private=private)
    assert [fault.pointer for fault in refused.value.faults] == ["/body/soce_ppm_commitment"]


@pytest.mark.parametrize("name", ["actor", "body", "id", "log", "occurred_at", "subjects", "type", "v"])
def test_nothing_of_a_signed_event_may_differ_from_what_was_signed(town: Town, name: str) -> None:
    members, private = committed(town.members("cq-repair", "report_soh", pack(1), full_cycles=900))
    jws = sign_event(build_event(members).data, WORKSHOP)
    other = {
        "actor": "cq-lab", "body": members["body"] | {"method": "charge_test"}, "id": new_id(town.clock.now),
        "log": "other.test/log", "occurred_at": "2026-05-01T00:00:00.000Z", "subjects": [pack(2)],
        "type": "retire", "v": 2,
    }  # fmt: skip
    with pytest.raises((RefusedError, NotPermittedError)):
        admit(town, members | {name: other[name]}, jws, private)


def test_a_signature_by_another_or_unknown_key_is_refused(town: Town) -> None:
    members, private = committed(town.members("cq-repair", "report_soh", pack(1), full_cycles=900))
    data = build_event(members).data
    for signer in (
        LAB,
        Ed25519EventSigner(WORKSHOP.header.kid, b"?" * 32),
        Ed25519EventSigner("cq-repair/bench-9", b"?" * 32),
        Ed25519EventSigner(WORKSHOP.header.kid, b"s" * 32, custodial=True),
        Ed25519EventSigner("cq-repair/bench-1", b"r" * 32),
    ):
        with pytest.raises(NotPermittedError):
            admit(town, members, sign_event(data, signer), private)
    with pytest.raises(RefusedError, match="detached JWS"):
        admit(town, members, "nonsense", private)


@pytest.mark.parametrize(
    "private",
    [
        {"vin": vin(1)}, {"vin": {"value": vin(1)}}, {"vin": {"value": vin(1), "salt": ""}},
        {"vin": {"value": vin(1), "salt": "AAAA"}}, {"vin": {"value": vin(1), "salt": 5}},
        {"vin": {"value": vin(1), "salt": "A" * 43 + "="}}, {"vin": {"value": 5, "salt": "A" * 43 + "="}},
        {"name": {"value": "x", "salt": "A" * 43 + "="}},
    ],
)  # fmt: skip
def test_a_disclosure_must_fit_its_commitment(town: Town, private: dict[str, Any]) -> None:
    members, disclosed = committed(town.members("cq-repair", "retire", pack(1)))
    members["body"]["vin_commitment"] = "B" * 42 + "A="
    with pytest.raises(RefusedError) as refused:
        admit(town, members, private=disclosed | private)
    assert refused.value.faults[0].pointer.startswith(("/private/", "/body/vin_commitment"))


# --- events about keys


def test_an_event_about_a_key_names_no_battery(town: Town) -> None:
    """Otherwise whoever has a key could write into the history of any battery."""
    fresh = Ed25519EventSigner("cq-repair/bench-3", b"3" * 32)
    bodies = {
        "register_key": key_body(fresh.header, fresh.public_key),
        "revoke_key": {"kid": WORKSHOP.header.kid, "reason": "x"},
    }
    for kind, body in bodies.items():
        members = town.members("cq-repair", kind, pack(1)) | {"body": body}
        with pytest.raises(RefusedError, match="names no battery"):
            admit(town, members)
        admit(town, members | {"subjects": []}, "")


@pytest.mark.parametrize(
    "body", [{}, {"kid": "a/b"}, {"kid": "a/b", "reason": 5}, {"kid": "a/b", "reason": "x", "z": 1}]
)
def test_a_revocation_names_kid_and_reason(town: Town, body: dict[str, Any]) -> None:
    members = town.members("cq-repair", "revoke_key") | {"body": body}
    with pytest.raises(RefusedError):
        admit(town, members)


def test_nobody_opens_the_log_again(town: Town) -> None:
    fresh = Ed25519EventSigner("cq-repair/bench-3", b"3" * 32)
    members = town.members("cq-repair", "open_log") | {
        "body": {
            "authority_key": key_body(fresh.header, fresh.public_key),
            "log_keys": list(town.register.registry.log_keys.vkeys),
        }
    }
    jws = sign_event(build_event(members).data, WORKSHOP)
    admitted = operators.desk(town.register).admit_signed(members, jws, {})
    [outcome] = town.recorder.record([admitted])
    assert isinstance(outcome, ConflictError)


def test_an_operator_registers_and_revokes_only_its_own_keys(town: Town) -> None:
    foreign = Ed25519EventSigner("cq-lab/extra", b"3" * 32)
    unknown = Ed25519EventSigner("cq-nobody/k1", b"3" * 32)
    outcomes = town.recorder.record([
        town.sign(WORKSHOP, "register_key", **key_body(foreign.header, foreign.public_key)),
        town.sign(WORKSHOP, "revoke_key", kid=LAB.header.kid, reason="envy"),
        town.tell("cq-city", "register_key", **key_body(unknown.header, unknown.public_key)),
        town.tell("cq-city", "register_key", **key_body(WORKSHOP.header, WORKSHOP.public_key)),
        town.tell("cq-city", "revoke_key", kid="cq-repair/bench-1", reason="again"),
    ])  # fmt: skip
    assert [type(outcome) for outcome in outcomes] == [
        NotPermittedError, NotPermittedError, RefusedError, ConflictError, ConflictError,
    ]  # fmt: skip


def test_only_the_authority_enrols(town: Town) -> None:
    item = town.tell("cq-cells", "enrol_operator", operator_id="cq-friend", name="友", roles=["maker"], region="500112")
    assert isinstance(town.recorder.record([item])[0], NotPermittedError)
