"""Whose list a battery is on, and what is judged of its passport and its label."""

from datetime import date

from service.domain.passport.completeness import check_completeness
from service.domain.passport.composing import numbers_given
from service.domain.states import OpState
from service.domain.words import Category
from service.packlist.groups import Eu, Tie, groups_of, judge
from service.recording.listings import load_known
from tests.service.town import Town

TODAY = date(2026, 11, 22)


def test_each_operator_that_has_to_do_with_a_battery_has_it_once(town: Town) -> None:
    with town.register.read() as reader:
        models = town.register.current_registry(reader.connection).models
        [state] = load_known(reader.connection, ["001PE12ABCDEFGG2T0000001"], models).values()
    made = state.changed({"op_state": OpState.REGISTERED, "holder": state.maker, "responsible": None, "markets": ()})
    [alone] = groups_of(made, models["CQ-150"], None)
    assert (alone.operator, alone.ties, alone.label) == (state.maker, Tie.MADE | Tie.HOLDS | Tie.ANSWERS, "none")
    parties = {"holder": "h", "responsible": "r", "handed_to": "t", "labels": 2, "labels_void": 1}
    groups = {each.operator: each for each in groups_of(made.changed(parties), models["CQ-150"], None)}
    ties = {operator: each.ties for operator, each in groups.items()}
    assert ties == {state.maker: Tie.MADE, "h": Tie.HOLDS, "r": Tie.ANSWERS, "t": Tie.AWAITED}
    assert {each.label for each in groups.values()} == {"printed"}

    def passport(**changes: object) -> str:
        return groups_of(made.changed(changes), models["CQ-150"], None)[0].passport

    assert passport().startswith("ev:") and passport(markets=("EU",)) == passport()
    assert passport(markets=("CN",)) == passport(op_state=OpState.RECYCLED) == ""
    ended = groups_of(made.changed({"op_state": OpState.RECYCLED}), models["CQ-150"], None)[0]
    assert ended.label == ""


def test_a_passport_is_judged_as_the_gate_of_the_market_judges_it(town: Town) -> None:
    with town.register.read() as reader:
        models = town.register.current_registry(reader.connection).models
        [state] = load_known(reader.connection, ["001PE12ABCDEFGG2T0000001"], models).values()
    model = models["CQ-150"]
    [group] = [each for each in groups_of(state, model, None) if each.operator == state.maker]
    for numbers in (frozenset[int](), frozenset({29, 31, 36, 38}), frozenset(range(1, 72))):
        found = judge(group.passport, model, numbers, TODAY)
        gate = check_completeness(Category.EV, TODAY, numbers_given(state, model, numbers))
        assert found == (Eu.COMPLETE if gate.is_complete else Eu.INCOMPLETE, gate.missing)
    assert judge(":", None, frozenset(), TODAY)[0] is Eu.UNKNOWN
    assert judge("", None, frozenset(), TODAY)[0] is Eu.NOT_ASKED
