"""The newest witnessed checkpoint: one row, so that serving it costs the same however long the register is.

*Witnessed* means: the policy in the data folder is met. Without a policy file, any one witness of the roll suffices.
The row is kept by the chore that asks the witnesses; requests only read it.
"""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, update

from ledger.errors import LedgerError, MalformedError
from ledger.notes.note import NoteSignature, format_signatures, split_note
from ledger.notes.policy import Policy, parse_policy
from service.db import tables
from service.errors import SettingsError
from service.witnessing.roll import Witness, list_witnesses

READ_HEAD = "SELECT size, note, policy, witnesses, at FROM witnessed WHERE id = 1"


@dataclass(frozen=True, slots=True)
class WitnessedHead:
    """The row. `size` is 0 while nothing was witnessed; `policy` is the hash of the one it meets, empty without one."""

    size: int
    note: bytes
    policy: str
    witnesses: tuple[str, ...]
    at: str


@dataclass(frozen=True)
class Demand:
    """What a register asks for before it calls a checkpoint witnessed: the content of its policy file, if any."""

    content: bytes | None

    @property
    def digest(self) -> str:
        """Tells policies apart; empty without one."""
        return "" if self.content is None else sha256(self.content).hexdigest()

    @cached_property
    def policy(self) -> Policy | None:
        """Raises SettingsError for a file that is no policy."""
        try:
            return None if self.content is None else parse_policy(self.content)
        except MalformedError as error:
            raise SettingsError(f"the witness policy cannot be used: {error}") from None

    def met_by(self, note: bytes, witnesses: list[Witness]) -> tuple[str, ...] | None:
        """The names of those who cosigned, or None if that is not enough. The note's signatures were verified."""
        if self.policy is not None:
            try:
                return tuple(map(_readable, self.policy.check(note)))
            except LedgerError:
                return None
        signed = find_cosignatures(note, witnesses)
        return tuple(witness.name for witness in witnesses if witness.vkey in signed) or None


def find_cosignatures(note: bytes, witnesses: list[Witness]) -> dict[str, NoteSignature]:
    """Those of its signatures that say to be by these witnesses, by vkey. They are not verified here."""
    found = {signature[:2]: signature for signature in split_note(note)[1]}
    keys = {witness.vkey: witness.verifier for witness in witnesses}
    return {vkey: found[key.name, key.key_id] for vkey, key in keys.items() if (key.name, key.key_id) in found}


def _readable(name: str) -> str:
    """A policy may name witnesses in bytes that are no UTF-8."""
    return name.encode("utf-8", "replace").decode()


def read_demand(file: Path) -> Demand:
    """The policy file as it is now."""
    try:
        return Demand(file.read_bytes())
    except FileNotFoundError:
        return Demand(None)


def read_head(connection: Connection) -> WitnessedHead:
    """The newest witnessed checkpoint."""
    row = connection.exec_driver_sql(READ_HEAD).one()
    return WitnessedHead(row.size, bytes(row.note), row.policy, tuple(row.witnesses.split()), row.at)


def write_head(connection: Connection, head: WitnessedHead) -> None:
    """Keep this one from now on."""
    values = {"size": head.size, "note": head.note, "policy": head.policy, "at": head.at}
    connection.execute(update(tables.witnessed).values(**values, witnesses=" ".join(head.witnesses)))


def served_note(head: WitnessedHead, size: int, newest: bytes) -> bytes:
    """The checkpoint to show to everybody; `newest` is the log's own, of `size` entries.

    With a policy it is the newest that meets it, so that nobody is shown what witnesses have not seen. Without one, or
    before the first was witnessed, it is the newest, with the cosignatures that it has.
    """
    if head.size and (head.policy or head.size == size):
        return head.note
    return newest


def with_cosignatures(note: bytes, cosignatures: list[NoteSignature]) -> bytes:
    """The note with these signatures below the log's own."""
    return note + format_signatures(cosignatures)


def keep_cosignature(connection: Connection, size: int, name: str, signature: NoteSignature, *, at: str) -> None:
    """Keep a witness's newest cosignature. Its last one goes, unless it stands under a checkpoint of the history."""
    row, kept = tables.cosignature.c, tables.checkpoint.c
    last = connection.execute(select(func.max(row.size)).where(row.witness == name)).scalar_one()
    if last is not None:
        of_history = select(kept.size).where(kept.size == row.size).exists()
        gone = (row.witness == name) & (row.size == last) & ((row.size == size) | ~of_history)
        connection.execute(delete(tables.cosignature).where(gone))
    values = {"witness": name, "size": size, "line": format_signatures([signature]), "at": at}
    connection.execute(insert(tables.cosignature).values(values))


def largest_known_size(connection: Connection) -> tuple[int, str]:
    """The largest size that a witness is known to hold, by what is kept here, and who holds it."""
    head = read_head(connection)
    known = [(head.size, " ".join(head.witnesses))]
    known += [(witness.size, witness.name) for witness in list_witnesses(connection)]
    return max(known)
