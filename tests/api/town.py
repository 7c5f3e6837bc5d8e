"""A small town of operators around one register, and what they send."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.entry import build_event
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.signing.jws import Ed25519EventSigner, sign_event
from service.access import SCOPES, make_api_key
from service.clock import wall_clock
from service.domain.uuid7 import make_uuid7
from service.founding import Founder, found_register
from service.keys.logkeys import read_signing_keys
from service.operators import (
    CustodialEvent,
    admit_custodial,
    enrol_operator,
    make_custodial_key,
    record_as,
    register_own_key,
)
from service.pin import move_pin, read_pin
from service.recording.recorder import Recorded, Recorder
from service.settings import Settings, read_settings
from service.work import Register
from tests.service.domain.story import BODIES, PACK, PACK_MODEL

ORIGIN = "packtrail.test/log"
BASE_URL = "https://id.example.cn"
AUTHORITY, MAKER, LAB, BUREAU, MOTORS = "cq-city", "cq-cells", "cq-lab", "cq-bureau", "cq-motors"
QUIET = "cq-quiet"
"""An operator that has no signing key at all."""
ROLES = {MAKER: "maker", LAB: "tester", BUREAU: "regulator", MOTORS: "vehicle_maker", QUIET: "recycler"}
MAKERS_SEED = b"m" * 32
WHEN = "2026-02-26T12:30:01.123Z"
VIN = "LSVAU2A34N2183294"


def pin_ahead(settings: Settings) -> None:
    """Move the pin one entry beyond the database, as if the database were an old copy."""
    pinned = read_pin(settings.pin_file)
    assert pinned is not None
    ahead = Checkpoint(pinned.origin, pinned.size + 1, pinned.root)
    move_pin(settings.pin_file, sign_checkpoint(ahead, read_signing_keys(settings)))


@dataclass(frozen=True, slots=True)
class Town:
    """Where it is, and everybody's API key. The maker also signs with a key of its own."""

    settings: Settings
    keys: Mapping[str, str]

    def copied(self, folder: Path) -> "Town":
        shutil.copytree(self.settings.data, folder)
        return Town(settings_in(folder), self.keys)

    def bearer(self, operator: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[operator]}"}


def settings_in(folder: Path) -> Settings:
    return read_settings({"PACKTRAIL_BASE_URL": BASE_URL}, data=folder)


def build_town(folder: Path) -> Town:
    """Found a register, enrol everybody, publish a model and register PACK."""
    settings = settings_in(folder)
    found_register(settings, Founder(ORIGIN, AUTHORITY, "重庆市", "Chongqing", "500000"))
    register = Register(settings)
    recorder = Recorder(register)
    with register.write_beside() as connection:
        keys = {AUTHORITY: make_api_key(connection, AUTHORITY, now=wall_clock(), scopes=SCOPES)}
    for operator, role in ROLES.items():
        enrol_operator(recorder, {"operator_id": operator, "name": "经营者", "roles": [role], "region": "500112"})
        if operator != QUIET:
            make_custodial_key(recorder, operator)
        with register.write_beside() as connection:
            keys[operator] = make_api_key(connection, operator, now=wall_clock(), scopes=SCOPES)
    register_own_key(recorder, f"{MAKER}/own", makers_signer().public_key)
    record_as(recorder, MAKER, "publish_model", PACK_MODEL)
    with register.write_beside() as connection:
        keys["read-only"] = make_api_key(connection, MAKER, now=wall_clock(), scopes=["read"])
        keys["record-only"] = make_api_key(connection, MAKER, now=wall_clock(), scopes=["record"])
    admitted = admit_custodial(register, MAKER, CustodialEvent(told("register", PACK), {}))
    [outcome] = recorder.record([admitted])
    assert isinstance(outcome, Recorded)
    register.close()
    return Town(settings, keys)


def makers_signer() -> Ed25519EventSigner:
    return Ed25519EventSigner(f"{MAKER}/own", MAKERS_SEED)


def told(kind: str, *subjects: str, **body: Any) -> dict[str, Any]:
    """An event as it is told in custody."""
    return {"type": kind, "subjects": list(subjects), "occurred_at": WHEN, "body": BODIES[kind] | body}


def signed(kind: str, *subjects: str, actor: str = MAKER, **changes: Any) -> dict[str, Any]:
    """An event that the maker signed with its own key. `changes` replace members before it is signed."""
    members = told(kind, *subjects) | {"actor": actor, "id": new_id(), "log": ORIGIN, "v": 1} | changes
    return {"event": members, "jws": sign_event(build_event(members).data, makers_signer())}


def new_id() -> str:
    return make_uuid7(1_772_109_001_123, os.urandom(10))


def pack(number: int) -> str:
    """The code of another pack of the same model, made on the same day."""
    return f"{PACK[:-7]}{number:07d}"


def size(register: Register) -> int:
    """How many entries there are."""
    with register.read() as reader:
        return reader.size()
