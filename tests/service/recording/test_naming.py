"""Names under the log's lock: given once, for ever, on both engines, and derived again from entries."""

from typing import Any

import pytest

from service.db import tables, views
from service.domain.rulebook import RULEBOOK
from service.errors import ConflictError, RefusedError
from service.lookup import find_organisations
from service.recording.rebuilding import rebuild
from service.recording.recorder import Outcome, Recorded
from tests.service.domain.story import PACK_MODEL
from tests.service.town import AUTHORITY, Town, pack
from tests.service.verification.test_register import verify

FRESH = 700_000
GTIN = "09521234000013"
OTHER_GTIN = "09521234000099"
LINK = "https://id.maker.example/p/A7"
USCC = "91350100M000100Y43"


def names_of(town: Town) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """What stands in the two tables of names."""
    with town.register.read() as reader:
        found = [reader.connection.execute(each.select()).all() for each in (tables.trade_item, tables.identifier)]
    ties, names = (sorted(tuple(row) for row in rows) for rows in found)
    return ties, names


def rules_of(outcome: Outcome) -> list[tuple[str, str]]:
    assert isinstance(outcome, (ConflictError, RefusedError)), outcome
    return [(fault.pointer, fault.code) for fault in outcome.faults]


def test_a_gtin_stands_for_one_beginning_of_codes_and_a_beginning_for_one_gtin(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    taken = town.tell("cq-cells", "publish_model", **PACK_MODEL | {"model_id": "CQ-13", "specification": "13"})
    given = town.tell("cq-cells", "publish_model", **PACK_MODEL | {"model_id": "CQ-12B", "gtin": OTHER_GTIN})
    outcomes = town.recorder.record([taken, given])
    assert [type(each) for each in outcomes] == [ConflictError, ConflictError]
    assert [rules_of(each) for each in outcomes] == [[("/body/gtin", "gtin-taken")], [("/body/gtin", "gtin-given")]]
    assert town.size() == before
    town.must(town.tell("cq-cells", "publish_model", **PACK_MODEL | {"model_id": "CQ-12C"}))


def test_a_tie_is_kept_within_one_batch_too(either_town: Town) -> None:
    town = either_town
    models = [PACK_MODEL | {"model_id": f"CQ-{n}", "specification": str(n), "gtin": OTHER_GTIN} for n in (21, 22)]
    outcomes = town.recorder.record([town.tell("cq-cells", "publish_model", **each) for each in models])
    assert [type(each) for each in outcomes] == [Recorded, ConflictError]


def test_a_model_without_a_gtin_gets_its_tie_from_the_first_battery_that_tells_one(either_town: Town) -> None:
    town = either_town
    model = {"model_id": "CQ-13", "specification": "13", "gtin": None}
    codes = [f"001PE13{pack(FRESH + n)[7:]}" for n in range(3)]
    town.must(town.tell("cq-cells", "publish_model", **PACK_MODEL | model))
    outcomes = town.recorder.record(
        [
            town.tell("cq-cells", "register", code, model_id="CQ-13", gtin=gtin)
            for code, gtin in zip(codes, (OTHER_GTIN, OTHER_GTIN, "09521234000105"), strict=True)
        ]
    )
    assert [type(each) for each in outcomes] == [Recorded, Recorded, ConflictError]
    assert rules_of(outcomes[2]) == [("/body/gtin", "gtin-given")]
    with town.register.read() as reader:
        assert views.find_trade_items(reader.connection, [OTHER_GTIN]) == {(OTHER_GTIN, "001PE13")}


@pytest.mark.parametrize(
    ("field", "one", "other"), [("giai", "9521234a7", "9521234A7"), ("identification_link", LINK, LINK.upper())]
)
def test_a_further_name_belongs_to_one_battery_for_ever_whatever_its_capitals(
    either_town: Town, field: str, one: str, other: str
) -> None:
    town = either_town
    town.must(town.tell("cq-cells", "register", pack(FRESH), **dict[str, Any]({field: one})))
    again = [
        town.tell("cq-cells", "register", pack(FRESH + 1), **dict[str, Any]({field: each})) for each in (one, other)
    ]
    for outcome in town.recorder.record(again):
        assert rules_of(outcome) == [(f"/body/{field}", "name-taken")]
        assert pack(FRESH) in str(outcome)


def test_an_undone_batch_gives_no_names(either_town: Town) -> None:
    town, before = either_town, names_of(either_town)
    named = town.tell("cq-cells", "register", pack(FRESH), giai="9521234A7", identification_link=LINK)
    tied = town.tell(
        "cq-cells", "publish_model", **PACK_MODEL | {"model_id": "CQ-13", "specification": "13", "gtin": OTHER_GTIN}
    )
    refused = town.tell("cq-cells", "register", pack(1))
    town.recorder.record([named, tied, refused], atomic=True)
    assert names_of(town) == before
    town.must(tied, named, atomic=True)
    assert len(names_of(town)[0]) == len(before[0]) + 1
    assert len(names_of(town)[1]) == len(before[1]) + 2


def test_an_address_of_another_battery_is_no_name_of_this_one(either_town: Town) -> None:
    town = either_town
    links = [f"https://id.maker.example/b/{pack(number)}" for number in (FRESH, FRESH + 1)]
    own, wrong = (town.tell("cq-cells", "register", pack(FRESH), identification_link=each) for each in links)
    assert rules_of(town.recorder.record([wrong])[0]) == [("/body/identification_link", "link-of-another")]
    town.must(own)


def test_a_folded_name_is_refused_for_registration(town: Town) -> None:
    before = town.size()
    for code in (
        pack(FRESH).lower(),
        f"{pack(FRESH)[:12]}-{pack(FRESH)[12:]}",
        f" {pack(FRESH)}",
        "００" + pack(FRESH)[2:],
    ):
        with pytest.raises(RefusedError):
            town.must(town.tell("cq-cells", "register", code))
    for changes in ({"gtin": "9521234000013"}, {"giai": "９５21234A7"}, {"identification_link": f" {LINK}"}):
        with pytest.raises(RefusedError):
            town.tell("cq-cells", "register", pack(FRESH), **dict[str, Any](changes))
    assert town.size() == before


def test_the_names_are_derived_again_from_the_entries(either_town: Town) -> None:
    town = either_town
    town.must(town.tell("cq-cells", "register", pack(FRESH), giai="9521234A7", identification_link=LINK))
    kept = names_of(town)
    rebuild(town.register)
    assert names_of(town) == kept
    assert (GTIN, pack(1)[:7]) in kept[0]


def enrolment(operator: str, uscc: str | None, **more: Any) -> dict[str, Any]:
    return {"operator_id": operator, "name": operator, "roles": ["fleet"], "region": "500112", "uscc": uscc} | more


def test_a_credit_code_is_one_operators_within_one_batch_too(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    first, second = (town.tell(AUTHORITY, "enrol_operator", **enrolment(each, USCC)) for each in ("cq-a", "cq-b"))
    outcomes = town.recorder.record([first, second])
    assert [type(each) for each in outcomes] == [Recorded, ConflictError]
    assert rules_of(outcomes[1]) == [("/body/uscc", "uscc-taken")]
    assert town.size() == before + 1
    again = town.tell(AUTHORITY, "enrol_operator", **enrolment("cq-a", USCC, name="renewed"))
    freed = town.tell(AUTHORITY, "enrol_operator", **enrolment("cq-a", None))
    taken_over = town.tell(AUTHORITY, "enrol_operator", **enrolment("cq-b", USCC))
    town.must(again, freed, taken_over)
    assert verify(town.settings).failures == ()


def test_two_operators_that_were_enrolled_with_one_credit_code_before_the_rule_stay_so(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their entries replay, either may be renewed, both are found; a third one is refused."""
    with monkeypatch.context() as before_the_rule:
        before_the_rule.setitem(RULEBOOK, "enrol_operator", ())
        town.must(*(town.tell(AUTHORITY, "enrol_operator", **enrolment(each, USCC)) for each in ("cq-a", "cq-b")))
    rebuild(town.register)
    assert verify(town.settings).failures == ()
    town.must(town.tell(AUTHORITY, "enrol_operator", **enrolment("cq-b", USCC, name="renewed")))
    assert [each.operator.id for each in find_organisations(town.register, USCC)] == ["cq-a", "cq-b"]
    [third] = town.recorder.record([town.tell(AUTHORITY, "enrol_operator", **enrolment("cq-c", USCC))])
    assert rules_of(third) == [("/body/uscc", "uscc-taken")]
