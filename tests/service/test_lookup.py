"""Finding a battery by whatever somebody has of it."""

import pytest

from service.access import SCOPES, Caller
from service.domain.errors import InvalidCode
from service.domain.identifiers.recognition import Scheme
from service.domain.uscc import uscc_check_character
from service.domain.words import Standing
from service.errors import NotFoundError
from service.lookup import codes_of_items, find_batteries, items_of_codes, resolve_battery, suggest_batteries
from service.operators import enrol_operator
from service.private.erasing import Wish, erase_values
from tests.service.domain.story import BODIES
from tests.service.town import AUTHORITY, Town, module, pack, vin

NAMED = 700_001
GTIN = "09521234000013"
USCC = "91350100M000100Y43"
OTHER_USCC = "91350100M000100Y5" + uscc_check_character("91350100M000100Y5")
LINK = "https://id.maker.example/p/A7"


def caller(operator: str) -> Caller:
    return Caller(operator, frozenset(SCOPES), "key")


@pytest.fixture
def named_town(either_town: Town) -> Town:
    either_town.must(either_town.tell("cq-cells", "register", pack(NAMED), giai="9521234a7", identification_link=LINK))
    return either_town


def test_a_battery_is_found_by_each_of_its_names(named_town: Town) -> None:
    code = pack(NAMED)
    for text in (
        code,
        f" {code.lower()} ",
        f"https://elsewhere.example/B/{code}",
        f"{GTIN}/{code[7:]}",
        f"{GTIN}/{code[7:].lower()}",
        f"https://elsewhere.example/01/{GTIN}/21/{code[7:]}",
        f"(01){GTIN}(21){code[7:]}",
        f"]d201{GTIN}21{code[7:]}",
        "(8004)9521234A7",
        "/8004/9521234a7",
        LINK,
        LINK.upper(),
    ):
        assert resolve_battery(named_town.register, text) == code, text


@pytest.mark.parametrize(
    "text",
    [
        pack(999_999),
        f"{GTIN}/X",
        f"{GTIN}/{pack(999_999)[7:]}",
        f"09521234000198/{pack(NAMED)[7:]}",
        "(8004)9521234A8",
        "https://id.maker.example/p/A8",
        f"(01){GTIN}(10)LOT",
        GTIN,
        "/414/9521234000013",
        "91350100M000100Y43",
        vin(1),
    ],
)
def test_what_leads_nobody_to_a_battery_is_not_found(named_town: Town, text: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        resolve_battery(named_town.register, text)
    assert vin(1) not in str(caught.value)


@pytest.mark.parametrize("text", ["", "battery", "1/2", "'; DROP TABLE entry; --", "https://x.cn"])
def test_what_can_be_no_name_is_refused(named_town: Town, text: str) -> None:
    with pytest.raises(InvalidCode):
        resolve_battery(named_town.register, text)


def test_a_credit_code_leads_to_the_organisation_that_is_enrolled_with_it(town: Town) -> None:
    body = {"operator_id": "cq-green", "name": "绿源", "roles": ["recycler"], "region": "500112", "uscc": USCC}
    enrol_operator(town.recorder, body)
    for text in (USCC, USCC.lower(), f" {USCC[:8]} {USCC[8:]} "):
        found = find_batteries(town.register, text, None)
        assert (found.named.scheme, found.codes, found.meant) == (Scheme.ORGANISATION, (), ())
        [enrolled] = found.operators
        assert (enrolled.operator.id, enrolled.standing) == ("cq-green", Standing.ACTIVE)
    assert find_batteries(town.register, OTHER_USCC, None).operators == ()
    assert find_batteries(town.register, pack(1), None).operators == ()


def test_a_vehicle_leads_to_its_pack_for_those_who_may_read_its_life(either_town: Town) -> None:
    register = either_town.register
    for operator in (AUTHORITY, "cq-cells", "cq-motors", "cq-repair"):
        found = find_batteries(register, vin(5), caller(operator))
        assert (found.named.scheme, found.codes) == (Scheme.VEHICLE, (pack(5),)), operator
    nobody = Caller("cq-cells", frozenset({"record"}), "key")
    for other in (None, caller("cq-swap"), nobody):
        assert find_batteries(register, vin(5), other).codes == ()
    assert find_batteries(register, vin(5_000_000), caller(AUTHORITY)).codes == ()


def test_a_vehicle_that_its_pack_has_left_leads_nowhere(either_town: Town) -> None:
    town = either_town
    town.must(town.tell("cq-motors", "retire", pack(6), private={"vin": vin(6)}))
    assert find_batteries(town.register, vin(6), caller(AUTHORITY)).codes == ()
    assert find_batteries(town.register, vin(7), caller(AUTHORITY)).codes == (pack(7),)


def test_look_alikes_are_suggested_where_such_a_battery_is_registered(town: Town) -> None:
    typed = pack(10).replace("0000010", "OOOOO1O")
    assert suggest_batteries(town.register, typed) == (pack(10),)
    assert suggest_batteries(town.register, pack(999_990).replace("0", "O")) == ()
    found = find_batteries(town.register, pack(10).replace("001P", "OO1P"), None)
    assert (found.codes, found.meant) == ((), (pack(10),))


def test_items_and_codes_lead_to_each_other_whether_registered_or_not(town: Town) -> None:
    code = pack(999_999)
    with town.register.read() as reader:
        items = items_of_codes(reader.connection, [code, "009PE12ABCDEFGG2T0000001"])
        assert items == {code: (GTIN, code[7:])}
        assert codes_of_items(reader.connection, [*items.values(), ("09521234000198", "A"), (GTIN, "A")]) == {
            (GTIN, code[7:]): code
        }


def test_an_erased_vehicle_leads_nowhere(either_town: Town) -> None:
    town = either_town
    assert find_batteries(town.register, vin(8), caller(AUTHORITY)).codes == (pack(8),)
    erase_values(town.recorder, pack(8), Wish("PIPL, Art. 47", "asked for", frozenset({"vin"})), operator=AUTHORITY)
    assert find_batteries(town.register, vin(8), caller(AUTHORITY)).codes == ()


def test_a_cell_that_is_listed_with_its_pack_is_found_by_its_gtin_too(either_town: Town) -> None:
    town = either_town
    listed, module_code = pack(NAMED), module(NAMED)
    cells = {"first": f"001CE12ABCDEFGG2R{NAMED:07d}", "count": 12}
    town.must(
        town.tell(
            "cq-cells",
            "register_pack",
            listed,
            **BODIES["register"],
            modules=[{"code": module_code, "mass_g": 90_000, "cells": [cells]}],
            module_model_id="CQ-50M",
        )
    )
    assert resolve_battery(town.register, f"09521234000020/{module_code[7:]}") == module_code
    cell = f"001CE12ABCDEFGG2R{NAMED + 11:07d}"
    assert resolve_battery(town.register, cell.lower()) == cell
    with pytest.raises(NotFoundError):
        resolve_battery(town.register, f"001CE12ABCDEFGG2R{NAMED + 12:07d}")
