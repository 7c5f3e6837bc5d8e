"""Founding a register: its keys, its tables, its first entries."""

import os
from dataclasses import dataclass
from datetime import datetime

from ledger.log import Log, Submission
from ledger.signing.jws import Ed25519EventSigner
from ledger.signing.keyring import OPEN_LOG, key_body
from service.clock import Clock, wall_clock
from service.db.engine import open_engine
from service.db.migrate import migrate
from service.db.store import SqlStore
from service.errors import SettingsError
from service.failpoints import reach
from service.keys.logkeys import add_log_keys, read_signing_keys
from service.keys.masterkey import has_master_key, make_master_key, read_master_keys
from service.keys.vault import Vault
from service.maintenance import note_founded
from service.pin import check_pin, move_pin
from service.recording.facets import FacetBook
from service.recording.own_entries import sign_own
from service.recording.registry import ENROL, Registry, save
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Founder:
    """Who opens the register: the authority, by id, name and district, and the log's origin."""

    origin: str
    authority: str
    name: str
    name_en: str
    region: str


@dataclass(frozen=True, slots=True)
class Founded:
    """What came of it. `vkeys`: the log's verifier keys, for everybody."""

    vkeys: tuple[str, ...]


def found_register(settings: Settings, founder: Founder, *, clock: Clock = wall_clock) -> Founded:
    """Make keys where there are none, migrate, and open the log.

    Raises SettingsError if it is open already, RollbackError if it was open once and its database is gone.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not has_master_key(settings):
        make_master_key(settings.master_key_file)
    if not settings.log_key_file.exists():
        add_log_keys(settings, founder.origin)
    signers = read_signing_keys(settings)
    if signers[0].name != founder.origin:
        raise SettingsError(f"{settings.log_key_file} holds the keys of {signers[0].name}, not of {founder.origin}")
    vault = Vault(read_master_keys(settings)[0])
    reach("keys-made")
    engine = open_engine(settings.database_url)
    migrate(engine)
    now = clock()
    with SqlStore(engine).append() as tx:
        if tx.size():
            raise SettingsError("the register is open already")
        check_pin(settings.pin_file, tx)
        vault.seal_blinding(tx.connection, os.urandom(32))
        signer = vault.make_key(tx.connection, f"{founder.authority}/custody-1")
        submissions = _first_events(founder, signer, [s.vkey for s in signers], now)
        batch = Log(signers[0].name, signers).append(tx, submissions, now)
        registry, facets = Registry(), FacetBook()
        for index, submission in enumerate(submissions):
            registry = registry.with_event(index, submission.event)
            save(tx.connection, submission.event, registry)
            if submission.event.type == ENROL:
                facets.note_own(submission.event, index)
        facets.save(tx.connection)
        note_founded(tx.connection, settings)
    reach("founded")
    move_pin(settings.pin_file, batch.state.checkpoint)
    engine.dispose()
    return Founded(tuple(s.vkey for s in signers))


def _first_events(founder: Founder, signer: Ed25519EventSigner, vkeys: list[str], now: datetime) -> list[Submission]:
    opening: dict[str, object] = {"authority_key": key_body(signer.header, signer.public_key), "log_keys": vkeys}
    enrolment: dict[str, object] = {
        "operator_id": founder.authority,
        "name": founder.name,
        "name_en": founder.name_en,
        "roles": ["authority"],
        "region": founder.region,
    }
    return [
        sign_own(signer, kind, body, origin=founder.origin, now=now)
        for kind, body in ((OPEN_LOG, opening), (ENROL, enrolment))
    ]
