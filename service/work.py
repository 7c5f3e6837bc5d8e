"""An open register: its database, its keys, its clock. Use-cases take it as their first argument."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from ledger.log import Log, tile_reader
from ledger.notes.note import Signer, Verifier
from ledger.proof import prove_inclusion
from ledger.receipt import Receipt
from ledger.signing.keys import log_verifiers, read_head
from ledger.tile import TileCache
from ledger.tree import hash_leaf
from service.clock import Clock, wall_clock
from service.db.engine import commit, open_engine, reading, writing
from service.db.recent import Recent
from service.db.store import SqlReader, SqlStore, require_register
from service.disclosure.journal import Journal
from service.errors import BusyError, NotFoundError
from service.keys.logkeys import LogKeyring
from service.keys.vault import Vault
from service.pin import check_pin, follow_epoch, move_pin
from service.private.erasure import erase_again, find_unerased
from service.private.sealing import is_unsealed, seal_old
from service.recording.registry import Registry, refresh
from service.settings import Settings
from service.witnessing.head import WitnessedHead, served_note
from service.witnessing.head import read_head as read_witnessed

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry with its receipt under the newest checkpoint."""

    index: int
    entry: bytes
    leaf_hash: bytes
    receipt: Receipt


class Register:
    """One register, opened by one process. Safe for its threads; other processes may have it open too."""

    def __init__(self, settings: Settings, *, clock: Clock = wall_clock, pinned: bool = True) -> None:
        """Raises SettingsError when keys are missing, RollbackError when the database is behind its pin.

        The pin is compared with stored tiles. To rebuild these where they are damaged, open with `pinned=False`.
        """
        self.settings = settings
        self.clock = clock
        self.log_keys = LogKeyring(settings)
        self.store = SqlStore(open_engine(settings.database_url))
        require_register(self.store.engine)
        self.tiles = TileCache()
        self.journal = Journal(settings.data / "access")
        self.registry = Registry()
        self._unpinned: bytes | None = None
        self.is_abreast = False  # of its witnesses: see service.witnessing.guard
        with self.read() as reader:
            self.vault = Vault.of(settings, reader.connection)
            untidy = is_unsealed(reader.connection) or bool(find_unerased(reader.connection))
            epochs = self.current_registry(reader.connection).ring.epochs if pinned else ()
        if pinned:
            with self.read() as reader:  # a moment of its own, after the pin is read: others may be recording
                check_pin(settings.pin_file, reader, epochs)
                follow_epoch(settings.pin_file, reader.checkpoint(), epochs)
        if untidy:  # values of an older version, or of a backup made before they were erased
            with self.write_beside() as connection:
                seal_old(connection, self.vault)
                erase_again(connection)

    @property
    def log(self) -> Log:
        """The log under its present origin, with the keys that sign its next checkpoint."""
        return self.log_of(self.registry)

    def log_of(self, registry: Registry) -> Log:
        """The log as `registry` has it. Raises SettingsError where a key in force is not at hand."""
        return Log(registry.origin, self.log_keys.signers(registry.log_keys))

    @property
    def origin(self) -> str:
        """The log's name now."""
        return self.registry.origin

    @property
    def signers(self) -> tuple[Signer, ...]:
        """The log's keys that sign its next checkpoint."""
        return self.log_keys.signers(self.registry.log_keys)

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """The public keys in force."""
        return log_verifiers(self.registry.log_keys)

    @contextmanager
    def read(self) -> Iterator["RegisterReader"]:
        """Committed data, as of one moment."""
        with self.store.engine.connect() as connection:
            yield RegisterReader(reading(connection), self.tiles, self.store.recent)

    @contextmanager
    def write_beside(self) -> Iterator[Connection]:
        """A transaction on what stands beside the log: API keys and sealed keys. Never entries. Raises BusyError."""
        with self.store.turn(), self.store.engine.connect() as connection:
            try:
                writing(connection).begin()
            except OperationalError as error:
                raise BusyError("the register is busy: nothing was stored, send the same again") from error
            yield connection
            commit(connection)

    def current_registry(self, connection: Connection) -> Registry:
        """Operators, keys and models as the database has them now."""
        self.registry = refresh(connection, self.registry)
        return self.registry

    def pin(self, note: bytes) -> None:
        """Move the rollback pin on to a checkpoint that was signed here.

        What was signed is recorded, whether or not the pin can be written. So this does not fail; `require_pinned`
        does, before anything more is signed.
        """
        self._unpinned = note
        try:
            self.require_pinned()
        except BusyError as error:
            logger.error("%s", error)

    def require_pinned(self) -> None:
        """Raise BusyError while the pin lacks what was signed last in this process. Tries to move it once more."""
        if self._unpinned is None:
            return
        try:
            move_pin(self.settings.pin_file, self._unpinned, epoch=self._epoch_of(self._unpinned))
        except OSError as error:
            file, told = self.settings.pin_file, error.strerror or error
            raise BusyError(f"{file} cannot be written ({told}): nothing more is recorded until it can be") from error
        self._unpinned = None

    def _epoch_of(self, note: bytes) -> int:
        epochs, origin = self.registry.ring.epochs, read_head(note).origin
        return next((epoch.number for epoch in epochs if epoch.origin == origin), 1)

    def close(self) -> None:
        """Let go of the database and the journal of readings."""
        self.journal.close()
        self.store.engine.dispose()


class RegisterReader(SqlReader):
    """Reads entries together with their proofs."""

    def __init__(self, connection: Connection, cache: TileCache, recent: Recent) -> None:
        super().__init__(connection, recent=recent)
        self._cache = cache

    def witnessed(self) -> WitnessedHead:
        """The newest checkpoint that enough witnesses have cosigned."""
        return read_witnessed(self.connection)

    def served(self) -> bytes:
        """The checkpoint that everybody is shown."""
        return served_note(self.witnessed(), self.state().size, self.state().checkpoint)

    def proven(self, index: int, *, under: WitnessedHead | None = None) -> ProvenEntry:
        """An entry with its receipt. Raises NotFoundError."""
        return self.all_proven([index], under=under)[0]

    def all_proven(self, indexes: Sequence[int], *, under: WitnessedHead | None = None) -> list[ProvenEntry]:
        """Entries with their receipts, all under one checkpoint: the newest, or `under`, which has to cover them.

        Raises NotFoundError.
        """
        state = under or self.state()
        note = state.note if isinstance(state, WitnessedHead) else state.checkpoint
        nodes = tile_reader(self, state.size, cache=self._cache).nodes
        stored = self.entries_at(indexes)
        found = []
        for index in indexes:
            if index >= state.size or index not in stored:
                raise NotFoundError(f"there is no entry {index}")
            receipt = Receipt(index, tuple(prove_inclusion(index, state.size, nodes)), note)
            found.append(ProvenEntry(index, stored[index], hash_leaf(stored[index]), receipt))
        return found
