"""An open register: its database, its keys, its clock. Use-cases take it as their first argument."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from ledger.errors import MalformedError
from ledger.log import Log, tile_reader
from ledger.note import Signer, Verifier, parse_signing_key, parse_vkey
from ledger.proof import prove_inclusion
from ledger.receipt import Receipt
from ledger.tile import TileCache
from ledger.tree import hash_leaf
from service.clock import Clock, wall_clock
from service.db.engine import commit, open_engine, reading, writing
from service.db.store import SqlReader, SqlStore, require_register
from service.errors import BusyError, NotFoundError, SettingsError
from service.pin import check_pin
from service.registry import Registry, refresh
from service.settings import Settings
from service.vault import Vault


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
        self.signers = read_signing_keys(settings)
        self.log = Log(self.signers[0].name, self.signers)
        self.vault = Vault.open(settings.master_key_file)
        self.store = SqlStore(open_engine(settings.database_url))
        require_register(self.store.engine)
        self.tiles = TileCache()
        self.registry = Registry()
        if pinned:
            with self.read() as reader:
                check_pin(settings.pin_file, reader)

    @cached_property
    def verifiers(self) -> tuple[Verifier, ...]:
        """The log's public keys."""
        return tuple(parse_vkey(signer.vkey) for signer in self.signers)

    @contextmanager
    def read(self) -> Iterator["RegisterReader"]:
        """Committed data, as of one moment."""
        with self.store.engine.connect() as connection:
            yield RegisterReader(reading(connection), self.tiles)

    @contextmanager
    def write_beside(self) -> Iterator[Connection]:
        """A transaction on what stands beside the log: API keys and sealed keys. Never entries. Raises BusyError."""
        with self.store.engine.connect() as connection:
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

    def close(self) -> None:
        """Let go of the database."""
        self.store.engine.dispose()


class RegisterReader(SqlReader):
    """Reads entries together with their proofs."""

    def __init__(self, connection: Connection, cache: TileCache) -> None:
        super().__init__(connection)
        self._cache = cache

    def proven(self, index: int) -> ProvenEntry:
        """An entry with its receipt. Raises NotFoundError."""
        return self.all_proven([index])[0]

    def all_proven(self, indexes: Sequence[int]) -> list[ProvenEntry]:
        """Entries with their receipts, all under one checkpoint. Raises NotFoundError."""
        state = self.state()
        nodes = tile_reader(self, state.size, cache=self._cache).nodes
        stored = self.entries_at(indexes)
        found = []
        for index in indexes:
            if index >= state.size or index not in stored:
                raise NotFoundError(f"there is no entry {index}")
            receipt = Receipt(index, tuple(prove_inclusion(index, state.size, nodes)), state.checkpoint)
            found.append(ProvenEntry(index, stored[index], hash_leaf(stored[index]), receipt))
        return found


def read_signing_keys(settings: Settings) -> tuple[Signer, ...]:
    """The log's signing keys, Ed25519 first. Raises SettingsError."""
    try:
        lines = settings.log_key_file.read_text().split()
        signers = tuple(parse_signing_key(line) for line in lines)
    except FileNotFoundError:
        raise SettingsError(f"no log key at {settings.log_key_file}: run packtrail init") from None
    except MalformedError as error:
        raise SettingsError(f"{settings.log_key_file}: {error}") from None
    if not signers:
        raise SettingsError(f"{settings.log_key_file} holds no key")
    return signers
