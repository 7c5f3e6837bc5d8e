"""packtrail webhook: made, listed, tried, rotated, ended."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from service.settings import read_settings
from service.webhooks import outbox
from service.work import Register
from tests.cli.conftest import call
from tests.service.webhooks.receiver import answer, receiving

URL = "https://hooks.example.cn/batteries"


def told(*arguments: str | Path) -> Any:
    result = call("webhook", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def authority(folder: Path) -> str:
    register = Register(read_settings({}, data=folder))
    try:
        return register.registry.authority
    finally:
        register.close()


def test_a_webhook_is_added_listed_rotated_disabled_enabled_and_removed(founded: Path) -> None:
    own, data = authority(founded), ("--data", founded)
    made = told("add", own, URL, "--kind", "sell", "--tie", "maker", *data)
    assert made["secret"].startswith("whsec_") and (made["kinds"], made["ties"]) == (["sell"], ["maker"])
    assert told("rotate", made["id"], *data)["secret"] != made["secret"]
    told("disable", made["id"], *data)
    shown = call("webhook", "list", own, *data)
    assert "disabled: asked" in shown.stdout and URL in shown.stdout and "whsec_" not in shown.stdout
    told("enable", made["id"], *data)
    [listed] = told("list", *data)
    assert (listed["enabled"], listed["operator"]) == (True, own)
    told("remove", made["id"], *data)
    assert told("list", *data) == []
    assert call("webhook", "remove", made["id"], *data).exit_code == 2


def test_a_test_says_at_once_what_became_of_it(founded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKTRAIL_WEBHOOK_PRIVATE", "1")
    data = ("--data", founded)
    with receiving() as receiver:
        id_ = told("add", authority(founded), receiver.url, *data)["id"]
        assert told("test", id_, *data) == {"outcome": "delivered", "status": 200}
        receiver.acts.append(answer(b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n"))
        failed = call("webhook", "test", id_, *data)
        assert failed.exit_code == 3 and "(503)" in failed.stderr
        assert [each["status"] for each in told("deliveries", id_, *data)] == [503, 200]
        assert re.search(r"test +200 +delivered", call("webhook", "deliveries", id_, *data).stdout)
        assert [each.event["type"] for each in receiver.received] == ["packtrail.webhook.test"] * 2
    monkeypatch.setenv("PACKTRAIL_WEBHOOK_PRIVATE", "0")
    assert "may be used" in call("webhook", "test", id_, *data).stderr


def test_a_redelivery_is_left_to_the_server(own: Path) -> None:
    data = ("--data", own)
    register = Register(read_settings({}, data=own))
    with register.read() as reader:
        event = json.loads(next(iter(reader.entries(30, 31))))["event"]["id"]
    id_ = told("add", register.registry.authority, URL, *data)["id"]
    told("redeliver", id_, event, *data)
    with register.read() as reader:
        assert outbox.list_wishes(reader.connection, [id_]) == {id_: [event]}
    register.close()
    assert call("webhook", "redeliver", id_, event[:-1] + "x", *data).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody-here", URL), "not enrolled"),
        (("{own}", "http://hooks.example.cn/"), "only https"),
        (("{own}", "https://192.168.1.1/"), "public domain name"),
        (("{own}", URL, "--kind", "buy"), "buy"),
    ],
)
def test_what_cannot_be_is_refused(founded: Path, arguments: tuple[str, ...], words: str) -> None:
    own = authority(founded)
    result = call("webhook", "add", *(each.format(own=own) for each in arguments), "--data", founded)
    assert result.exit_code == 2 and words in result.stderr
    assert told("list", "--data", founded) == []
