"""Receipts that witnesses stand behind: asked for at once, or later."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.notes.note import split_note
from ledger.notes.treehead import parse_checkpoint
from ledger.receipt import parse_receipt, verify_receipt
from service.work import Register
from tests.api.checking import CheckedClient, problem
from tests.api.town import MAKER, ORIGIN, Town, pack, signed
from tests.service.domain.story import PACK
from tests.service.witnessing.chore import Chore, enrol
from tests.service.witnessing.places import Honest, nobody, policy_of, policy_text


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.witnessing.rounds.PACE_SECONDS", 0.01)


@pytest.fixture
def witness(register: Register, tmp_path: Path) -> Honest:
    return Honest(tmp_path / "witness", "w.test", [signer.vkey for signer in register.signers])


@contextmanager
def served(register: Register, witness: Honest) -> Iterator[None]:
    """The witness is up, and the chore runs as in a server."""
    over = threading.Event()
    with witness.served() as place:
        enrol(register, "w", witness.vkeys[0], place.url)
        chore = Chore(register)

        def run() -> None:
            while not over.wait(0.02):
                chore.once()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def test_who_waits_for_witnesses_gets_a_receipt_that_they_signed(
    client: CheckedClient, town: Town, register: Register, witness: Honest
) -> None:
    with served(register, witness):
        answer = client.post("/v1/events?wait=witnessed", json=signed("register", pack(2)), headers=town.bearer(MAKER))
        assert answer.status_code == 201
        told = answer.get_json()
        assert (told["state"], told["state_zh"], told["witnesses"]) == ("witnessed", "已见证", ["w"])
        receipt = parse_receipt(told["proof"].encode())
        with register.read() as reader:
            entry = reader.entry(told["index"])
        assert entry is not None
        verify_receipt(receipt, entry, register.verifiers, origin=ORIGIN, require_all=True)
        policy = policy_of([key.vkey for key in register.verifiers], {"w": witness.vkeys[0]}, "all")
        assert policy.check(receipt.checkpoint) == ("w",)
        again = client.get(answer.headers["Location"])
        assert again.status_code == 200
        assert again.get_json()["state"] == "witnessed"
        assert "entry" not in again.get_json()
        checkpoint = client.get("/log/checkpoint")
        assert policy.check(checkpoint.data) == ("w",)


def test_without_witnesses_the_event_is_recorded_and_that_is_said(client: CheckedClient, town: Town) -> None:
    event = signed("register", pack(2))
    answer = client.post("/v1/events?wait=witnessed", json=event, headers=town.bearer(MAKER))
    assert answer.status_code == 202
    told = answer.get_json()
    assert (told["state"], told["state_zh"]) == ("published", "已公示")
    assert "witnesses" not in told
    assert answer.headers["Location"] == f"/v1/entries/{told['index']}?receipt=witnessed"
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get(f"/v1/entries/{told['index']}").status_code == 200
    again = client.post("/v1/events?wait=witnessed", json=event, headers=town.bearer(MAKER))
    assert again.status_code == 202
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.get_json()["index"] == told["index"]


def test_a_receipt_that_was_not_witnessed_in_time_is_fetched_later(
    client: CheckedClient, town: Town, register: Register, witness: Honest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.witnessing.waiting.SECONDS", 0.2)
    enrol(register, "away", witness.vkeys[1], nobody())
    late = client.post("/v1/events?wait=witnessed", json=signed("register", pack(2)), headers=town.bearer(MAKER))
    assert late.status_code == 202
    place = late.headers["Location"]
    assert client.get(place).status_code == 202
    with served(register, witness):
        Chore(register).until(lambda: client.get(place).status_code == 200)
    assert client.get(place).get_json()["witnesses"] == ["w"]


def test_with_a_policy_nobody_is_shown_what_the_quorum_has_not_seen(
    client: CheckedClient, town: Town, register: Register, witness: Honest
) -> None:
    logs = [key.vkey for key in register.verifiers]
    register.settings.policy_file.write_text(policy_text(logs, {"w": witness.vkeys[0]}, "all"))
    with served(register, witness):
        Chore(register).until_witnessed()
    shown = parse_checkpoint(split_note(client.get("/log/checkpoint").data)[0]).size
    answer = client.post("/v1/events?wait=recorded", json=signed("register", pack(3)), headers=town.bearer(MAKER))
    index = answer.get_json()["index"]
    assert "state" not in answer.get_json()
    assert parse_checkpoint(split_note(client.get("/log/checkpoint").data)[0]).size == shown <= index
    assert client.get(f"/v1/entries/{index}?receipt=witnessed").get_json()["state"] == "recorded"


def test_evidence_stands_under_the_witnessed_checkpoint_if_that_covers_it(
    client: CheckedClient, town: Town, register: Register, witness: Honest
) -> None:
    with served(register, witness):
        Chore(register).until_witnessed()
    policy = policy_of([key.vkey for key in register.verifiers], {"w": witness.vkeys[0]}, "all")
    bundle = client.get(f"/v1/batteries/{PACK}/evidence", headers=town.bearer(MAKER)).get_json()
    assert policy.check(bundle["checkpoint"].encode()) == ("w",)


def test_waiting_for_anything_else_is_refused(client: CheckedClient, town: Town) -> None:
    event = signed("register", pack(2))
    for query in ("wait=published", "wait=", "wait=witnessed&wait=recorded", "receipt=witnessed"):
        problem(client.post(f"/v1/events?{query}", json=event, headers=town.bearer(MAKER)), 422)
    problem(client.get("/v1/entries/0?receipt=other"), 422)
    problem(client.get("/v1/entries/100000?receipt=witnessed"), 404)


def test_readiness_and_metrics_tell_how_far_each_witness_is(
    client: CheckedClient, register: Register, witness: Honest
) -> None:
    enrol(register, "dead", witness.vkeys[1], nobody())
    with served(register, witness):
        chore = Chore(register)
        chore.until_witnessed()
        chore.until_error("dead")
    ready = client.get("/readyz")
    assert ready.status_code == 200
    told = ready.get_json()["checks"]["witnesses"]
    assert told["w"]["entries_behind"] == 0
    assert "cannot be reached" in told["dead"]["error"]
    text = client.get("/metrics").text
    assert 'packtrail_witness_failing{witness="dead"} 1.0' in text
    assert 'packtrail_witness_entries_behind{witness="w"} 0.0' in text
    assert f"packtrail_witnessed_size {chore.size()}.0" in text
