"""A small register that has everything a register can have: keys rotated and disputed, values erased, a map; folded."""

import shutil
from pathlib import Path

from ledger.signing.jws import Ed25519EventSigner
from ledger.signing.keyring import key_body
from service import operators
from service.keys.log_rotation import add_log_key, retire_log_key
from service.private.erasing import Wish, erase_values
from service.recording.mapping import commit_map
from service.settings import Settings
from tests.service.town import (
    AUTHORITY,
    START,
    WORKSHOP,
    WORKSHOP_OLD,
    StillClock,
    Town,
    assemble_one,
    fold_town,
    found_town,
    live,
    pack,
)

LATER = START.replace(day=2)
NEXT = Ed25519EventSigner("cq-repair/bench-3", b"t" * 32)


def build_small(folder: Path, *, packs: int = 3, url: str = "", early: Path | None = None) -> Settings:
    """Some 50 entries with 3 packs, closed again; from 45 packs on there is a full tile.

    `early` gets a copy of it as it was some 15 entries before.
    """
    town = found_town(folder, StillClock(), url=url)
    old_keys = [signer.vkey for signer in town.register.signers]
    assemble_one(town)
    commit_map(town.register)
    live(town, range(1, packs + 1))
    if early is not None:
        town.close()
        shutil.copytree(folder, early)
    recorder = town.recorder
    town.must(town.sign(WORKSHOP_OLD, "register_key", **key_body(WORKSHOP.header, WORKSHOP.public_key)))
    operators.revoke_key(recorder, WORKSHOP_OLD.header.kid, "replaced")
    operators.rotate_custodial_key(recorder, "cq-cells/custody-1")
    first = town.size()
    town.must(town.sign(WORKSHOP, "report_soh", pack(1), full_cycles=701))
    town.must(town.sign(WORKSHOP, "register_key", **key_body(NEXT.header, NEXT.public_key)))
    operators.dispute_key(recorder, WORKSHOP.header.kid, "stolen", start=first)
    add_log_key(recorder)
    retire_log_key(recorder, old_keys[0])
    town.clock.move(hours=2)
    erase_values(recorder, pack(2), Wish("PIPL, Art. 47(1)", "asked for"), operator=AUTHORITY)
    erase_values(recorder, pack(1), Wish("PIPL", "too much", frozenset({"vin"})), operator=AUTHORITY)
    commit_map(town.register)
    town.must(town.tell("cq-cells", "register", pack(900_000), gtin="09521234000013", giai="9521234A2"))
    town.close()
    fold_town(folder, url=url)
    return town.settings


def go_on(settings: Settings, events: int, *, first: int = 0) -> Town:
    """Record so many new packs in the register of these settings, and close it; gives what was opened."""
    town = Town(settings, StillClock(LATER))
    try:
        numbers = range(910_000 + first, 910_000 + first + events)
        town.must(*(town.tell("cq-cells", "register", pack(number)) for number in numbers))
    finally:
        town.close()
    return town
