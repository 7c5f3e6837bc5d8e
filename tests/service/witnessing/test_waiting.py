"""Waiting for witnesses: bounded, and never where there is nothing to wait for."""

import threading
from pathlib import Path

import pytest

from service.witnessing.waiting import MOST_WAITING, wait_until_witnessed
from tests.service.town import Town
from tests.service.witnessing.chore import Chore, enrol, grow
from tests.service.witnessing.places import Honest, nobody

pytestmark = pytest.mark.usefixtures("quickly")


@pytest.fixture
def witness(town: Town, folder: Path) -> Honest:
    return Honest(folder, "w.test", [signer.vkey for signer in town.register.signers])


def test_who_waits_gets_the_checkpoint_as_soon_as_it_is_witnessed(town: Town, chore: Chore, witness: Honest) -> None:
    with witness.served() as place:
        enrol(town.register, "w", witness.vkeys[0], place.url)
        index = grow(town, 1) - 1
        found: list[int] = []
        waiting = threading.Thread(
            target=lambda: found.append((wait_until_witnessed(town.register, index, seconds=20) or chore.head()).size)
        )
        waiting.start()
        chore.until(lambda: not waiting.is_alive())
    assert found == [index + 1]


def test_without_witnesses_nobody_waits(town: Town) -> None:
    assert wait_until_witnessed(town.register, 0, seconds=3600) is None


def test_who_waits_in_vain_is_told_in_the_end(town: Town, witness: Honest) -> None:
    enrol(town.register, "w", witness.vkeys[0], nobody())
    assert wait_until_witnessed(town.register, 0, seconds=0.2) is None


def test_only_some_wait_and_the_next_gets_the_answer_there_is(town: Town, witness: Honest) -> None:
    enrol(town.register, "w", witness.vkeys[0], nobody())
    waiting = [
        threading.Thread(target=wait_until_witnessed, args=(town.register, 0), kwargs={"seconds": 1.5})
        for _ in range(MOST_WAITING)
    ]
    for thread in waiting:
        thread.start()
    while any(thread.ident is None for thread in waiting):
        pass
    threading.Event().wait(0.3)
    assert wait_until_witnessed(town.register, 0, seconds=3600) is None
    assert all(thread.is_alive() for thread in waiting)
    for thread in waiting:
        thread.join()
