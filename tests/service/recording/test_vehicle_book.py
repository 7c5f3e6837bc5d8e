"""Vehicles in a real register: what is in them is known by a token, and forgotten with the VIN."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ledger.entry import parse_entry
from service import operators
from service.db.life_tables import vehicle_slot
from service.errors import ConflictError, NotPermittedError
from service.history import battery_now
from service.private.erasing import Wish, erase_values
from service.private.vehicles import packs_in_vehicle
from service.recording.rebuilding import rebuild
from service.settings import Settings
from service.verification.register import verify_database
from tests.service.town import AUTHORITY, START, StillClock, Town, module, pack, vin

NUMBER = 610_000


@pytest.fixture
def later_town(either_settings: Settings) -> Iterator[Town]:
    opened = Town(either_settings, StillClock(START + timedelta(days=3)))
    yield opened
    opened.close()


def packs_in(town: Town, number: int) -> frozenset[str]:
    with town.register.read() as reader:
        return packs_in_vehicle(reader.connection, town.register.vault, vin(number))


def test_a_second_pack_does_not_fit_into_a_vehicle_for_one(later_town: Town) -> None:
    code = pack(NUMBER)
    later_town.must(later_town.tell("cq-cells", "register", code))
    [refused] = later_town.recorder.record([later_town.tell("cq-motors", "install", code, private={"vin": vin(7)})])
    assert isinstance(refused, ConflictError)
    assert refused.faults[0].code == "vehicle-full"
    later_town.must(later_town.tell("cq-motors", "retire", pack(7)))
    assert packs_in(later_town, 7) == frozenset()
    later_town.must(later_town.tell("cq-motors", "install", code, private={"vin": vin(7)}))
    assert packs_in(later_town, 7) == {code}


def test_two_packs_for_one_place_in_one_commit_are_one_too_many(later_town: Town) -> None:
    codes = [pack(NUMBER), pack(NUMBER + 1)]
    later_town.must(*(later_town.tell("cq-cells", "register", code) for code in codes))
    installs = [later_town.tell("cq-motors", "install", code, private={"vin": vin(NUMBER)}) for code in codes]
    first, second = later_town.recorder.record(installs)
    assert not isinstance(first, Exception)
    assert isinstance(second, ConflictError)


def test_no_vin_stands_in_the_table_and_an_erased_one_is_forgotten(later_town: Town) -> None:
    assert packs_in(later_town, 8) == {pack(8)}
    erase_values(later_town.recorder, pack(8), Wish("PIPL, Art. 47(1)", "asked for"), operator=AUTHORITY)
    assert packs_in(later_town, 8) == frozenset()
    with later_town.register.read() as reader:
        kept = reader.connection.execute(select(vehicle_slot)).all()
    assert pack(8) not in {row.code for row in kept}
    assert not any(vin(9).encode() in bytes(row.token) for row in kept)
    rebuild(later_town.register)
    with later_town.register.read() as reader:
        assert sorted(map(tuple, reader.connection.execute(select(vehicle_slot)))) == sorted(map(tuple, kept))


def test_a_vin_erased_with_the_pack_that_was_swapped_out_is_forgotten_for_the_one_put_in(later_town: Town) -> None:
    """The swap is an entry of both, and holds the VIN once."""
    town, code = later_town, pack(NUMBER)
    town.must(town.tell("cq-cells", "register", code))
    town.must(town.tell("cq-swap", "swap", pack(6), code, private={"vin": vin(6)}))
    assert packs_in(town, 6) == {code}
    erase_values(town.recorder, pack(6), Wish("PIPL, Art. 47(1)", "asked for"), operator=AUTHORITY)
    assert packs_in(town, 6) == frozenset()
    assert verify_database(town.settings.database_url, town.register.verifiers, vault=town.register.vault).ok


def test_a_pack_does_not_come_back_into_a_vehicle_that_has_another_one_by_now(later_town: Town) -> None:
    """It was retired by mistake; before that was said, its place was taken."""
    town, code = later_town, pack(NUMBER)
    [retired] = town.must(town.tell("cq-motors", "retire", pack(7)))
    undo: dict[str, Any] = {"event_id": parse_entry(retired.entry).event.id, "reason": "did_not_occur", "mass_g": None}
    town.must(town.tell("cq-cells", "register", code))
    town.must(town.tell("cq-motors", "install", code, private={"vin": vin(7)}))
    [refused] = town.recorder.record([town.tell("cq-motors", "correct", pack(7), **undo)])
    assert isinstance(refused, ConflictError) and refused.faults[0].code == "vehicle-full"
    town.must(town.tell("cq-motors", "retire", code))
    town.must(town.tell("cq-motors", "correct", pack(7), **undo))
    assert packs_in(town, 7) == {pack(7)}
    rebuild(town.register)
    assert packs_in(town, 7) == {pack(7)}


def test_a_vehicle_may_be_scrapped_without_any_battery(later_town: Town) -> None:
    private = {"vin": vin(10)}
    scrapped = later_town.tell("cq-recycle", "scrap_vehicle", pack_found=None, private=private)
    [recorded] = later_town.must(scrapped)
    assert vin(10).encode() not in recorded.entry
    report = verify_database(later_town.settings.database_url, later_town.register.verifiers)
    assert report.failures == ()
    body = {"basis": "PIPL, Art. 47", "reason": "asked for"}
    commitments = [each.text for each in scrapped.privates]
    later_town.must(later_town.tell(AUTHORITY, "erase_values", **body, commitments=commitments))


def test_a_recycler_whose_permit_ended_yesterday_is_not_permitted(later_town: Town) -> None:
    code, today = pack(11), (START + timedelta(days=3)).date()
    later_town.must(later_town.tell("cq-motors", "retire", code))
    enrolment = {
        "operator_id": "cq-recycle",
        "name": "渝再生",
        "roles": ["recycler"],
        "region": "500112",
        "licences": [
            {
                "licence": "pollutant_discharge",
                "number": "P-1",
                "valid_from": "2026-01-01",
                "valid_until": (today - timedelta(days=1)).isoformat(),
            }
        ],
    }
    operators.enrol_operator(later_town.recorder, enrolment)
    collect = later_town.tell("cq-recycle", "collect", code, from_operator="cq-motors")
    [refused] = later_town.recorder.record([collect])
    assert isinstance(refused, NotPermittedError)
    assert (today - timedelta(days=1)).isoformat() in refused.faults[0].message_en
    enrolment["licences"][0]["valid_until"] = today.isoformat()  # type: ignore[index]
    operators.enrol_operator(later_town.recorder, enrolment)
    later_town.must(later_town.tell("cq-recycle", "collect", code, from_operator="cq-motors"))


def test_a_module_of_a_recycled_pack_is_shown_as_recycled(later_town: Town) -> None:
    code, part = pack(9_000_000), module(1)
    later_town.must(later_town.tell("cq-motors", "retire", code))
    later_town.must(later_town.tell("cq-outlet", "collect", code, from_operator="cq-motors"))
    assert battery_now(later_town.register, part).state.life_status == "waste"
    outputs = [{"material": "black_mass", "mass_g": 300_000, "lot": "BM-9"}]
    details = {"input_mass_g": 300_000, "loss_mass_g": 0, "outputs": outputs}
    later_town.must(later_town.tell("cq-recycle", "recycle", code, **details))
    assert battery_now(later_town.register, part).state.op_state == "RECYCLED"
    refused = later_town.recorder.record([later_town.tell("cq-motors", "report_soh", part)])[0]
    assert isinstance(refused, ConflictError)
    assert refused.faults[0].code == "ended-with-whole"


def test_a_pack_that_joins_others_in_a_vehicle_comes_with_its_odometer(later_town: Town) -> None:
    """The odometer of another pack in the vehicle is a restricted value, looked up for this."""
    codes = [f"001PE21{pack(NUMBER + at)[7:]}" for at in range(2)]
    two = {"model_id": "CQ-TWO", "packs_per_vehicle": 2, "specification": "21", "gtin": None}
    later_town.must(later_town.tell("cq-cells", "publish_model", **two))
    later_town.must(*(later_town.tell("cq-cells", "register", code, model_id="CQ-TWO") for code in codes))
    private = {"vin": vin(NUMBER)}
    later_town.must(later_town.tell("cq-motors", "install", codes[0], odometer_km=500, private=private))
    later_town.clock.move(minutes=10)
    less = later_town.tell("cq-motors", "install", codes[1], odometer_km=499, private=private)
    [refused] = later_town.recorder.record([less])
    assert isinstance(refused, ConflictError)
    assert (refused.faults[0].code, refused.faults[0].pointer) == ("counter-decrease", "/body/odometer_km")
    later_town.must(later_town.tell("cq-motors", "install", codes[1], odometer_km=500, private=private))
    rebuild(later_town.register)
    report = verify_database(
        later_town.settings.database_url, later_town.register.verifiers, vault=later_town.register.vault
    )
    assert report.failures == ()
