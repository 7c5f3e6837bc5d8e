"""A register of one town, recorded through the real pipeline: organisations, keys, a model, packs and their lives.

Organisations with keys of their own sign for themselves, one with Ed25519 and one with a P-256 smart card; the others
let the service sign. Every clock stands still until it is moved.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.entry import build_event, format_hash, format_time
from ledger.signing.jws import ES256, Ed25519EventSigner, EventSigner, Header, sign_event
from ledger.signing.keyring import key_body
from service import operators
from service.domain.uuid7 import make_uuid7
from service.domain.vin import vin_check_digit
from service.figures.following import Follower
from service.founding import Founder, found_register
from service.packlist.following import follow
from service.passports.publishing import author_of_model, hand_in, publish
from service.private.commitments import Private
from service.private.disclosure import commit_body
from service.private.erasing import Wish, erase_values
from service.recording.admission import Admitted
from service.recording.mapping import commit_map
from service.recording.recorder import Recorded, Recorder
from service.settings import Settings, read_settings
from service.work import Register
from tests.service.domain.story import BODIES, MODULE_MODEL, PACK_MODEL, ROLES
from tests.service.passports.contents import content

START = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
ORIGIN = "register.test/town"
AUTHORITY = "cq-city"
FOUNDER = Founder(ORIGIN, AUTHORITY, "重庆电池登记处", "Chongqing Battery Register", "500103")
REGISTERED_BODY = BODIES["register"]


class StillClock:
    """Stands at `now` until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: int) -> None:
        self.now += timedelta(**by)


class SmartCard:
    """An operator's own P-256 key: signs ES256 as cards do."""

    def __init__(self, kid: str, secret: int) -> None:
        self.header = Header(ES256, kid, False)
        self._key = ec.derive_private_key(secret, ec.SECP256R1())
        self.public_key = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    def sign(self, signing_input: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(signing_input, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


WORKSHOP_OLD = Ed25519EventSigner("cq-repair/bench-1", b"r" * 32)
WORKSHOP = Ed25519EventSigner("cq-repair/bench-2", b"s" * 32)
LAB = SmartCard("cq-lab/card-1", 0xC0FFEE)


def pack(number: int) -> str:
    """The code of pack `number`."""
    return f"001PE12ABCDEFGG2T{number:07d}"


def module(number: int) -> str:
    return f"001ME12ABCDEFGG2R{number:07d}"


def vin(number: int) -> str:
    """The VIN of vehicle `number`."""
    text = f"LSVAA49J0{number:08d}"
    return text[:8] + vin_check_digit(text) + text[9:]


class Town:
    """An open register, its recorder, and short ways to record."""

    def __init__(self, settings: Settings, clock: StillClock) -> None:
        self.settings = settings
        self.clock = clock
        self.register = Register(settings, clock=clock)
        self.recorder = Recorder(self.register)

    def close(self) -> None:
        self.register.close()

    def tell(
        self, operator: str, kind: str, *subjects: str, private: Mapping[str, str] | None = None, **more: Any
    ) -> Admitted:
        """An event whose operator lets the service sign. `more`: `id`, `occurred_at`, and changes of the usual body."""
        members: dict[str, Any] = {"type": kind, "subjects": list(subjects)}
        members["occurred_at"] = more.pop("occurred_at", format_time(self.clock.now))
        if "id" in more:
            members["id"] = more.pop("id")
        members["body"] = usual_body(kind, more)
        return operators.admit_custodial(self.register, operator, operators.CustodialEvent(members, private or {}))

    def sign(self, signer: EventSigner, kind: str, *subjects: str, private: Any = None, **more: Any) -> Admitted:
        """An event signed by its operator. Restricted values are committed to, those of `private` were already."""
        members, disclosed = committed(self.members(signer.header.operator, kind, *subjects, **more))
        jws = sign_event(build_event(members).data, signer)
        return operators.desk(self.register).admit_signed(members, jws, disclosed | (private or {}))

    def members(self, actor: str, kind: str, *subjects: str, **more: Any) -> dict[str, Any]:
        """All members of an event."""
        return {
            "actor": actor,
            "id": more.pop("id", None) or new_id(self.clock.now),
            "log": more.pop("log", ORIGIN),
            "occurred_at": more.pop("occurred_at", format_time(self.clock.now)),
            "subjects": list(subjects),
            "type": kind,
            "v": 1,
            "body": usual_body(kind, more),
        }

    def must(self, *items: Admitted, atomic: bool = False) -> list[Recorded]:
        """Record, and insist that every event is accepted."""
        recorded = []
        for outcome in self.recorder.record(items, atomic=atomic):
            if not isinstance(outcome, Recorded):
                raise outcome
            recorded.append(outcome)
        return recorded

    def size(self) -> int:
        with self.register.read() as reader:
            return reader.size()

    def entries(self) -> list[bytes]:
        with self.register.read() as reader:
            return list(reader.entries(0, reader.size()))


def usual_body(kind: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The story's body of this kind with `changes`; a commitment is left to whoever knows the value."""
    body = {name: value for name, value in BODIES.get(kind, {}).items() if name != "vin"} | dict(changes)
    return {name: value for name, value in body.items() if value is not None}


def committed(members: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members with commitments for restricted values, and what an operator that signs discloses of them."""
    told = {name: value for name, value in members["body"].items() if not name.endswith("_commitment")}
    ready = {name: value for name, value in members["body"].items() if name.endswith("_commitment")}
    body, made = commit_body(members["type"], told, {}, lambda _: os.urandom(32))
    return members | {"body": body | ready}, disclosed(made)


def disclosed(privates: Iterable[Private]) -> dict[str, Any]:
    """Values and salts as they are disclosed beside an event."""
    return {each.name: {"value": each.value, "salt": format_hash(each.salt)} for each in privates}


def new_id(now: datetime) -> str:
    return make_uuid7(int(now.timestamp() * 1000), os.urandom(10))


def found_town(data: Path, clock: StillClock, *, url: str = "") -> Town:
    """Found the register, enrol its organisations with their keys, publish two models: about 25 entries."""
    settings = read_settings({"PACKTRAIL_DATABASE_URL": url}, data=data)
    found_register(settings, FOUNDER, clock=clock)
    town = Town(settings, clock)
    for operator, roles in ROLES.items():
        if operator == AUTHORITY:
            continue
        names = sorted(role.value for role in roles)
        operators.enrol_operator(
            town.recorder, {"operator_id": operator, "name": f"{operator}公司", "roles": names, "region": "500112"}
        )
        if operator not in ("cq-repair", "cq-lab"):
            operators.make_custodial_key(town.recorder, operator)
    operators.register_own_key(town.recorder, WORKSHOP_OLD.header.kid, WORKSHOP_OLD.public_key)
    operators.register_own_key(town.recorder, LAB.header.kid, LAB.public_key, alg=ES256)
    town.must(*(town.tell("cq-cells", "publish_model", **body) for body in (PACK_MODEL, MODULE_MODEL)))
    return town


def live(town: Town, numbers: Iterable[int]) -> None:
    """Five events for each pack: registered, installed, sold, measured by the workshop and by the laboratory."""
    packs = [(number, pack(number)) for number in numbers]
    town.must(*(town.tell("cq-cells", "register", code) for _, code in packs))
    town.clock.move(minutes=20)
    town.must(*(town.tell("cq-motors", "install", code, private={"vin": vin(n)}) for n, code in packs))
    town.clock.move(minutes=20)
    town.must(*(town.tell("cq-motors", "sell", code) for _, code in packs))
    town.clock.move(minutes=20)
    town.must(*(town.sign(WORKSHOP_OLD, "report_soh", code) for _, code in packs))
    town.clock.move(minutes=20)
    town.must(*(town.sign(LAB, "report_soh", code, full_cycles=700) for _, code in packs))


def assemble_one(town: Town) -> None:
    """A pack with three modules: an entry with four subjects."""
    modules = [module(number) for number in (1, 2, 3)]
    changes: dict[str, Any] = {"model_id": "CQ-50M", "mass_g": 90_000, "energy_wh": 17_000, "made_on": "2026-02-24"}
    town.must(*(town.tell("cq-cells", "register", code, **changes) for code in modules))
    town.must(town.tell("cq-cells", "register", pack(9_000_000), gtin="09521234000013", giai="9521234A1"))
    town.must(town.tell("cq-cells", "assemble", pack(9_000_000), *modules))


def cell(number: int) -> str:
    return f"001CE12ABCDEFGG2R{number:07d}"


def whole_pack(number: int, *, modules: int = 12, cells: int = 8) -> dict[str, Any]:
    """What the registration of a pack says of its parts: modules from number * 100 on, cells from number * 1,000 on."""
    rows = [
        {
            "code": module(number * 100 + n),
            "mass_g": 20_000,
            "cells": [{"first": cell(number * 1_000 + n * cells), "count": cells, "mass_g": 2_000}],
        }
        for n in range(modules)
    ]
    return {"modules": rows, "housing_mass_g": 40_000}


def change_workshop_key(town: Town) -> None:
    """The workshop replaces its key itself, then the authority revokes the old one."""
    town.must(town.sign(WORKSHOP_OLD, "register_key", **key_body(WORKSHOP.header, WORKSHOP.public_key)))
    operators.revoke_key(town.recorder, WORKSHOP_OLD.header.kid, "replaced")


def build_town(data: Path, *, packs: int, url: str = "") -> Settings:
    """A register of about 35 + 5 * `packs` entries, closed again."""
    town = found_town(data, StillClock(), url=url)
    assemble_one(town)
    for start in range(1, packs + 1, 100):
        live(town, range(start, min(packs + 1, start + 100)))
    change_workshop_key(town)
    town.must(town.sign(WORKSHOP, "report_soh", pack(1), full_cycles=701))
    town.close()
    return town.settings


def recycle_one(town: Town, code: str) -> None:
    """The end of a pack, of which a lot of black mass is left."""
    town.must(town.tell("cq-motors", "retire", code))
    town.must(town.tell("cq-recycle", "collect", code, from_operator="cq-motors"))
    powder = {"material": "black_mass", "mass_g": 120_000, "lot": "BM-1", "content_ppm": {"nickel": 200_000}}
    masses = {"input_mass_g": 300_000, "loss_mass_g": 180_000}
    town.must(town.tell("cq-recycle", "recycle", code, outputs=[powder], **masses))


def complete_town(data: Path, *, url: str = "") -> Settings:
    """Give a closed register what comes with time: a map, an erased value, a pack recycled, a passport published."""
    later = StillClock(START + timedelta(days=2))
    town = Town(read_settings({"PACKTRAIL_DATABASE_URL": url}, data=data), later)
    assert commit_map(town.register)
    erase_values(town.recorder, pack(3), Wish("PIPL, Art. 47(1)", "the owner asked for it"), operator=AUTHORITY)
    town.must(town.tell("cq-motors", "report_soh", pack(2), full_cycles=980))
    town.must(town.tell("cq-cells", "register_pack", pack(9_000_001), **whole_pack(9_001)))
    town.must(town.tell(AUTHORITY, "set_deadline"))
    recycle_one(town, pack(4))
    author = author_of_model(town.register, "CQ-150", "cq-cells")
    publish(town.recorder, hand_in(town.register, author, content()), operator="cq-cells")
    town.close()
    return town.settings


def fold_town(data: Path, *, url: str = "") -> None:
    """Have figures and lists follow a closed register up to its end, as they do while it is served."""
    register = Register(read_settings({"PACKTRAIL_DATABASE_URL": url}, data=data))
    Follower(register).catch_up()
    follow(register, Event())
    register.close()


def copy_town(folder: Path, to: Path, *, url: str = "") -> Settings:
    """A copy of the data folder of a closed register; `url` is the copy of its database, if that is elsewhere."""
    shutil.copytree(folder, to)
    return read_settings({"PACKTRAIL_DATABASE_URL": url}, data=to)
