"""What whoever runs the register does to it stands in the register."""

from dataclasses import replace
from hashlib import sha256
from ipaddress import ip_network
from typing import Any

import orjson
import pytest

from service import maintenance
from service.db.limit_tables import served_as
from service.domain.roles import Role
from service.domain.words import Act
from service.errors import BusyError, NotFoundError, SettingsError
from service.limits.changing import FOR_ALL, LimitBook, load, set_limit
from service.maintenance import note_served, program_version, record_done
from service.people.oidc.provider import Provider
from service.programs.generation import Generation
from service.recording.recorder import Recorder
from service.verification.register import verify_database
from service.webhooks.addresses import Reach
from service.work import Register
from tests.service.town import AUTHORITY, Town


def acts(town: Town, since: int) -> list[dict[str, Any]]:
    """The events from entry `since` on."""
    with town.register.read() as reader:
        return [orjson.loads(each)["event"] for each in reader.entries(since, reader.size())]


def size(town: Town) -> int:
    with town.register.read() as reader:
        return reader.size()


def test_a_register_that_is_served_as_it_was_founded_tells_nothing(town: Town) -> None:
    before = size(town)
    note_served(town.recorder)
    note_served(town.recorder)
    assert size(town) == before


def test_another_version_is_told_once(either_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town = either_town
    before, old = size(town), program_version()
    monkeypatch.setattr(maintenance, "program_version", lambda: "9.9.9")
    note_served(town.recorder)
    note_served(town.recorder)
    [event] = acts(town, before)
    assert (event["type"], event["actor"], event["subjects"]) == ("record_maintenance", AUTHORITY, [])
    assert event["body"]["act"] == "upgrade"
    assert event["body"]["version"] == "9.9.9"
    assert event["body"]["detail"].startswith(f"from {old}, tables 00")


def test_settings_of_weight_are_told_when_they_change_and_others_are_not(town: Town) -> None:
    before = size(town)
    few = replace(town.settings, interested=frozenset({Role.RECYCLER}), map_seconds=30)
    changed = Register(few, clock=town.clock)
    note_served(Recorder(changed))
    changed.close()
    [event] = acts(town, before)
    assert event["body"]["act"] == "change_settings"
    assert event["body"]["detail"].startswith("legitimate_interest: ") and event["body"]["detail"].endswith(
        "to recycler"
    )


def test_each_setting_of_weight_is_told_by_an_entry_of_its_own_and_files_by_what_they_hold(town: Town) -> None:
    before, policy = size(town), town.settings.policy_file
    (town.settings.data / "figures.json").write_text('{"parameters": []}')
    policy.write_text("log register.test/town\n")
    town.settings.report_layout_file.write_text('title = "x"\n')
    proxies = tuple(ip_network(f"10.{number}.0.0/16") for number in range(20))
    secret = town.settings.data / "secret"
    secret.write_text("hunter2")
    changed = replace(
        town.settings,
        base_url="https://id.example.cn",
        backup_url="https://copy:hunter2@backup.example.cn",
        oidc=Provider("https://login.example.cn", "packtrail", "City Login", secret),
        supervision_days=0,
        trusted_proxies=proxies,
        webhooks=Reach(frozenset({443, 8443}), private=True),
    )
    served = Register(changed, clock=town.clock)
    note_served(Recorder(served))
    note_served(Recorder(served))
    policy.unlink()
    note_served(Recorder(served))
    served.close()
    told = [event["body"]["detail"] for event in acts(town, before)]
    texts = dict(each.split(": ", 1) for each in told[:-1])
    assert texts["backup_url"] == "none to https://backup.example.cn" and "hunter2" not in "".join(told)
    assert texts["oidc_issuer"] == "none to https://login.example.cn"
    assert texts["supervision_days"] == "30 to 0"
    assert (texts["webhook_ports"], texts["webhook_private"]) == ("443 to 443,8443", "no to yes")
    listed = sha256(",".join(map(str, proxies)).encode()).hexdigest()
    assert texts["trusted_proxies"] == f"none to sha256:{listed}", "a long list is told by its hash"
    for name, data in (("figures.json", b'{"parameters": []}'), ("report-layout.toml", b'title = "x"\n')):
        assert texts[name] == f"none to sha256:{sha256(data).hexdigest()}"
    assert len(texts) == 10 and told[-1].startswith("witness-policy.txt: sha256:") and told[-1].endswith(" to none")
    assert {event["body"]["act"] for event in acts(town, before)} == {"change_settings"}


def test_what_an_earlier_program_did_not_look_at_is_no_change(town: Town) -> None:
    before = size(town)
    with town.register.write_beside() as connection:
        connection.execute(served_as.update().values(settings='{"base_url": "http://127.0.0.1:8000"}'))
    note_served(town.recorder)
    assert size(town) == before


def test_what_is_done_already_is_not_undone_because_nobody_can_sign_for_it(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BusyError("the register is busy")

    monkeypatch.setattr(maintenance, "record_as", refuse)
    assert record_done(town.recorder, Act.REBUILD, "from 7 entries") is None
    assert "not in the register: rebuild, from 7 entries" in caplog.text


def test_a_limit_is_set_by_an_entry_and_holds_at_once(town: Town) -> None:
    book = LimitBook(town.register, Generation(town.settings.data))
    assert str(book.find("key", "cq-cells")) == "6000/60"
    before = size(town)
    assert str(set_limit(town.recorder, "key", "100/10", "cq-cells")) == "100/10"
    assert [str(book.find("key", each)) for each in ("cq-cells", "cq-repair")] == ["100/10", "6000/60"]
    set_limit(town.recorder, "key", "7/1")
    assert [str(book.find("key", each)) for each in ("cq-cells", "cq-repair")] == ["100/10", "7/1"]
    set_limit(town.recorder, "key", None, "cq-cells")
    assert str(book.find("key", "cq-cells")) == "7/1"
    assert [each["body"]["detail"] for each in acts(town, before)] == [
        "key of cq-cells: 6000/60 to 100/10",
        "key: 6000/60 to 7/1",
        "key of cq-cells: 100/10 to the default",
    ]
    assert verify_database(town.settings.database_url, town.register.verifiers).ok


@pytest.mark.parametrize(
    ("name", "rate", "operator", "error"),
    [
        ("keys", "1/1", FOR_ALL, SettingsError),
        ("key", "1/1", "cq-nobody", NotFoundError),
        ("address", "1/1", "cq-cells", SettingsError),
        *(
            ("key", rate, FOR_ALL, SettingsError)
            for rate in ("", "0/1", "1/0", "1", "a/b", "1/1/1", "-1/1", "１/1", "9000000/1")
        ),
    ],
)
def test_what_is_no_limit_changes_nothing(
    town: Town, name: str, rate: str, operator: str, error: type[Exception]
) -> None:
    before = size(town)
    with pytest.raises(error):
        set_limit(town.recorder, name, rate, operator)
    with town.register.read() as reader:
        assert load(reader.connection) == {}
    assert size(town) == before
