"""Which entries whom is told of, and how much: what the operator may see, and never a restricted value."""

import orjson
import pytest

from ledger.entry import parse_entry
from service.access import Caller
from service.domain.roles import Role
from service.history import battery_history, may_read_all
from service.parties import Parties, PartyBook
from service.webhooks.choosing import Choice, Chooser
from service.webhooks.messages import Place
from service.webhooks.subscriptions import Tie, Webhook
from tests.service.domain.story import ROLES
from tests.service.town import AUTHORITY, Town, module, pack, vin
from tests.service.webhooks.receiver import delivering, receiving, reload, rounds, subscribe

FRESH = 700_000


def hook_of(operator: str, *, kinds: tuple[str, ...] = (), ties: tuple[str, ...] = ()) -> Webhook:
    return Webhook("", operator, "", frozenset(kinds), frozenset(map(Tie, ties)), "", "", "", 0, 0, "")


def chosen(town: Town, hook: Webhook) -> dict[int, Choice]:
    """By index what is told of each entry of the register."""
    with town.register.read() as reader:
        chooser = Chooser(PartyBook(reader, town.register.current_registry(reader.connection)))
        events = enumerate(orjson.loads(each)["event"] for each in reader.entries(0, reader.size()))
        found = {index: chooser.choose(hook, event) for index, event in events}
    return {index: choice for index, choice in found.items() if choice is not None}


def test_whole_entries_are_those_that_a_history_shows_whole(town: Town) -> None:
    """The same rule in two places: held against each other for everybody and every entry about a battery."""
    registry = town.register.registry
    histories = {}
    events = [parse_entry(each).event for each in town.entries()]
    for operator in ROLES:
        caller, told = Caller(operator, frozenset({"read"}), ""), chosen(town, hook_of(operator))
        for index, event in list(enumerate(events))[:40] + list(enumerate(events))[-10:]:
            if not event.subjects:
                continue
            for code in event.subjects:
                histories.setdefault(code, battery_history(town.register, code))
            may = event.actor == operator or any(
                may_read_all(caller, histories[code], registry) for code in event.subjects
            )
            assert (index in told and told[index].whole) is may, (operator, index)


def test_regulators_and_the_authority_are_told_of_everything_and_strangers_of_nothing(town: Town) -> None:
    everything = list(range(town.size()))
    [bureau] = [operator for operator, roles in ROLES.items() if Role.REGULATOR in roles]
    assert list(chosen(town, hook_of(AUTHORITY))) == list(chosen(town, hook_of(bureau))) == everything
    assert chosen(town, hook_of("nobody")) == {}


def test_kinds_and_ties_narrow_what_is_told(town: Town) -> None:
    assemble_codes = {pack(9_000_000), module(1), module(2), module(3)}
    events = [parse_entry(each).event for each in town.entries()]
    told = chosen(town, hook_of("cq-cells", kinds=("assemble",)))
    assert [set(events[index].subjects) for index in told] == [assemble_codes]
    made = chosen(town, hook_of("cq-cells", ties=("maker",)))
    assert all(events[index].subjects for index in made)
    assert made.keys() < chosen(town, hook_of("cq-cells")).keys()
    assert chosen(town, hook_of("cq-motors", ties=("maker",))) == {}
    held = {events[index].subjects[0] for index in chosen(town, hook_of("cq-motors", ties=("holder",)))}
    assert pack(1) in held and pack(9_000_000) not in held


def test_who_only_answers_for_a_battery_is_told_what_anybody_may_see_and_of_no_other_battery(town: Town) -> None:
    with town.register.read() as reader:
        book = PartyBook(reader, town.register.current_registry(reader.connection))
        chooser = Chooser(book)
        parties = book.of(pack(1))
        assert parties.state is not None
        book._known[pack(1)] = Parties(parties.state.changed({"responsible": "cq-swap"}), parties.actors)
        hook = hook_of("cq-swap", ties=("responsible",))
        public = {"type": "replace_pack", "actor": "cq-motors", "subjects": [pack(2), pack(1)]}
        assert chooser.choose(hook, public) == Choice(False, (pack(1),))
        assert chooser.choose(hook, public | {"type": "report_soh"}) is None
        assert chooser.choose(hook, public | {"subjects": [pack(2)]}) is None
    entry = town.entries()[-1]
    told = orjson.loads(Place("https://id.example.cn", "w").message(7, entry, Choice(False, (pack(1),))).body)
    assert "entry" not in told["data"] and told["data"]["subjects"] == [pack(1)] and not told["data"]["whole"]


@pytest.mark.parametrize("operator", ["cq-cells", AUTHORITY])
def test_no_restricted_value_is_sent_to_anybody(town: Town, operator: str) -> None:
    with receiving() as receiver, delivering(town) as deliverer:
        hook, _ = subscribe(town, receiver, operator)
        town.must(town.tell("cq-cells", "register", pack(FRESH)))
        town.must(town.tell("cq-motors", "install", pack(FRESH), private={"vin": vin(FRESH)}))
        town.must(town.tell("cq-motors", "report_soh", pack(FRESH), full_cycles=707))
        rounds(deliverer, lambda: reload(town, hook).cursor == town.size())
        sent = b"".join(each.body for each in receiver.received)
        assert b"full_cycles_commitment" in sent and len(receiver.received) == 3
        for secret in (vin(FRESH), '"soce_ppm":', '"full_cycles":', '"private"', '"salt"'):
            assert secret.encode() not in sent
