"""How long a key that was good is taken for good."""

from api import known_keys
from api.known_keys import MEMORY_SECONDS, KnownKeys
from service.access import Caller, revoke_api_key
from service.work import Register
from tests.api.checking import CheckedClient, problem
from tests.api.town import MAKER, Town

CALLER = Caller("cq-cells", frozenset({"read"}), "abcdefghijkl")


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_known_for_a_short_time_and_only_itself() -> None:
    seconds = Seconds()
    keys = KnownKeys(seconds)
    assert keys.find("a") is None
    keys.remember("a", CALLER)
    assert (keys.find("a"), keys.find("b")) == (CALLER, None)
    seconds.now = MEMORY_SECONDS - 0.001
    assert keys.find("a") == CALLER
    seconds.now = MEMORY_SECONDS
    assert keys.find("a") is None
    assert MEMORY_SECONDS <= 5, "a revoked key must be refused everywhere within five seconds"


def test_all_is_forgotten_when_a_key_is_revoked_or_there_are_too_many() -> None:
    keys = KnownKeys(Seconds())
    keys.remember("a", CALLER)
    keys.forget()
    assert keys.find("a") is None
    for number in range(known_keys.CAPACITY + 1):
        keys.remember(str(number), CALLER)
    assert keys.find("0") is None
    assert keys.find(str(known_keys.CAPACITY)) == CALLER


def test_a_key_revoked_by_another_process_is_refused_once_it_is_looked_up_again(
    client: CheckedClient, town: Town, register: Register
) -> None:
    headers = town.bearer(MAKER)
    assert client.get("/v1/operators", headers=headers).status_code == 200
    with register.write_beside() as connection:
        revoke_api_key(connection, town.keys[MAKER].split("_")[1], now=register.clock())
    edge = client.application.extensions["packtrail"]
    edge.known_keys.forget()
    problem(client.get("/v1/operators", headers=headers), 401)
