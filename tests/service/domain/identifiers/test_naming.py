"""Which names an event gives, and what leads to what by arithmetic."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.bodies import PublishModel
from service.domain.breaches import RULES
from service.domain.errors import RuleBreach
from service.domain.events import parse_body
from service.domain.identifiers.naming import (
    Tie,
    code_of_item,
    giai_name,
    item_of_code,
    link_name,
    named_by_link,
    names_given,
    prefix_of_model,
)
from service.domain.states import Model
from tests.service.domain.identifiers.written import GTIN
from tests.service.domain.scenes import scene
from tests.service.domain.story import PACK, PACK_MODEL, SPARE, World
from tests.service.domain.test_gbt34014 import codes

MODEL = cast(PublishModel, parse_body("publish_model", PACK_MODEL))
MODELS = {"CQ-150": Model("cq-cells", MODEL)}


@given(codes())
def test_gtin_with_serial_number_and_code_lead_to_each_other(code: str) -> None:
    gtin, serial = item_of_code(GTIN, code)
    assert (gtin, len(serial)) == (GTIN, len(code) - 7)
    assert code_of_item(code[:7], serial) == code


@given(st.text(max_size=20), st.text(max_size=8))
def test_a_serial_number_of_other_goods_leads_to_no_code(serial: str, prefix: str) -> None:
    code = code_of_item(prefix, serial)
    assert code is None or code == prefix + serial


def test_a_model_with_a_gtin_ties_it_to_the_beginning_of_its_codes() -> None:
    assert prefix_of_model(MODEL) == PACK[:7]
    assert names_given(World().event("publish_model"), {}).ties == (Tie(GTIN, PACK[:7], "/body/gtin"),)


def test_a_registration_ties_only_a_gtin_that_its_model_does_not_tell() -> None:
    assert names_given(scene("register", gtin=GTIN).event, MODELS).ties == ()
    assert names_given(scene("register", gtin=GTIN).event, {}).ties == (Tie(GTIN, PACK[:7], "/body/gtin"),)
    assert names_given(scene("register").event, MODELS) == ((), ())


def test_names_that_differ_in_capitals_only_are_filed_as_one() -> None:
    assert giai_name("9521234a7") == giai_name("9521234A7")
    assert link_name("https://Maker.example/x") == link_name("HTTPS://MAKER.EXAMPLE/X")
    assert len(link_name("https://maker.example/" + "x" * 200)) <= 80


def test_an_address_of_a_battery_names_it_and_no_other_link_does() -> None:
    assert named_by_link(f"https://anywhere.example/b/{PACK}") == PACK
    assert named_by_link("https://maker.example/p/7") is None
    assert named_by_link(f"https://maker.example/01/{GTIN}/21/A") is None


def test_a_link_that_is_the_address_of_another_battery_is_refused() -> None:
    world, event = scene("register", identification_link=f"https://id.example.cn/b/{SPARE}")
    with pytest.raises(RuleBreach) as caught:
        world.decide(event)
    assert (caught.value.rule, caught.value.pointer) == ("link-of-another", "/body/identification_link")
    world, event = scene("register", identification_link=f"https://id.example.cn/b/{PACK}")
    world.decide(event)


def test_a_credit_code_that_another_operator_has_is_refused() -> None:
    world = World()
    event = world.event("enrol_operator")
    with pytest.raises(RuleBreach) as caught:
        world.decide(event, uscc_holder="cq-cells")
    assert (caught.value.rule, caught.value.pointer) == ("uscc-taken", "/body/uscc")
    assert "cq-cells" in caught.value.message_en and "cq-cells" in caught.value.message_zh
    assert world.decide(event) == {}


@pytest.mark.parametrize("slug", ["gtin-taken", "gtin-given", "name-taken"])
def test_what_is_found_under_the_lock_only_has_its_rule_too(slug: str) -> None:
    """That they refuse is told in tests/service/recording/test_naming.py."""
    assert RULES[slug].source.startswith("Conservation rule 1")
    assert "{" in RULES[slug].en
    assert "{" in RULES[slug].zh
