"""What people type into forms, and the event that it tells."""

from datetime import UTC, date, datetime

import pytest

from service.imports.cells import CellError
from service.workshop.forms import Known, fits_batch, make_shared_form
from service.workshop.offers import NOT_HERE, on_phone
from service.workshop.reading import Told, number_text, read_form, split_codes

NOW = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
KNOWN = Known("cq-repair", "500103", date(2026, 9, 1), {"transport_document": ("YD-1",)})


def find_operator(text: str) -> str:
    if text != "cq-cells":
        raise CellError("unknown", "nobody", "没有")
    return text


def told(kind: str, **typed: str) -> Told:
    form = make_shared_form(kind, KNOWN, [])
    return read_form(form, lambda name: [typed[name]] if name in typed else [], find_operator, now=NOW)


@pytest.mark.parametrize(
    ("typed", "number"),
    [("452.3", "452.3"), ("４５２．３", "452.3"), (" 1 234 ", "1234"), ("1,234,567.5", "1234567.5"),
     ("１，２３４", "1234"), ("3,5", "3,5"), ("1,23", "1,23")],
)  # fmt: skip
def test_a_comma_parts_thousands_or_is_left_to_be_refused(typed: str, number: str) -> None:
    assert number_text(typed) == number


def test_a_pasted_list_keeps_its_order_and_what_is_repeated() -> None:
    assert split_codes(" a,b\n\nc；a  、d\t") == ["a", "b", "c", "a", "d"]


def test_a_form_tells_an_event_in_the_words_of_the_register() -> None:
    found = told("hand_over", to_operator=" cq-cells ", transport_document="YD-9", occurred_at="2026-09-01T08:30")
    assert found.faults == ()
    assert found.members == {
        "type": "hand_over",
        "occurred_at": "2026-09-01T00:30:00.000Z",
        "subjects": [],
        "body": {"to_operator": "cq-cells", "transport_document": "YD-9"},
    }


def test_every_fault_points_to_its_field_and_says_so_in_both_languages() -> None:
    found = told("hand_over", to_operator="nobody", occurred_at="yesterday")
    assert [fault.pointer for fault in found.faults] == ["to_operator", "transport_document", "occurred_at"]
    assert all(fault.message_en and fault.message_zh for fault in found.faults)


def test_a_vin_may_be_typed_in_small_and_full_width_letters() -> None:
    found = told("retire", reason="accident", vin="ｌｓｖau2a34n2183294")
    assert found.members["body"] == {"reason": "accident", "vin": "LSVAU2A34N2183294"}


def test_batches_are_of_kinds_that_measure_nothing() -> None:
    batch = {kind for kind in on_phone() if fits_batch(kind)}
    assert {"receive", "hand_over", "retire", "begin_service", "issue_notice"} <= batch
    assert batch.isdisjoint({"collect", "test", "report_soh", "swap", "dismantle", "repair", "scrap_vehicle"})
    assert not set(NOT_HERE) & set(on_phone())
