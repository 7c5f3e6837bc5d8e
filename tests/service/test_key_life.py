"""Signing keys of operators through the real pipeline: rotated, revoked, disputed, and all of it derived again."""

from typing import Any

import pytest

from ledger.bundle import parse_bundle, verify_bundle
from ledger.entry import parse_entry
from ledger.signing.jws import Ed25519EventSigner
from ledger.signing.keys import rotation_body
from service import operators
from service.errors import ConflictError, FaultyError, NotFoundError, NotPermittedError, RefusedError
from service.evidence import evidence_bundle
from service.history import battery_history
from service.recording.rebuilding import rebuild
from service.recording.registry import Registry, refresh
from service.work import Register
from tests.service.town import AUTHORITY, LAB, ORIGIN, WORKSHOP, SmartCard, Town, pack

FRESH = 800_000
NEXT = Ed25519EventSigner("cq-repair/bench-3", b"t" * 32)


def rotation(town: Town, old: Any, new: Any, **change: Any) -> Any:
    body = rotation_body(new, new.public_key, replaces=old.header.kid, origin=ORIGIN) | change
    return town.sign(old, "rotate_key", **body)


def registry(town: Town) -> Registry:
    """As the database has it, read by somebody who knew nothing before."""
    with town.register.read() as reader:
        return refresh(reader.connection, Registry())


def state(found: Registry) -> tuple[Any, ...]:
    ring = found.ring
    return found.index, ring.keys, ring.epochs, ring.log_keys, ring.disputes, ring.authority, found.held


@pytest.mark.parametrize(
    ("old", "new"), [(WORKSHOP, NEXT), (LAB, SmartCard("cq-lab/card-2", 0xFACADE))], ids=["Ed25519", "smart card"]
)
def test_an_operator_rotates_its_own_key(town: Town, old: Any, new: Any) -> None:
    [recorded] = town.must(rotation(town, old, new))
    town.must(town.sign(new, "report_soh", pack(1), full_cycles=900))
    with pytest.raises(NotPermittedError, match="not valid"):
        town.sign(old, "report_soh", pack(2), full_cycles=900)
    keys = registry(town).keys
    assert keys[old.header.kid].until == recorded.index == keys[new.header.kid].since - 1
    assert state(registry(town)) == state(town.register.registry)


def test_a_rotation_without_proof_of_the_new_key_is_not_admitted(town: Town) -> None:
    other = rotation_body(LAB, LAB.public_key, replaces=WORKSHOP.header.kid, origin=ORIGIN)["possession"]
    for change in ({"possession": other}, {"possession": "x"}, {"public_key": "AQ" + "A" * 41 + "="}):
        with pytest.raises(RefusedError):
            rotation(town, WORKSHOP, NEXT, **change)
    assert NEXT.header.kid not in registry(town).keys


def test_what_changed_since_admission_is_seen_under_the_lock(town: Town) -> None:
    """Two rotations of one key, admitted at once: the second finds it ended."""
    another = Ed25519EventSigner("cq-repair/bench-4", b"u" * 32)
    first, second = rotation(town, WORKSHOP, NEXT), rotation(town, WORKSHOP, another)
    outcomes = town.recorder.record([first, second])
    assert isinstance(outcomes[1], NotPermittedError)
    assert "cq-repair/bench-4" not in registry(town).keys


def test_a_key_in_custody_is_rotated_and_the_service_signs_with_the_new_one(town: Town) -> None:
    recorded = operators.rotate_custodial_key(town.recorder, "cq-cells/custody-1")
    entry = parse_entry(recorded.entry)
    assert entry.jws.header.kid == entry.event.body["replaces"] == "cq-cells/custody-1"
    [told] = town.must(town.tell("cq-cells", "register", pack(FRESH)))
    assert parse_entry(told.entry).jws.header.kid == "cq-cells/custody-2"
    with pytest.raises(ConflictError, match="ended"):
        operators.rotate_custodial_key(town.recorder, "cq-cells/custody-1")
    for unheld in (WORKSHOP.header.kid, "cq-cells/custody-9"):
        with pytest.raises(NotFoundError):
            operators.rotate_custodial_key(town.recorder, unheld)


def test_the_authority_rotates_its_key_and_cannot_be_left_without_one(town: Town) -> None:
    with pytest.raises(ConflictError, match="rotate"):
        operators.revoke_key(town.recorder, f"{AUTHORITY}/custody-1", "stolen")
    revocation = {"kid": f"{AUTHORITY}/custody-1", "reason": "stolen"}
    with pytest.raises(ConflictError, match="last key"):
        operators.record_as(town.recorder, AUTHORITY, "revoke_key", revocation)
    operators.rotate_custodial_key(town.recorder, f"{AUTHORITY}/custody-1")
    operators.enrol_operator(
        town.recorder, {"operator_id": "cq-new", "name": "新", "roles": ["workshop"], "region": "500112"}
    )
    assert registry(town).held[AUTHORITY] == f"{AUTHORITY}/custody-2"


def test_a_stolen_key_ends_and_what_it_signed_is_marked(town: Town) -> None:
    first = town.size()
    [forged] = town.must(town.sign(WORKSHOP, "report_soh", pack(3), full_cycles=901))
    operators.revoke_key(town.recorder, WORKSHOP.header.kid, "stolen")
    operators.dispute_key(town.recorder, WORKSHOP.header.kid, "stolen", start=first)
    steps = battery_history(town.register, pack(3)).steps
    assert [step.disputed for step in steps] == [False] * (len(steps) - 1) + [True]
    assert steps[-1].index == forged.index
    assert state(registry(town)) == state(town.register.registry)


def test_an_operator_disputes_with_another_key_of_its_own(town: Town) -> None:
    town.must(rotation(town, WORKSHOP, NEXT))
    said = {"kid": WORKSHOP.header.kid, "from": 10, "to": 20, "reason": "bench key copied"}
    town.must(town.sign(NEXT, "dispute_key", **said))
    [outcome] = town.recorder.record([town.sign(LAB, "dispute_key", **said)])
    assert isinstance(outcome, NotPermittedError)
    [outcome] = town.recorder.record([town.sign(NEXT, "dispute_key", **said | {"kid": NEXT.header.kid})])
    assert isinstance(outcome, FaultyError)
    assert [each.kid for each in registry(town).ring.disputes] == [WORKSHOP.header.kid]


def test_the_authority_disputes_its_own_key_with_the_one_after_it(town: Town) -> None:
    with pytest.raises(ConflictError, match="rotate"):
        operators.dispute_key(town.recorder, f"{AUTHORITY}/custody-1", "stolen", start=1)
    operators.rotate_custodial_key(town.recorder, f"{AUTHORITY}/custody-1")
    operators.dispute_key(town.recorder, f"{AUTHORITY}/custody-1", "stolen", start=1, end=3)
    with pytest.raises(ConflictError, match="all of them before"):
        operators.dispute_key(town.recorder, f"{AUTHORITY}/custody-1", "stolen", start=1, end=10**9)


def test_the_evidence_of_a_battery_carries_rotations_and_disputes(town: Town) -> None:
    town.must(rotation(town, WORKSHOP, NEXT))
    town.must(town.sign(NEXT, "report_soh", pack(1), full_cycles=900))
    operators.dispute_key(town.recorder, WORKSHOP.header.kid, "stolen", start=5)
    bundle = parse_bundle(evidence_bundle(town.register, pack(1)))
    verify_bundle(bundle, town.register.verifiers, origin=ORIGIN, require_all=True)
    kinds = [parse_entry(each.entry).event.type for each in bundle.keys]
    assert kinds[0] == "open_log" and {"rotate_key", "dispute_key"} < set(kinds)


def test_a_rebuild_derives_rotations_and_disputes_again(either_town: Town) -> None:
    town = either_town
    town.must(rotation(town, WORKSHOP, NEXT))
    operators.dispute_key(town.recorder, WORKSHOP.header.kid, "stolen", start=5)
    operators.rotate_custodial_key(town.recorder, "cq-cells/custody-1")
    before = state(registry(town))
    town.close()
    repairing = Register(town.settings, clock=town.clock, pinned=False)
    rebuild(repairing)
    repairing.close()
    again = Town(town.settings, town.clock)
    assert state(registry(again)) == before
    again.must(again.sign(NEXT, "report_soh", pack(4), full_cycles=902))
    again.close()
