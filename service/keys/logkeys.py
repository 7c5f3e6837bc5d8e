"""The log's signing keys: a file with one key a line, of which those in force sign.

Which are in force is said by the log's own entries, never by the file. The file may hold more: keys that are about to
be announced, and those of origins to come. It is read again when a key is asked for that was not in it before, so that
a running process signs with a new key from the commit on that announces it.
"""

import os
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from ledger.errors import LedgerError, MalformedError
from ledger.notes.note import Signer, Verifier, format_signing_key, parse_signing_key, parse_vkey, split_note
from ledger.notes.vkey import ED25519, MLDSA44_COSIGNATURE
from ledger.signing.keys import LogKeys
from service.db.engine import engine_of
from service.db.store import SqlStore
from service.errors import ServiceError, SettingsError
from service.keys.masterkey import replace_secret, write_secret
from service.settings import Settings

KINDS = (ED25519, MLDSA44_COSIGNATURE)
"""A log signs with one key of each."""


class LogKeyring:
    """The keys of the file, by their verifier key."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError where there is no file, or no key in it."""
        self._settings = settings
        self._signers = _by_vkey(settings)

    def signers(self, keys: LogKeys) -> tuple[Signer, ...]:
        """Who signs as `keys` ask, in their order. Raises SettingsError where a key is not in the file."""
        if not all(vkey in self._signers for vkey in keys.vkeys):
            self._signers = _by_vkey(self._settings)
        missing = [vkey for vkey in keys.vkeys if vkey not in self._signers]
        if missing:
            name = "+".join(missing[0].split("+")[:2])
            raise SettingsError(
                f"{self._settings.log_key_file} lacks the log's key {name}: restore it, or copy it here"
            )
        return tuple(self._signers[vkey] for vkey in keys.vkeys)


def read_signing_keys(settings: Settings) -> tuple[Signer, ...]:
    """All signing keys of the file, in its order. Raises SettingsError."""
    signers = tuple(_parse(line, settings) for line in _read_lines(settings))
    if not signers:
        raise SettingsError(f"{settings.log_key_file} holds no key")
    return signers


def add_log_keys(settings: Settings, origin: str) -> tuple[Signer, ...]:
    """Make a pair of keys for `origin` and add it to the file, which is made if need be. They sign nothing yet."""
    lines = [format_signing_key(origin, os.urandom(32), kind=kind) for kind in KINDS]
    file = settings.log_key_file
    if file.exists():
        replace_secret(file, "".join(f"{line}\n" for line in [*_read_lines(settings), *lines]))
    else:
        write_secret(file, "".join(f"{line}\n" for line in lines))
    return tuple(parse_signing_key(line) for line in lines)


def keep_log_keys(settings: Settings, vkeys: Sequence[str]) -> None:
    """Remove from the file every key but those with these verifier keys."""
    kept = [line for line in _read_lines(settings) if _parse(line, settings).vkey in vkeys]
    replace_secret(settings.log_key_file, "".join(f"{line}\n" for line in kept))


def _by_vkey(settings: Settings) -> dict[str, Signer]:
    return {signer.vkey: signer for signer in read_signing_keys(settings)}


def _read_lines(settings: Settings) -> list[str]:
    try:
        return settings.log_key_file.read_text().split()
    except FileNotFoundError:
        raise SettingsError(f"no log key at {settings.log_key_file}: run packtrail init") from None


def _parse(line: str, settings: Settings) -> Signer:
    try:
        return parse_signing_key(line)
    except MalformedError as error:
        raise SettingsError(f"{settings.log_key_file}: {error}") from None


def own_verifiers(settings: Settings) -> list[Verifier]:
    """The public keys of the file that signed the newest checkpoint: to check a register with its own keys.

    The file may hold others as well, of earlier origins or not announced yet. What the checkpoint lacks is found by
    whoever reads the entries. Raises SettingsError.
    """
    signers = read_signing_keys(settings)
    try:
        with engine_of(settings.database_url) as engine, SqlStore(engine).read() as reader:
            signed = {each[:2] for each in split_note(reader.checkpoint())[1]}
    except (DBAPIError, LedgerError, ServiceError, UnicodeDecodeError):
        signed = set()  # a damaged database is for the verification itself to tell
    own = [each for each in signers if (each.name, each.key_id) in signed]
    return [parse_vkey(each.vkey) for each in own or [each for each in signers if each.name == signers[-1].name]]
