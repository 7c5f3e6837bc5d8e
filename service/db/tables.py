"""The tables, in three groups.

- the log: entries and checkpoints are the only truth, the other tables of this group are its indexes;
- present state: kept from entries as they arrive, and rebuilt from them at any time;
- beside the log: what may not be in entries, or need not be (API keys, sealed keys, restricted values).

Times are text as in entries. JSON is stored as the bytes that were written, and read back as such.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from service.db.access_tables import access_reading as access_reading
from service.db.batch_tables import lot, recovery_sum
from service.db.document_tables import document as document
from service.db.duty_tables import duty_case, duty_days, duty_sum
from service.db.epcis_tables import EPCIS_PRESENT
from service.db.factor_tables import passkey as passkey
from service.db.figure_tables import figure_cursor as figure_cursor
from service.db.frozen_tables import frozen_report as frozen_report
from service.db.import_tables import import_job as import_job
from service.db.life_tables import state_before
from service.db.limit_tables import limit_bucket as limit_bucket
from service.db.metadata import metadata as metadata
from service.db.packlist_tables import pack_cursor as pack_cursor
from service.db.passport_tables import PASSPORT_PRESENT
from service.db.people_tables import person as person
from service.db.reported_tables import reported_problem as reported_problem
from service.db.scan_tables import sighting as sighting
from service.db.webhook_tables import webhook as webhook

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
    Column("batteries", BigInteger, nullable=False, comment="subjects with at least one entry"),
    Column("map_size", BigInteger, nullable=False, comment="index of the newest commit_map"),
    Column("map_buckets", BigInteger, nullable=False, comment="0: there is no map yet"),
    Column("map_at", String(24), nullable=False),
    Column("merged", BigInteger, nullable=False, comment="the size of the log up to which head is brought"),
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

bucket = Table(
    "bucket",
    metadata,
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("rows", LargeBinary, nullable=False, comment="subjects' newest entries, packed by service.db.buckets"),
)

link = Table(
    "link",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False, comment="index * 64 + position of the subject"),
    Column("before", BigInteger, nullable=True, comment="the link of the subject's entry before"),
)

map_tile = Table(
    "map_tile",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False, comment="up to 256 hashes of 32 bytes, of the newest map"),
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

key_notice = Table(
    "key_notice",
    metadata,
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("type", String(40), nullable=False, comment="what the log says of its own keys, origin and disputes"),
    Column("body", LargeBinary, nullable=False),
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
    Column("value", String(80), primary_key=True, comment="scheme:value, e.g. giai:9521234BATT7"),
    Column("code", String(24), nullable=False),
    sqlite_with_rowid=False,
)

trade_item = Table(
    "trade_item",
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("prefix", String(7), nullable=False, comment="positions 1-7 of the battery codes that the GTIN stands for"),
)
Index("trade_item_prefix", trade_item.c.prefix, unique=True)

erasure = Table(
    "erasure",
    metadata,
    Column("commitment", LargeBinary(32), primary_key=True),
    Column("idx", BigInteger, nullable=False, comment="the entry that says that its value was destroyed"),
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
    Column("replaced_by", String(16), nullable=True, comment="the key that was made in its place"),
)
Index("api_key_operator", api_key.c.operator)

custody_key = Table(
    "custody_key",
    metadata,
    Column("kid", String(81), primary_key=True),
    Column("sealed", LargeBinary, nullable=False, comment="nonce and AES-256-GCM of the seed under the master key"),
)

sealed_secret = Table(
    "sealed_secret",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("sealed", LargeBinary, nullable=False, comment="as in custody_key; `blinding` tells the key in force"),
)

private_value = Table(
    "private_value",
    metadata,
    Column("commitment", LargeBinary(32), primary_key=True),
    Column("subject", String(64), nullable=False, comment="the battery whose data key it is sealed under"),
    Column("name", String(40), nullable=False),
    Column("idx", BigInteger, nullable=False, comment="the entry that holds the commitment"),
    Column("sealed", LargeBinary, nullable=True, comment="nonce and AES-256-GCM of salt and value; empty: erased"),
)
Index("private_value_subject", private_value.c.subject)

data_key = Table(
    "data_key",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False, comment="as in custody_key: 32 bytes"),
)

unsealed_value = Table(
    "unsealed_value",
    metadata,
    Column("commitment", LargeBinary(32), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("salt", LargeBinary(32), nullable=False),
    Column("value", Text, nullable=False),
    comment="left by versions that did not seal; emptied when the register is opened",
)

witness = Table(
    "witness",
    metadata,
    Column("name", String(64), primary_key=True, comment="what the register calls it"),
    Column("vkey", Text, nullable=False),
    Column("url", Text, nullable=False, comment="submission prefix: add-checkpoint stands below it"),
    Column("added_at", String(24), nullable=False),
    Column("size", BigInteger, nullable=False, comment="of the newest checkpoint it is known to hold"),
    Column("seen_at", String(24), nullable=True, comment="when it last cosigned"),
    Column("error", Text, nullable=True, comment="why it did not cosign since"),
    Column("error_at", String(24), nullable=True),
)

cosignature = Table(
    "cosignature",
    metadata,
    Column("witness", String(64), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("line", LargeBinary, nullable=False, comment="the signature line with its line feed"),
    Column("at", String(24), nullable=False),
    comment="the newest of each witness, and those of kept checkpoints",
)

witnessed = Table(
    "witnessed",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False, comment="the newest witnessed checkpoint with its cosignatures"),
    Column("policy", String(64), nullable=False, comment="SHA-256 of the policy that it meets, empty without one"),
    Column("witnesses", Text, nullable=False, comment="who cosigned it, separated by spaces"),
    Column("at", String(24), nullable=False),
)

listed_run = Table(
    "listed_run",
    metadata,
    Column("prefix", String(17), primary_key=True, comment="of codes that differ in the serial number of the day only"),
    Column("first", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False, comment="included; no two runs overlap"),
    Column(
        "idx", BigInteger, nullable=False, comment="the registration that lists these modules or cells, or of this pack"
    ),
    sqlite_with_rowid=False,
)

lineage = Table(
    "lineage",
    metadata,
    Column(
        "source", String(120), primary_key=True, comment="a code, batch:<index> or lot:<operator>/<product>/<number>"
    ),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("target", String(120), primary_key=True),
    Column("link", String(16), nullable=False),
    Column("occurred_at", String(24), nullable=False),
    sqlite_with_rowid=False,
)
Index("lineage_target", lineage.c.target, lineage.c.idx, lineage.c.source)

LOG_INDEXES = (event_id, bucket, link, tile, map_tile)
"""Rebuilt from entries by the log itself."""

PRESENT = (
    *(registry, operator, operator_key, key_notice, model, battery, identifier, trade_item, erasure),
    *(listed_run, lineage),
    *(duty_case, duty_sum, duty_days),
    *PASSPORT_PRESENT,
    *(lot, recovery_sum),
    *EPCIS_PRESENT,
    state_before,
)
"""Rebuilt from entries by the service."""
