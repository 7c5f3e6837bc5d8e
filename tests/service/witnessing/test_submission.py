"""A register and its witnesses: all honest, some dead, slow, behind, ahead, or lying."""

import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ledger.errors import RollbackError
from ledger.notes.checkpoint import open_checkpoint
from ledger.notes.note import split_note
from ledger.notes.witness import parse_add_checkpoint
from service.db import tables
from service.recording.recorder import Recorder
from service.witnessing.roll import add_witness, remove_witness
from service.work import Register
from tests.service.town import ORIGIN, Town, copy_town, pack
from tests.service.witnessing.chore import Chore, enrol, grow
from tests.service.witnessing.places import Honest, Place, hostile, nobody, policy_of, policy_text, saying

pytestmark = pytest.mark.usefixtures("quickly")


def vkeys_of(register: Register) -> list[str]:
    return [signer.vkey for signer in register.signers]


def submissions(place: Place) -> list[bytes]:
    return [body for path, body in place.received if path.endswith("/add-checkpoint")]


def stored(register: Register) -> int:
    with register.read() as reader:
        return int(reader.connection.execute(select(func.count()).select_from(tables.cosignature)).scalar_one())


def test_a_checkpoint_is_cosigned_by_all_witnesses_and_shown_so(either_town: Town, folder: Path) -> None:
    register, chore = either_town.register, Chore(either_town.register)
    one, two = (Honest(folder / name, name, vkeys_of(register)) for name in ("w1.test", "w2.test"))
    with one.served() as first, two.served() as second:
        enrol(register, "one", one.vkeys[0], first.url)
        enrol(register, "one-pq", one.vkeys[1], first.url)
        enrol(register, "two", two.vkeys[0], second.url)
        chore.until_cosigned("one", "one-pq", "two")
        grow(either_town, 1)
        chore.until_cosigned("one", "one-pq", "two")
        head = chore.head()
    assert head.size == either_town.size()
    assert set(head.witnesses) == {"one", "one-pq", "two"}
    with register.read() as reader:
        assert reader.served() == head.note
        proven = reader.proven(0, under=head)
    assert proven.receipt.checkpoint == head.note
    names = {"a": one.vkeys[0], "b": one.vkeys[1], "c": two.vkeys[0]}
    assert policy_of(vkeys_of(register), names, "all").check(head.note) == ("a", "b", "c")
    assert open_checkpoint(head.note, register.verifiers, origin=ORIGIN, require_all=True).size == head.size
    assert len(submissions(first)) == len(submissions(second)), "an address with two keys is asked once"
    assert chore.told == []


def test_a_witness_that_knows_nothing_of_us_yet_is_told_from_the_beginning_and_one_behind_from_there(
    town: Town, chore: Chore, folder: Path
) -> None:
    witness = Honest(folder, "w.test", vkeys_of(town.register))
    with witness.served() as place:
        enrol(town.register, "w", witness.vkeys[0], place.url)
        chore.until_cosigned("w")
        before = town.size()
        grow(town, 1, 2, 3)
        chore.until_cosigned("w")
        olds = [parse_add_checkpoint(body).old for body in submissions(place)]
        assert olds == [0, before]
        after_a_restart = Chore(town.register)
        after_a_restart.until(lambda: len(submissions(place)) > 2)
        last = parse_add_checkpoint(submissions(place)[-1])
        assert (last.old, last.proof) == (town.size(), ()), "the size was kept across the restart"


def test_a_size_that_was_forgotten_here_is_learned_from_the_witness(town: Town, chore: Chore, folder: Path) -> None:
    witness = Honest(folder, "w.test", vkeys_of(town.register))
    with witness.served() as place:
        enrol(town.register, "w", witness.vkeys[0], place.url)
        chore.until_cosigned("w")
        with town.register.write_beside() as connection:
            remove_witness(connection, "w")
        enrol(town.register, "w", witness.vkeys[0], place.url)
        held = town.size()
        grow(town, 1)
        again = Chore(town.register)
        again.until_cosigned("w")
        assert [parse_add_checkpoint(body).old for body in submissions(place)][-2:] == [0, held]
    assert again.told == []


def test_dead_and_slow_witnesses_hold_up_neither_the_others_nor_recording(
    town: Town, chore: Chore, folder: Path
) -> None:
    hold, came = threading.Event(), threading.Event()

    def be_slow(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        came.set()
        hold.wait(30)
        saying(500, b"")(handler, body)

    witness = Honest(folder, "w.test", vkeys_of(town.register))
    spare = Honest(folder / "spare", "spare.test", vkeys_of(town.register))
    with witness.served() as place, hostile(be_slow) as slow:
        enrol(town.register, "w", witness.vkeys[0], place.url)
        enrol(town.register, "slow", spare.vkeys[0], slow.url)
        enrol(town.register, "dead", spare.vkeys[1], nobody())
        for number in range(5):
            grow(town, number)
            chore.until_cosigned("w")
        assert came.is_set() and not hold.is_set(), "the slow one has not answered yet"
        assert len(submissions(slow)) == 1, "and is not asked twice at once"
        assert "cannot be reached" in chore.until_error("dead")
        assert chore.head().witnesses == ("w",)
        hold.set()
        assert "answered 500" in chore.until_error("slow")


def test_two_of_two_are_waited_for_where_the_policy_says_so(town: Town, chore: Chore, folder: Path) -> None:
    one, two = (Honest(folder / name, name, vkeys_of(town.register)) for name in ("w1.test", "w2.test"))
    names = {"first": one.vkeys[0], "second": two.vkeys[0]}
    town.settings.policy_file.write_text(policy_text(vkeys_of(town.register), names, "all"))
    with ExitStack() as stack:
        first = stack.enter_context(one.served())
        enrol(town.register, "one", one.vkeys[0], first.url)
        enrol(town.register, "two", two.vkeys[0], nobody())
        chore.until_cosigned("one")
        chore.until_error("two")
        assert chore.head().size == 0
        with town.register.write_beside() as connection:
            remove_witness(connection, "two")
        enrol(town.register, "two", two.vkeys[0], stack.enter_context(two.served()).url)
        head = chore.until_witnessed()
        assert head.witnesses == ("first", "second"), "the policy's own names"
    grow(town, 1)
    with town.register.read() as reader:
        assert reader.served() == head.note, "nobody is shown what the quorum has not seen"
        assert reader.size() == head.size + 1


def test_a_changed_policy_is_followed_and_a_broken_one_is_told(town: Town, chore: Chore, folder: Path) -> None:
    one, two = (Honest(folder / name, name, vkeys_of(town.register)) for name in ("w1.test", "w2.test"))
    file, logs = town.settings.policy_file, vkeys_of(town.register)
    with one.served() as place:
        enrol(town.register, "one", one.vkeys[0], place.url)
        assert chore.until_witnessed().policy == ""
        file.write_text(policy_text(logs, {"a": one.vkeys[0]}, "all"))
        chore.until(lambda: chore.head().policy != "")
        assert (chore.head().size, chore.head().witnesses) == (town.size(), ("a",))
        file.write_text(policy_text(logs, {"a": one.vkeys[0], "b": two.vkeys[0]}, "all"))
        chore.until(lambda: chore.head().size == 0)
        file.write_text("quorum nobody\n")
        with pytest.raises(Exception, match="policy cannot be used"):
            chore.once()
        file.unlink()
        chore.until_witnessed()


@pytest.mark.parametrize(
    "answer",
    [
        saying(200, b""),
        saying(200, "— w.test AAAAAAAAAAAA\n".encode()),
        saying(200, b"x" * 100_000),
        saying(404, b"who are you\n"),
        saying(403, b""),
        saying(302, b"", Location="http://127.0.0.1/"),
        saying(409, b"many\n"),
        saying(409, b"3\n"),
    ],
)
def test_what_is_no_cosignature_is_not_kept_and_nothing_else_suffers(
    town: Town, chore: Chore, folder: Path, answer: object
) -> None:
    key = Honest(folder, "w.test", vkeys_of(town.register)).vkeys[0]
    with hostile(answer) as place:  # type: ignore[arg-type]
        enrol(town.register, "w", key, place.url)
        assert chore.until_error("w")
    assert chore.told[0][0] == "w"
    assert stored(town.register) == 0
    assert chore.head().size == 0
    assert grow(town, 1) == town.size()


def rival(town: Town, tmp_path: Path) -> Town:
    """The same register once more, as if a copy had been restored elsewhere."""
    return Town(copy_town(town.settings.data, tmp_path / "rival"), town.clock)


def test_a_witness_that_proves_to_hold_more_stops_all_recording(town: Town, folder: Path, tmp_path: Path) -> None:
    newer = rival(town, tmp_path)
    witness = Honest(folder, "w.test", vkeys_of(town.register))
    with witness.served() as place:
        grow(newer, 1, 2, 3)
        enrol(newer.register, "w", witness.vkeys[0], place.url)
        Chore(newer.register).until_cosigned("w")
        town.register.is_abreast = True  # a server that was started before the old copy was put under it
        enrol(town.register, "w", witness.vkeys[0], place.url)
        chore = Chore(town.register)
        assert "old copy" in chore.until_error("w")
        assert chore.witness("w").size == newer.size()
        with pytest.raises(RollbackError, match="restore-check"):
            grow(town, 9)
        with pytest.raises(RollbackError):
            Register(town.settings)
    newer.close()


def test_a_witness_that_only_says_so_stops_nothing_that_runs_but_the_next_start(
    town: Town, chore: Chore, folder: Path
) -> None:
    key = Honest(folder, "w.test", vkeys_of(town.register)).vkeys[0]

    def lie(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        saying(*((404, b"") if handler.command == "GET" else (409, b"1000000\n")))(handler, body)

    with hostile(lie) as place:
        enrol(town.register, "w", key, place.url)
        town.register.is_abreast = True
        assert "says it holds 1000000" in chore.until_error("w")
        asked = len(submissions(place))
        grow(town, 1)
        chore.once()
        assert len(submissions(place)) == asked, "it is not pressed"
    later = Register(town.settings, clock=town.clock)
    admitted = town.tell("cq-cells", "register", pack(8_500_000))
    with pytest.raises(RollbackError, match="hold 1000000 entries"):
        Recorder(later).record([admitted])
    with later.write_beside() as connection:
        remove_witness(connection, "w")
    [outcome] = Recorder(later).record([admitted])
    assert not isinstance(outcome, Exception)
    later.close()


def test_another_history_is_told_and_not_pressed_on(
    town: Town, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.witnessing.rounds.LONGEST_PAUSE", 0.01)  # what only failed would be asked at once
    other = rival(town, tmp_path)
    witness = Honest(folder, "w.test", vkeys_of(town.register))
    with witness.served() as place:
        grow(other, 1)
        enrol(other.register, "w", witness.vkeys[0], place.url)
        Chore(other.register).until_cosigned("w")
        grow(town, 2, 3)
        town.register.is_abreast = True
        enrol(town.register, "w", witness.vkeys[0], place.url)
        chore = Chore(town.register)
        assert "another history" in chore.until_error("w")
        asked = len(submissions(place))
        for _ in range(20):
            chore.once()
            time.sleep(0.01)
        assert len(submissions(place)) == asked
    assert chore.head().size == 0
    other.close()


def test_an_old_checkpoint_of_ours_proves_no_claim(town: Town, chore: Chore, folder: Path) -> None:
    key = Honest(folder, "w.test", vkeys_of(town.register)).vkeys[0]
    with town.register.read() as reader:
        ours = reader.checkpoint()

    def lie(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        saying(*((200, ours) if handler.command == "GET" else (409, b"1000000\n")))(handler, body)

    with hostile(lie) as place:
        enrol(town.register, "w", key, place.url)
        town.register.is_abreast = True
        assert "says it holds 1000000" in chore.until_error("w")
    grow(town, 1)


def test_who_answers_late_does_not_take_the_checkpoint_back(town: Town, chore: Chore, folder: Path) -> None:
    quick, slow = (Honest(folder / name, name, vkeys_of(town.register)) for name in ("quick.test", "slow.test"))
    hold, came = threading.Event(), threading.Event()

    def be_slow(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        came.set()
        hold.wait(30)
        slow.behave(handler, body)

    with quick.served() as first, hostile(be_slow) as second:
        enrol(town.register, "slow", slow.vkeys[0], second.url)
        chore.until(came.is_set)
        enrol(town.register, "quick", quick.vkeys[0], first.url)
        chore.until_cosigned("quick")
        early = grow(town, 1)
        chore.until_cosigned("quick")
        sizes: list[int] = []
        hold.set()
        chore.until(lambda: sizes.append(chore.head().size) or chore.witness("slow").size == early)
    assert len(submissions(second)) >= 2
    assert set(sizes) == {early}


def test_cosignatures_that_are_kept_do_not_grow_with_the_rounds(town: Town, chore: Chore, folder: Path) -> None:
    witness = Honest(folder, "w.test", vkeys_of(town.register))
    with witness.served() as place:
        enrol(town.register, "w", witness.vkeys[0], place.url)
        for number in range(12):
            grow(town, number)
            chore.until_cosigned("w")
    with town.register.read() as reader:
        kept = {size for size, _ in reader.checkpoints()}
        sizes = set(reader.connection.execute(select(tables.cosignature.c.size)).scalars())
        [line] = reader.connection.execute(
            select(tables.cosignature.c.line).where(tables.cosignature.c.size == reader.size())
        ).scalars()
    assert sizes - kept <= {town.size()}
    assert bytes(line) in chore.head().note
    assert split_note(chore.head().note)[0].split(b"\n")[1] == str(town.size()).encode()


def test_a_restart_takes_no_cosignature_away(town: Town, chore: Chore, folder: Path) -> None:
    one, two = (Honest(folder / name, name, vkeys_of(town.register)) for name in ("w1.test", "w2.test"))
    with one.served() as first:
        with two.served() as second:
            enrol(town.register, "one", one.vkeys[0], first.url)
            enrol(town.register, "two", two.vkeys[0], second.url)
            chore.until_cosigned("one", "two")
        town.clock.move(minutes=1)
        restarted, before = Chore(town.register), chore.witness("one").seen_at
        restarted.until_error("two")
        restarted.until(lambda: restarted.witness("one").seen_at != before)
        assert set(restarted.head().witnesses) == {"one", "two"}


def test_a_witness_that_was_removed_and_added_again_starts_afresh(town: Town, chore: Chore, folder: Path) -> None:
    witness = Honest(folder, "w.test", vkeys_of(town.register))
    with hostile(saying(422, b"")) as place:
        enrol(town.register, "w", witness.vkeys[0], place.url)
        assert "another history" in chore.until_error("w")
    with town.register.write_beside() as connection:
        remove_witness(connection, "w")
        add_witness(connection, "w", witness.vkeys[0], place.url, at="2026-05-02T05:00:00.000Z")
    with witness.served(port=int(place.url.rpartition(":")[2].partition("/")[0])):
        chore.until_cosigned("w")


def test_a_witness_of_the_older_protocol_tells_another_history_by_the_very_size_it_was_asked_from(
    town: Town, chore: Chore, folder: Path
) -> None:
    key = Honest(folder, "w.test", vkeys_of(town.register)).vkeys[0]
    with hostile(saying(409, b"%d\n" % town.size())) as place:
        enrol(town.register, "w", key, place.url)
        assert "another history" in chore.until_error("w")
        assert [parse_add_checkpoint(body).old for body in submissions(place)] == [0, town.size()]
