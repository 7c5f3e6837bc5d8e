"""Of each table what vouches for it: it is the log, follows from it, is committed to by it, or stands beside it.

- the log: every byte is hashed and signed;
- what follows from the entries as they are recorded, or is folded behind them: derived again beside, and compared;
- what entries commit to, or the service needs a key for: opened with the master key, and held against the entries;
- what stands beside: nothing in the log tells what should be in it, and verification says nothing of it.

A table in none of these is a mistake that a test finds.
"""

from service.db import tables
from service.db.figure_tables import FIGURE_TABLES
from service.db.life_tables import vehicle_slot
from service.db.packlist_tables import PACKLIST_FOLDED, pack_cursor
from service.db.passport_tables import passport_content

LOG = (tables.entry, tables.checkpoint, tables.tree_state)

RECORDED = (*tables.LOG_INDEXES, *tables.PRESENT)
"""Kept as entries are recorded: never behind them."""

VEHICLES = (vehicle_slot,)
"""Kept as entries are recorded, from vehicle numbers that the master key opens."""

BEHIND = (*FIGURE_TABLES, *PACKLIST_FOLDED, pack_cursor)
"""Folded behind the entries, up to a cursor. What is not folded yet is no damage."""

DERIVED = (*RECORDED, *VEHICLES, *BEHIND)

HELD = (tables.private_value, tables.unsealed_value, tables.data_key, tables.custody_key, passport_content)
"""Held against the entries with the master key."""

_ACCESS = "who may use the register is decided by its authority, not recorded"
_WITNESSES = "whom the register asks; what they sign is verified wherever it is shown"
_SCANS = "told by whoever scans, kept for some days, and no event"
_IMPORTS = "how files were read; what came of them is in the entries"
_SENDING = "where news goes; the news themselves are read from the entries"
_OWN_WORDS = "told by people about batteries, outside of the log"
_RANDOM = "made at random: that it can be opened is checked, not what is in it"
_COUNTERS = "counted or noted by the server while it serves"

BESIDE = {
    **dict.fromkeys(("api_key", "person", "session", "person_link", "login_try", "people_act", "application"), _ACCESS),
    **dict.fromkeys(
        ("passkey", "passkey_challenge", "totp", "recovery_code", "oidc_link", "oidc_attempt", "limit_setting"), _ACCESS
    ),
    **dict.fromkeys(("witness", "cosignature", "witnessed"), _WITNESSES),
    **dict.fromkeys(("sighting", "copy_alert"), _SCANS),
    **dict.fromkeys(("import_job", "import_batch", "import_mapping", "epcis_capture", "epcis_query"), _IMPORTS),
    **dict.fromkeys(("webhook", "webhook_secret", "webhook_attempt", "webhook_wish", "webhook_lease"), _SENDING),
    **dict.fromkeys(("reported_problem", "case_note", "battery_list", "pack_view"), _OWN_WORDS),
    **dict.fromkeys(("limit_bucket", "key_use", "served_as"), _COUNTERS),
    **dict.fromkeys(("sealed_secret",), _RANDOM),
    "document": "files that organisations keep here; each has its own digest",
    "document_use": "a sum over `document`",
    "access_reading": "chained by itself, for the owner of the data to check",
    "access_chain": "the newest link of each chain of `access_reading`",
    "frozen_report": "sealed by its own digest, and bound to the log by the checkpoint in it",
    "passport_registration": "what the registry of the Union answered",
    "vehicle_case": "found by vehicle numbers while they were known; one erased since cannot tell it again",
}
"""By name, tables that nothing in the log vouches for, each with the reason."""
