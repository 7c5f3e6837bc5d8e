"""Which packs are in one vehicle.

A VIN stands for a person's car, so a token of it is kept: HMAC-SHA256 under the register's blinding secret. Who reads
the table learns no VIN; who knows a VIN cannot find it there without the secret.

A row is there as long as the pack is in the vehicle and the VIN is not erased.
"""

from collections.abc import Iterable
from hashlib import sha256
from hmac import digest

from sqlalchemy import Connection, bindparam

from service.db import bulk
from service.db.life_tables import vehicle_slot
from service.keys.vault import Vault

_slot = vehicle_slot.c
_PURPOSE = b"vehicle/v1\n"


def vehicle_token(vault: Vault, vin: str) -> bytes:
    """What stands for a vehicle, equal for equal VINs: 32 bytes."""
    return digest(vault.blinding, _PURPOSE + vin.encode(), sha256)


def find_packs(connection: Connection, tokens: Iterable[bytes]) -> dict[bytes, frozenset[str]]:
    """By token, the codes of the packs that are in the vehicle."""
    found: dict[bytes, set[str]] = {}
    for row in bulk.select_rows(connection, _slot.token, sorted(set(tokens))):
        found.setdefault(bytes(row.token), set()).add(row.code)
    return {token: frozenset(codes) for token, codes in found.items()}


def packs_in_vehicle(connection: Connection, vault: Vault, vin: str) -> frozenset[str]:
    """The codes of the packs that are in the vehicle with this VIN now."""
    token = vehicle_token(vault, vin)
    return find_packs(connection, [token]).get(token, frozenset())


def forget_slots(connection: Connection) -> None:
    """Empty the vehicles, to be filled again from the entries and the values beside them."""
    connection.execute(vehicle_slot.delete())


def save_slots(connection: Connection, slots: Iterable[tuple[str, bytes | None]]) -> None:
    """Note for each code the vehicle it is in; None: it is in none that is known."""
    rows = list(slots)
    gone = [{"gone": code} for code, token in rows if token is None]
    if gone:
        connection.execute(vehicle_slot.delete().where(_slot.code == bindparam("gone")), gone)
    bulk.writer(connection).upsert(vehicle_slot, [row for row in rows if row[1] is not None])
