"""What only one may have, asked for by a hundred at once through two recorders: exactly one gets it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from service.errors import ServiceError
from service.recording.admission import Admitted
from service.recording.recorder import Recorded, Recorder
from service.work import Register
from tests.service.town import Town, new_id, pack, vin


def race(town: Town, asks: list[Admitted]) -> tuple[list[Recorded], Counter[str]]:
    """What was recorded, and the kinds of the refusals."""
    elsewhere = Register(town.settings, clock=town.clock)
    recorders = [town.recorder, Recorder(elsewhere)]

    def ask(number: int) -> Recorded | ServiceError:
        try:
            [outcome] = recorders[number % 2].record([asks[number]])
        except ServiceError as error:
            return error
        return outcome

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(ask, range(len(asks))))
    elsewhere.close()
    refused = [each for each in found if isinstance(each, ServiceError)]
    return [each for each in found if isinstance(each, Recorded)], Counter(type(each).__name__ for each in refused)


def test_a_pack_is_installed_in_one_vehicle(either_town: Town) -> None:
    town = either_town
    town.must(town.tell("cq-cells", "register", pack(800)))
    before = town.size()
    vehicles = [town.tell("cq-motors", "install", pack(800), private={"vin": vin(9_000 + n)}) for n in range(100)]
    recorded, refusals = race(town, vehicles)
    assert (len(recorded), refusals.total(), town.size()) == (1, 99, before + 1)


def test_a_pack_is_handed_over_once_and_received_once(either_town: Town) -> None:
    town, code = either_town, pack(10)
    town.must(town.tell("cq-motors", "retire", code))
    given = [town.tell("cq-motors", "hand_over", code, to_operator="cq-outlet") for _ in range(100)]
    [first], refusals = race(town, given)
    assert refusals.total() == 99
    taken = [town.tell("cq-outlet", "receive", code, from_operator="cq-motors") for _ in range(100)]
    recorded, refusals = race(town, taken)
    assert (len(recorded), refusals.total(), town.size()) == (1, 99, first.index + 2)


def test_one_event_sent_a_hundred_times_is_one_entry(either_town: Town) -> None:
    """Its own id is what makes it the same, for ever: all get the receipt of that entry."""
    town = either_town
    id_, before = new_id(town.clock.now), town.size()
    same = [town.tell("cq-motors", "retire", pack(6), id=id_) for _ in range(100)]
    recorded, refusals = race(town, same)
    assert refusals.total() == 0
    assert {each.index for each in recorded} == {before}
    assert [each.replayed for each in recorded].count(False) == 1
    assert town.size() == before + 1


def test_an_id_of_another_operator_is_not_to_be_had(either_town: Town) -> None:
    town = either_town
    id_, before = new_id(town.clock.now), town.size()
    claims = [town.tell("cq-motors", "retire", pack(7 + n % 2), id=id_) for n in range(99)]
    recorded, refusals = race(town, [town.tell("cq-cells", "report_incident", pack(9), id=id_), *claims])
    assert len({each.index for each in recorded}) == 1 and town.size() == before + 1
    assert len(recorded) + refusals.total() == 100
