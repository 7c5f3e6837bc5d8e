"""The hammer: writers, full readers and random readers at once against one register, until time or events are used up.

Ends with a check that everything acknowledged is in the log. Nothing that a register says is believed, except its
verifier keys where none are given.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.errors import LedgerError, MalformedError
from ledger.notes.note import Verifier, parse_vkey
from service.hammering.line import Line, UnexpectedError
from service.hammering.reading import RandomReader
from service.hammering.tally import Tally
from service.hammering.view import Heads, View
from service.hammering.writing import Promised, Writer
from service.verification.remote import RemoteError

PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 30.0
"""How long after the last event the served checkpoint may take to cover everything that was acknowledged."""

Step = Callable[[], bool]
"""One request and its checks; False if there was nothing to do."""


@dataclass(frozen=True, slots=True)
class Force:
    """How hard, and how long. `events` bounds what is written; None is only bounded by `seconds`."""

    seconds: float = 30.0
    events: int | None = None
    writers: int = 4
    full_readers: int = 2
    random_readers: int = 4


@dataclass(frozen=True, slots=True)
class Access:
    """Where the register is, and as whom to come. Without `api_key` nothing is written."""

    base_url: str
    api_key: str | None = None
    auditor_key: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`size` of the tree that was verified; `seconds` of hammering; what was counted and what was wrong."""

    size: int
    seconds: float
    tally: Tally


def fetch_verifiers(base_url: str) -> list[Verifier]:
    """The register's own keys: who does not know them otherwise takes them on trust. RemoteError, MalformedError."""
    text = Line(base_url, Tally()).get("vkeys", "/log/vkeys")
    try:
        keys = [parse_vkey(line) for line in text.decode().splitlines() if line]
    except UnicodeDecodeError:
        raise MalformedError("not verifier keys") from None
    if not keys:
        raise MalformedError("the register shows no verifier keys")
    return keys


def hammer(access: Access, verifiers: Sequence[Verifier], force: Force) -> Outcome:
    """Raises RemoteError where the register cannot be read or written at all; all else is in the outcome's tally."""
    return _Hammer(access, verifiers, force).run()


class _Hammer:
    def __init__(self, access: Access, verifiers: Sequence[Verifier], force: Force) -> None:
        self._access, self._force = access, force
        self._tally, self._promised = Tally(), Promised(force.events)
        heads = Heads()
        self._views = [View(verifiers, heads) for _ in range(max(1, force.full_readers))]
        self._stop = threading.Event()
        self._crashed: list[BaseException] = []

    def run(self) -> Outcome:
        start = time.monotonic()
        with self._tally.blaming("the beginning", LedgerError):
            self._advance(self._views[0], self._line(), self._auditor())
        writers = [] if self._tally.wrong_count else self._writers()
        if self._tally.wrong_count:
            return Outcome(0, time.monotonic() - start, self._tally)
        readers = [threading.Thread(target=self._follow, args=(view,)) for view in self._views]
        readers += [threading.Thread(target=self._browse) for _ in range(self._force.random_readers)]
        for thread in (*writers, *readers):
            thread.start()
        give_up = start + self._force.seconds
        if self._force.events is not None and writers:
            for thread in writers:
                thread.join(max(0.0, give_up - time.monotonic()))
        else:
            self._stop.wait(max(0.0, give_up - time.monotonic()))
        self._stop.set()
        for thread in (*writers, *readers):
            thread.join()
        seconds = time.monotonic() - start
        if self._crashed:
            raise self._crashed[0]
        if not self._tally.wrong_count:
            self._settle()
        return Outcome(self._views[0].head.size, seconds, self._tally)

    def _writers(self) -> list[threading.Thread]:
        if self._access.api_key is None:
            return []
        made = [
            Writer(self._line(self._access.api_key), self._views[0], self._promised, self._tally)
            for _ in range(self._force.writers)
        ]
        with self._tally.blaming("publishing a model", LedgerError):
            for writer in made:
                writer.publish_model()
        return [threading.Thread(target=self._work, args=("writing", self._step(writer))) for writer in made]

    def _step(self, writer: Writer) -> Step:
        def step() -> bool:
            if not writer.in_doubt and not self._promised.take():
                raise StopIteration
            writer.write()
            return True

        return step

    def _follow(self, view: View) -> None:
        line, auditor = self._line(), self._auditor()

        def step() -> bool:
            try:
                return self._advance(view, line, auditor)
            except LedgerError as error:  # a follower that was lied to has nothing to go on from
                self._tally.say_wrong(f"following the log: {error}")
                raise StopIteration from None

        self._work("following the log", step)

    def _browse(self) -> None:
        reader = RandomReader(self._line(), self._views[0], self._promised, self._tally)
        self._work("reading an entry", reader.read)

    def _advance(self, view: View, line: Line, auditor: Line | None) -> bool:
        grown = view.advance(line, auditor=auditor)
        self._tally.count("entries followed", grown)
        return grown > 0

    def _work(self, what: str, step: Step) -> None:
        """Step until told to stop. Who finds nothing to do, or was turned away, pauses."""
        try:
            while not self._stop.is_set():
                try:
                    if step():
                        continue
                except (LedgerError, UnexpectedError) as error:
                    self._tally.say_wrong(f"{what}: {error}")
                except RemoteError:  # busy or broken off: counted where it was met
                    pass
                self._stop.wait(PAUSE_SECONDS)
        except StopIteration:
            pass
        except BaseException as error:  # a defect of the hammer: told by the thread that waits
            self._crashed.append(error)
            self._stop.set()

    def _settle(self) -> None:
        """Follow the log until it covers all that was acknowledged, and compare."""
        view, leaves = self._views[0], self._promised.leaves
        line, auditor, last = self._line(), self._auditor(), max(leaves, default=-1)
        give_up = time.monotonic() + PATIENCE_SECONDS
        with self._tally.blaming("following the log to the end", LedgerError, RemoteError):
            while view.head.size <= last and time.monotonic() < give_up:
                if not self._advance(view, line, auditor):
                    time.sleep(PAUSE_SECONDS)
        for index, leaf in sorted(leaves.items()):
            if index >= view.head.size:
                self._tally.say_wrong(f"entry {index} was acknowledged and is in no checkpoint")
            elif view.leaf_hash(index) != leaf:
                self._tally.say_wrong(f"entry {index} is not the one that was acknowledged")
            else:
                self._tally.count("acknowledged events found in the log")

    def _line(self, api_key: str | None = None) -> Line:
        return Line(self._access.base_url, self._tally, api_key=api_key)

    def _auditor(self) -> Line | None:
        return None if self._access.auditor_key is None else self._line(self._access.auditor_key)
