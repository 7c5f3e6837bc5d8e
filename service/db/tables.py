"""The tables, in three groups.

- the log: entries and checkpoints are the only truth, the other tables of this group are its indexes;
- present state: kept from entries as they arrive, and rebuilt from them at any time;
- beside the log: what may not be in entries, or need not be (API keys, sealed keys, restricted values).

Times are text as in entries. JSON is stored as the bytes that were written, and read back as such.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, String, Table, Text

metadata = MetaData()

entry = Table(
    "entry",
    metadata,
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", LargeBinary, nullable=False),
)

tree_state = Table(
    "tree_state",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("last_leaf", LargeBinary, nullable=False),
    Column("last_at", String(24), nullable=False),
    Column("kept_at", String(24), nullable=False),
    Column("checkpoint", LargeBinary, nullable=False),
    Column("edge", LargeBinary, nullable=False, comment="the partial tiles, lowest level first, hashes joined"),
)

tile = Table(
    "tile",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False, comment="256 hashes of 32 bytes; only full tiles"),
)

event_id = Table(
    "event_id",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("idx", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

subject_entry = Table(
    "subject_entry",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

head = Table(
    "head",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("leaf_hash", LargeBinary(32), nullable=False),
    Column("idx", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

registry = Table(
    "registry",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, nullable=False, comment="the newest entry that changed an operator, key or model"),
)

operator = Table(
    "operator",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("region", String(6), nullable=False),
    Column("enrolment", LargeBinary, nullable=False, comment="the body of the newest enrol_operator"),
    Column("idx", BigInteger, nullable=False),
)

operator_key = Table(
    "operator_key",
    metadata,
    Column("kid", String(81), primary_key=True),
    Column("alg", String(8), nullable=False),
    Column("custodial", SmallInteger, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=True),
)

model = Table(
    "model",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("maker", String(40), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("idx", BigInteger, nullable=False),
)

battery = Table(
    "battery",
    metadata,
    Column("code", String(24), primary_key=True),
    Column("state", LargeBinary, nullable=False, comment="BatteryState as JSON"),
    sqlite_with_rowid=False,
)

identifier = Table(
    "identifier",
    metadata,
    Column("value", String(80), primary_key=True, comment="scheme:value, e.g. gs1:09521234000013/ABCDEFGG2T0000001"),
    Column("code", String(24), nullable=False),
    sqlite_with_rowid=False,
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(16), primary_key=True, comment="the readable part of the key"),
    Column("operator", String(40), nullable=False),
    Column("label", Text, nullable=False),
    Column("secret_hash", LargeBinary(32), nullable=False),
    Column("scopes", Text, nullable=False, comment="space-separated"),
    Column("created_at", String(24), nullable=False),
    Column("expires_at", String(24), nullable=False),
    Column("revoked_at", String(24), nullable=True),
)
Index("api_key_operator", api_key.c.operator)

custody_key = Table(
    "custody_key",
    metadata,
    Column("kid", String(81), primary_key=True),
    Column("sealed", LargeBinary, nullable=False, comment="nonce and AES-256-GCM of the seed under the master key"),
)

private_value = Table(
    "private_value",
    metadata,
    Column("commitment", LargeBinary(32), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("salt", LargeBinary(32), nullable=False),
    Column("value", Text, nullable=False),
)

LOG_INDEXES = (event_id, subject_entry, head, tile)
"""Rebuilt from entries by the log itself."""

PRESENT = (registry, operator, operator_key, model, battery, identifier)
"""Rebuilt from entries by the service."""
