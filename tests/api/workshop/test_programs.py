"""What scripts are told of a battery in hand, and of what a phone takes along; held against the description."""

from typing import Any

import pytest
from flask import Flask

from api.session_cookie import SESSION
from ledger.notes.checkpoint import open_checkpoint
from service.domain.events import KINDS, fields_of
from service.workshop import snapshot
from tests.api.checking import CheckedClient, checked_client
from tests.api.workshop.bench import FREE, RETIRED, STOLEN, UNSAFE, Bench
from tests.pages.life import NEVER, PACK


@pytest.fixture
def ask(bench: Bench, app: Flask) -> Any:
    """Asks as somebody of an organisation, with the cookie of their session."""

    def client_of(operator: str) -> CheckedClient:
        client = checked_client(app)
        client.set_cookie(SESSION, bench.cookies[operator])
        return client

    return client_of


def test_a_battery_in_hand_is_told_with_the_forms_of_what_may_be_done(ask: Any) -> None:
    told = ask("cq-repair").get(f"/v1/workshop/battery/{PACK}").get_json()
    assert (told["code"], told["verdict"]["level"], told["verdict"]["zh"]) == (PACK, "ok", "正常")
    assert told["as_of"]["size"] > 0 and told["state"]["op_state"] == "IN_USE"
    first = told["actions"][0]
    assert (first["kind"], first["primary"]) == ("begin_service", True)
    assert [action["primary"] for action in told["actions"][1:]] == [False] * (len(told["actions"]) - 1)
    for action in told["actions"]:
        body = KINDS[action["kind"]].body
        assert body is not None
        needed = {spec.name for spec in fields_of(body) if spec.required}
        assert needed <= {field["name"] for field in action["form"]["fields"]}, action["kind"]
    soh = next(action for action in told["actions"] if action["kind"] == "report_soh")
    [share] = [field for field in soh["form"]["fields"] if field["name"] == "soce_ppm"]
    assert (share["places"], share["unit"]["en"], share["maximum"], share["restricted"]) == (4, "%", 1_100_000, True)
    assert {fact["name"] for fact in told["identity"]} >= {"chemistry", "voltage", "status", "holder"}
    assert all(each["reason"]["zh"] for each in told["not_now"])


def test_the_verdict_tells_every_reason_worst_first(ask: Any) -> None:
    told = ask("cq-repair").get(f"/v1/workshop/battery/{UNSAFE}").get_json()["verdict"]
    assert told["level"] == "stop"
    assert [(each["reason"], each["level"]) for each in told["reasons"]] == [("unsafe", "stop"), ("held", "check")]
    assert ask("cq-repair").get(f"/v1/workshop/battery/{STOLEN}").get_json()["verdict"]["level"] == "stop"
    assert ask("cq-repair").get(f"/v1/workshop/battery/{NEVER}").status_code == 404
    assert ask("cq-repair").get("/v1/workshop/battery/0012").status_code == 422


def test_a_swap_says_which_other_battery_it_needs(ask: Any) -> None:
    told = ask("cq-swap").get(f"/v1/workshop/battery/{FREE}").get_json()
    swaps = [action["form"]["others"] for action in told["actions"] if action["kind"] == "swap"]
    assert [(each["minimum"], each["maximum"], bool(each["label"]["zh"])) for each in swaps[0]] == [(1, 1, True)]


def test_a_snapshot_holds_what_was_handed_over_and_the_checkpoint_it_was_read_under(
    ask: Any, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ask("cq-scrap")
    told = client.get("/v1/workshop/snapshot").get_json()
    known = {each["code"]: each for each in told["batteries"]}
    assert set(RETIRED[:4]) <= set(known) and PACK not in known
    waiting = [each for each in known.values() if any(reason["reason"] == "expected" for reason in each["reasons"])]
    assert all(each["kinds"][0] in ("collect", "receive") for each in waiting)
    register = bench.story.register
    opened = open_checkpoint(told["checkpoint"].encode(), register.verifiers, origin=register.origin)
    assert (opened.size, told["complete"], told["organisation"]) == (told["size"], True, "cq-scrap")
    monkeypatch.setattr(snapshot, "MOST", 1)
    cut = client.get("/v1/workshop/snapshot").get_json()
    assert (len(cut["batteries"]), cut["complete"]) == (1, False)
