"""车电一体报废: a vehicle that is scrapped with another pack than was last installed in it, or with none.

Source: MIIT Order 73 (article: source needed). Acceptance scenario 15.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service.domain.duties.vehicles import MissingBattery
from service.duties import find_missing
from service.operators import enrol_operator
from service.recording.rebuilding import rebuild
from service.settings import Settings
from tests.service.town import START, StillClock, Town, pack, vin
from tests.service.verification.test_register import verify

GREEN = "cq-recycle"


@pytest.fixture
def scrapyard(either_settings: Settings) -> Iterator[Town]:
    """The shared register, open on 1 September 2026. Pack n was last installed in vehicle n."""
    opened = Town(either_settings, StillClock(START + timedelta(days=123)))
    yield opened
    opened.close()


def scrap(town: Town, vehicle: int, found: int | None, **more: Any) -> tuple[int, str]:
    """The dismantler scraps a vehicle in which it found a pack, or none; gives entry and event id."""
    subjects = () if found is None else (pack(found),)
    body = {"certificate_no": f"HS-{vehicle}", "pack_found": subjects[0] if subjects else None, **more}
    told = town.tell(GREEN, "scrap_vehicle", *subjects, private={"vin": vin(vehicle)}, **body)
    [recorded] = town.must(told)
    return recorded.index, told.submission.event.id


def open_cases(town: Town) -> list[MissingBattery]:
    return list(find_missing(town.register).cases)


def test_a_vehicle_that_comes_with_its_own_pack_is_fine(scrapyard: Town) -> None:
    scrap(scrapyard, 1, 1)
    assert open_cases(scrapyard) == []


def test_a_vehicle_with_another_pack_lacks_its_own(scrapyard: Town) -> None:
    index, _ = scrap(scrapyard, 1, 2)
    [case] = open_cases(scrapyard)
    assert (case.index, case.code, case.found, case.certificate_no) == (index, pack(1), pack(2), "HS-1")


def test_a_vehicle_without_a_pack_lacks_its_own(scrapyard: Town) -> None:
    scrap(scrapyard, 1, None)
    [case] = open_cases(scrapyard)
    assert (case.code, case.found) == (pack(1), "")


def test_a_vehicle_that_nobody_installed_a_pack_in_lacks_one_that_has_no_name(scrapyard: Town) -> None:
    scrap(scrapyard, 900, None)
    [case] = open_cases(scrapyard)
    assert case.code == ""


def test_a_record_of_replacement_told_with_the_event_answers_it(scrapyard: Town) -> None:
    scrap(scrapyard, 1, None, replacement="GH-2026-17")
    assert open_cases(scrapyard) == []


def test_a_record_of_replacement_attached_later_closes_the_case(scrapyard: Town) -> None:
    _, event_id = scrap(scrapyard, 1, 2)
    assert len(open_cases(scrapyard)) == 1
    body = {"event_id": event_id, "reason": "incorrect_data", "note": "record found", "mass_g": None}
    scrapyard.must(scrapyard.tell(GREEN, "correct", pack(2), replacement="GH-2026-17", **body))
    assert open_cases(scrapyard) == []


def test_another_correction_does_not(scrapyard: Town) -> None:
    _, event_id = scrap(scrapyard, 1, 2)
    body = {"event_id": event_id, "reason": "incorrect_data", "note": "a slip", "mass_g": None}
    scrapyard.must(scrapyard.tell(GREEN, "correct", pack(2), certificate_no="HS-1b", **body))
    assert len(open_cases(scrapyard)) == 1


def test_a_vehicle_that_was_not_scrapped_after_all_lacks_nothing(scrapyard: Town) -> None:
    _, event_id = scrap(scrapyard, 1, 2)
    body = {"event_id": event_id, "reason": "did_not_occur", "note": "another vehicle", "mass_g": None}
    scrapyard.must(scrapyard.tell(GREEN, "correct", pack(2), **body))
    assert open_cases(scrapyard) == []


def test_a_pack_that_was_replaced_before_is_not_missing(scrapyard: Town) -> None:
    scrapyard.must(scrapyard.tell("cq-cells", "register", pack(7_000_001)))
    replaced = scrapyard.tell(
        "cq-motors", "replace_pack", pack(1), pack(7_000_001), private={"vin": vin(1)}, reason="capacity", voucher="V-1"
    )
    scrapyard.must(replaced)
    scrap(scrapyard, 1, 7_000_001)
    assert open_cases(scrapyard) == []


def test_a_replacement_recorded_later_closes_the_case(scrapyard: Town) -> None:
    scrap(scrapyard, 1, None)
    scrapyard.must(scrapyard.tell("cq-cells", "register", pack(7_000_001)))
    scrapyard.must(
        scrapyard.tell(
            "cq-motors", "replace_pack", pack(1), pack(7_000_001), private={"vin": vin(1)}, reason="capacity",
            voucher="V-1",
        )
    )  # fmt: skip
    assert open_cases(scrapyard) == []


def test_vehicles_of_the_swap_type_are_left_out(scrapyard: Town) -> None:
    scrapyard.must(scrapyard.tell("cq-cells", "register", pack(7_000_001)))
    scrapyard.must(scrapyard.tell("cq-swap", "swap", pack(1), pack(7_000_001), private={"vin": vin(1)}))
    scrap(scrapyard, 1, None)
    assert open_cases(scrapyard) == []


def test_both_happen_in_one_commit(scrapyard: Town) -> None:
    scrapyard.must(scrapyard.tell("cq-cells", "register", pack(7_000_001)))
    install = scrapyard.tell("cq-motors", "install", pack(7_000_001), private={"vin": vin(901)})
    scrapped = scrapyard.tell(
        GREEN, "scrap_vehicle", private={"vin": vin(901)}, certificate_no="HS-901", pack_found=None
    )
    scrapyard.must(install, scrapped)
    [case] = open_cases(scrapyard)
    assert case.code == pack(7_000_001)


def test_an_operator_sees_its_own_cases_page_by_page(scrapyard: Town) -> None:
    enrol_operator(
        scrapyard.recorder, {"operator_id": "cq-other", "name": "别家", "roles": ["dismantler"], "region": "500112"}
    )
    for number in (1, 2, 3):
        scrap(scrapyard, number, None)
    assert find_missing(scrapyard.register, operator="cq-other").cases == ()
    first = find_missing(scrapyard.register, operator=GREEN, limit=2)
    assert first.next is not None
    second = find_missing(scrapyard.register, operator=GREEN, limit=2, after=first.next)
    assert [case.code for case in (*first.cases, *second.cases)] == [pack(1), pack(2), pack(3)]
    assert second.next is None


def test_cases_stand_beside_the_log_and_outlive_a_rebuild(scrapyard: Town) -> None:
    scrap(scrapyard, 1, None)
    before = open_cases(scrapyard)
    rebuild(scrapyard.register)
    assert open_cases(scrapyard) == before
    assert verify(scrapyard.settings).ok
