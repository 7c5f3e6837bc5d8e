"""A register behind its witnesses does not begin to write; witnesses that are silent are no reason not to."""

import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from ledger.errors import RollbackError
from ledger.notes.note import Ed25519Signer
from service.recording.recorder import Recorder
from service.witnessing.asking import WitnessError
from service.witnessing.guard import require_abreast, witness_sizes
from service.witnessing.roll import forget_sizes
from service.work import Register
from tests.service.town import Town, copy_town, pack
from tests.service.witnessing.chore import Chore, enrol, grow
from tests.service.witnessing.places import Honest, hostile, nobody, saying

pytestmark = pytest.mark.usefixtures("quickly")


def vkeys_of(register: Register) -> list[str]:
    return [signer.vkey for signer in register.signers]


def test_each_witness_is_asked_what_it_holds(town: Town, chore: Chore, folder: Path) -> None:
    witness, fresh, other = (Honest(folder / name, name, vkeys_of(town.register)) for name in ("w", "fresh", "other"))
    stranger = Honest(folder / "stranger", "stranger", [Ed25519Signer("elsewhere", b"e" * 32).vkey])
    hold = threading.Event()

    def be_silent(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        hold.wait(20)

    def show_nothing(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        saying(*((404, b"") if handler.command == "GET" else (409, b"7\n")))(handler, body)

    with (
        witness.served() as place,
        fresh.served() as new,
        stranger.served() as strange,
        hostile(be_silent) as silent,
        hostile(
            lambda handler, body: saying(*((404, b"") if handler.command == "GET" else (409, b"7\n")))(handler, body)
        ) as old,
    ):
        enrol(town.register, "w", witness.vkeys[0], place.url)
        chore.until_cosigned("w")
        held = town.size()
        grow(town, 1)
        enrol(town.register, "dead", other.vkeys[0], nobody())
        enrol(town.register, "fresh", fresh.vkeys[0], new.url)
        enrol(town.register, "old", other.vkeys[1], old.url)
        enrol(town.register, "silent", witness.vkeys[1], silent.url)
        enrol(town.register, "strange", stranger.vkeys[0], strange.url)
        sizes = dict(witness_sizes(town.register, seconds=1.0))
        hold.set()
    assert (sizes["w"], sizes["fresh"], sizes["old"]) == (held, 0, 7)
    assert {name for name, found in sizes.items() if isinstance(found, WitnessError)} == {"dead", "silent", "strange"}
    assert any(words in str(sizes["silent"]) for words in ("no answer", "timed out"))
    assert "404" in str(sizes["strange"])


def test_an_old_copy_of_the_whole_folder_does_not_begin_to_write(town: Town, folder: Path, tmp_path: Path) -> None:
    witness = Honest(folder, "w.test", vkeys_of(town.register))
    with witness.served() as place:
        enrol(town.register, "w", witness.vkeys[0], place.url)
        old = copy_town(town.settings.data, tmp_path / "old")  # database, pin and keys, as a backup has them
        grow(town, 1)
        chore = Chore(town.register)
        chore.until_cosigned("w")
        restored = Register(old, clock=town.clock)
        before = Chore(restored).size()
        with pytest.raises(RollbackError, match=r"the witness w holds \d+ entries.*restore-check"):
            Recorder(restored).record([town.tell("cq-cells", "register", pack(8_600_000))])
        assert Chore(restored).size() == before
        restored.close()


def test_what_is_kept_here_is_enough_where_no_witness_can_be_reached(town: Town, chore: Chore, folder: Path) -> None:
    witness = Honest(folder, "w.test", vkeys_of(town.register))
    with witness.served() as place:
        enrol(town.register, "w", witness.vkeys[0], place.url)
        chore.until_cosigned("w")
    with town.register.write_beside() as connection:  # as a database of which only the entries were put back
        connection.exec_driver_sql("UPDATE witness SET size = size + 1")
    with pytest.raises(RollbackError, match=r"witnesses .* hold"):
        require_abreast(Register(town.settings, clock=town.clock))
    with town.register.write_beside() as connection:
        forget_sizes(connection)
    require_abreast(Register(town.settings, clock=town.clock))


def test_silent_witnesses_are_no_reason_not_to_begin(town: Town, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    witness = Honest(folder, "w.test", vkeys_of(town.register))
    enrol(town.register, "w", witness.vkeys[0], nobody())
    enrol(town.register, "v", witness.vkeys[1], "http://127.0.0.1:9/away")
    later = Register(town.settings, clock=town.clock)
    [outcome] = Recorder(later).record([town.tell("cq-cells", "register", pack(8_600_001))])
    assert not isinstance(outcome, Exception)
    later.close()


def test_a_register_asks_once_and_not_before_each_append(town: Town, folder: Path) -> None:
    witness = Honest(folder, "w.test", vkeys_of(town.register))
    with witness.served() as place:
        enrol(town.register, "w", witness.vkeys[0], place.url)
        later = Register(town.settings, clock=town.clock)
        recorder = Recorder(later)
        for number in range(4):
            recorder.record([town.tell("cq-cells", "register", pack(8_700_000 + number))])
        assert len(place.received) == 2, "what it shows, and its answer to size 0"
    later.close()
