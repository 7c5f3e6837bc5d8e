"""Two tables of what the newest state of a battery does not tell: what came before it, and who shares its vehicle.

`state_before` is present state: kept from entries, and rebuilt from them at any time. `vehicle_slot` stands beside the
log: which vehicle a pack is in follows from VINs, which are not in entries.
"""

from sqlalchemy import Column, Index, LargeBinary, String, Table

from service.db.metadata import metadata

state_before = Table(
    "state_before",
    metadata,
    Column("code", String(24), primary_key=True),
    Column("event_id", String(36), nullable=False, comment="its newest event that can be undone"),
    Column("state", LargeBinary, nullable=False, comment="BatteryState before it, as JSON"),
    sqlite_with_rowid=False,
)

vehicle_slot = Table(
    "vehicle_slot",
    metadata,
    Column("code", String(24), primary_key=True, comment="a pack that is in a vehicle"),
    Column("token", LargeBinary(32), nullable=False, comment="stands for the VIN; see service.private.vehicles"),
    sqlite_with_rowid=False,
)
Index("vehicle_slot_token", vehicle_slot.c.token)
