"""The chore that asks the witnesses, run by hand, and who is asked."""

import time
from collections.abc import Callable

from service.witnessing.head import WitnessedHead
from service.witnessing.roll import Witness, add_witness, list_witnesses
from service.witnessing.submission import Submission
from service.work import Register
from tests.service.town import Town, pack

AT = "2026-05-02T04:00:00.000Z"


class Chore:
    """The chore of one process, run by hand. `told` is what whoever looks after the register would read."""

    def __init__(self, register: Register) -> None:
        self.told: list[tuple[str, str]] = []
        self.register = register
        self._submission = Submission(register, lambda who, error: self.told.append((who, str(error))))

    def until(self, is_so: Callable[[], object], *, seconds: float = 20.0) -> None:
        """Run it again and again until something is so."""
        give_up = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < give_up, self.told
            self._submission.work()
            time.sleep(0.01)

    def once(self) -> None:
        self._submission.work()

    def head(self) -> WitnessedHead:
        with self.register.read() as reader:
            return reader.witnessed()

    def size(self) -> int:
        with self.register.read() as reader:
            return reader.size()

    def witness(self, name: str) -> Witness:
        with self.register.read() as reader:
            return next(each for each in list_witnesses(reader.connection) if each.name == name)

    def until_witnessed(self) -> WitnessedHead:
        """Until everything that is recorded now is witnessed."""
        size = self.size()
        self.until(lambda: self.head().size >= size)
        return self.head()

    def until_cosigned(self, *names: str) -> None:
        """Until each of these witnesses has cosigned everything that is recorded now."""
        size = self.size()
        self.until(lambda: all(self.witness(name).size >= size and not self.witness(name).error for name in names))

    def until_error(self, name: str) -> str:
        self.until(lambda: self.witness(name).error)
        return self.witness(name).error or ""


def enrol(register: Register, name: str, vkey: str, url: str) -> None:
    """Put a witness on the register's roll."""
    with register.write_beside() as connection:
        add_witness(connection, name, vkey, url, at=AT)


def grow(town: Town, *numbers: int) -> int:
    """Record a new pack for each number; gives the size after."""
    town.must(*(town.tell("cq-cells", "register", pack(8_000_000 + number)) for number in numbers))
    return town.size()
