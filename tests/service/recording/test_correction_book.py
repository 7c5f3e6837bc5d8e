"""Corrections in a real register: a later entry, the old one as it was, the present state with the new value."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ledger.entry import parse_entry
from service.db import views
from service.domain.roles import Role
from service.domain.states import BatteryState, OpState
from service.errors import ConflictError, NotPermittedError, RefusedError
from service.history import battery_history, battery_now
from service.private.shown import disclose
from service.recording.rebuilding import rebuild
from service.recording.recorder import Recorded
from service.settings import Settings
from service.verification.register import verify_database
from tests.service.town import AUTHORITY, START, StillClock, Town, pack, vin

NUMBER = 600_000


@pytest.fixture
def later_town(either_settings: Settings) -> Iterator[Town]:
    opened = Town(either_settings, StillClock(START + timedelta(days=3)))
    yield opened
    opened.close()


def state_of(town: Town, code: str) -> BatteryState:
    with town.register.read() as reader:
        return views.load_states(reader.connection, [code])[code]


def id_of(recorded: Recorded) -> str:
    return parse_entry(recorded.entry).event.id


def corrects(town: Town, recorded: Recorded, *codes: str, by: str = "cq-cells", **changes: Any) -> Recorded:
    body = {"mass_g": None, "event_id": id_of(recorded)} | changes
    [done] = town.must(town.tell(by, "correct", *codes, **body))
    return done


def told(town: Town, operator: str, kind: str, code: str, **more: Any) -> Recorded:
    town.clock.move(minutes=5)
    [recorded] = town.must(town.tell(operator, kind, code, **more))
    return recorded


def is_sound(town: Town) -> None:
    """The tables are what the entries make of them, and a rebuild changes nothing that is shown."""
    report = verify_database(town.settings.database_url, town.register.verifiers, vault=town.register.vault)
    assert report.failures == ()


def test_a_wrong_mass_is_corrected_and_the_old_one_stays_in_the_history(later_town: Town) -> None:
    code = pack(NUMBER)
    first = told(later_town, "cq-cells", "register", code)
    corrects(later_town, first, code, mass_g=310_000)
    assert state_of(later_town, code).mass_g == 310_000
    history = battery_history(later_town.register, code)
    assert [step.kind for step in history.steps] == ["register", "correct"]
    assert history.steps[0].entry == first.entry
    assert history.steps[0].event["body"]["mass_g"] == 300_000
    assert history.steps[0].corrected_by == history.steps[1].event["id"]
    assert history.now.state.mass_g == 310_000
    assert state_of(later_town, code).last_occurred_at == history.steps[0].occurred_at
    is_sound(later_town)


def test_a_correction_may_stand_in_the_same_commit_as_what_it_corrects(later_town: Town) -> None:
    code = pack(NUMBER)
    first = later_town.tell("cq-cells", "register", code)
    again = later_town.tell(
        "cq-cells", "correct", code, event_id=first.submission.event.id, mass_g=None, capacity_mah=149_000
    )
    later_town.must(first, again, atomic=True)
    assert state_of(later_town, code).capacity_mah == 149_000


def test_a_restricted_value_is_corrected_by_a_commitment(later_town: Town) -> None:
    code = pack(2)
    report = told(later_town, "cq-motors", "report_soh", code, full_cycles=900, soce_ppm=400_000)
    done = corrects(later_town, report, code, by="cq-motors", soce_ppm=840_000)
    assert b"840000" not in done.entry
    assert b"soce_ppm_commitment" in done.entry
    shown = disclose(later_town.register, battery_history(later_town.register, code))
    assert shown.now.state.soce_ppm == 840_000
    assert shown.now.state.full_cycles == 900
    told(later_town, "cq-motors", "report_soh", code, full_cycles=901, soce_ppm=830_000)
    corrects(later_town, report, code, by="cq-motors", soce_ppm=850_000)
    shown = disclose(later_town.register, battery_history(later_town.register, code))
    assert shown.now.state.soce_ppm == 830_000, "a later report stands"
    is_sound(later_town)


def test_the_health_of_either_pack_of_a_swap_is_corrected_where_it_was_told(later_town: Town) -> None:
    out, put_in = pack(2), pack(NUMBER + 2)
    told(later_town, "cq-cells", "register", put_in)
    later_town.clock.move(minutes=5)
    health = {"soce_out_ppm": 840_000, "soce_in_ppm": 990_000}
    [swapped] = later_town.must(later_town.tell("cq-swap", "swap", out, put_in, private={"vin": vin(2)}, **health))
    for entry_text in (b"840000", b"990000"):
        assert entry_text not in swapped.entry
    corrects(later_town, swapped, out, put_in, by="cq-swap", soce_in_ppm=980_000)
    now = [disclose(later_town.register, battery_history(later_town.register, code)).now for code in (out, put_in)]
    assert [each.state.soce_ppm for each in now] == [840_000, 980_000]
    is_sound(later_town)


@pytest.mark.parametrize("kind", ["begin_service", "retire", "issue_notice", "report_incident"])
def test_an_event_that_did_not_happen_is_undone_exactly(later_town: Town, kind: str) -> None:
    code = pack(3)
    before = state_of(later_town, code)
    actor = {"issue_notice": "cq-cells", "report_incident": "cq-motors"}.get(kind, "cq-repair")
    if actor == "cq-repair":
        actor = "cq-motors" if kind == "retire" else "cq-cells"
    wrong = told(later_town, actor, kind, code, **({"happened_on": "2026-03-09"} if kind == "report_incident" else {}))
    assert state_of(later_town, code) != before
    corrects(later_town, wrong, code, by=AUTHORITY, reason="did_not_occur")
    after = state_of(later_town, code)
    assert after.changed({"count": before.count}) == before
    assert after.count == before.count + 2
    is_sound(later_town)
    later_town.clock.move(minutes=5)
    assert told(later_town, "cq-motors", "retire", code)


def test_what_something_was_built_on_is_not_undone(later_town: Town) -> None:
    code = pack(4)
    wrong = told(later_town, "cq-motors", "retire", code)
    told(later_town, "cq-outlet", "collect", code, from_operator="cq-motors")
    with pytest.raises(ConflictError) as caught:
        corrects(later_town, wrong, code, by="cq-motors", reason="did_not_occur")
    assert caught.value.faults[0].code == "not-newest"
    assert state_of(later_town, code).op_state is OpState.COLLECTED


def test_only_who_told_it_or_an_office_corrects_an_event(later_town: Town) -> None:
    code = pack(5)
    report = told(later_town, "cq-motors", "retire", code)
    with pytest.raises(NotPermittedError):
        corrects(later_town, report, code, by="cq-swap", reason="did_not_occur")
    with pytest.raises(RefusedError):
        corrects(later_town, report, code, by="cq-motors", mass_g=1)
    assert Role.AUTHORITY in later_town.register.registry.roles_of(AUTHORITY)


def test_a_rebuild_undoes_again_what_was_undone(later_town: Town) -> None:
    code = pack(6)
    wrong = told(later_town, "cq-motors", "retire", code)
    corrects(later_town, wrong, code, by="cq-motors", reason="did_not_occur")
    before = state_of(later_town, code)
    rebuild(later_town.register)
    assert state_of(later_town, code) == before
    assert battery_now(later_town.register, code).state.op_state is before.op_state
    assert vin(6)


def test_what_was_weighed_at_a_receipt_that_did_not_occur_is_no_mass_of_the_battery(later_town: Town) -> None:
    """Its entry can still be corrected; the battery weighs what it weighed before."""
    code = pack(5)
    told(later_town, "cq-motors", "retire", code)
    mass = state_of(later_town, code).mass_g
    collected = told(later_town, "cq-outlet", "collect", code, mass_g=mass, from_operator="cq-motors")
    corrects(later_town, collected, code, by="cq-outlet", reason="did_not_occur")
    corrects(later_town, collected, code, by="cq-outlet", mass_g=mass - 20_000)
    assert (state_of(later_town, code).mass_g, state_of(later_town, code).op_state) == (mass, OpState.RETIRED)
    is_sound(later_town)
