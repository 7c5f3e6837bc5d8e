"""packtrail verify, where TARGET is a database: what is checked of that beyond the entries."""

from collections.abc import Sequence

from sqlalchemy.exc import DatabaseError

from api.cli.policing import Policing, failing
from ledger.errors import LedgerError
from ledger.log import tile_reader
from ledger.notes.checkpoint import parse_checkpoint
from ledger.notes.note import Verifier, split_note
from ledger.proof import tree_root
from ledger.verification.audit import Failure, Report
from ledger.verification.verifying import Wishes
from service.db.engine import engine_of
from service.db.store import SqlStore
from service.errors import SettingsError
from service.keys.masterkey import read_master_keys
from service.keys.vault import Vault
from service.pin import check_pin
from service.settings import Settings
from service.verification.register import verify_database
from service.witnessing.head import read_head


def verify_in_database(url: str, settings: Settings | None, *, verifiers: Sequence[Verifier], wishes: Wishes) -> Report:
    """The verdict on the register at `url`. `settings`: those of its data folder, where that is at hand."""
    try:
        report = verify_database(url, verifiers, vault=_vault(settings), wishes=wishes)
        return _check_pin(url, settings, report)
    except DatabaseError as error:
        told = " ".join(str(error.orig).split())
        if "malformed" in told or "not a database" in told:
            return Report(0, b"", {}, (Failure(None, f"the database file is damaged: {told}"),))
        raise


def police(policing: Policing, report: Report, url: str) -> tuple[Report, str]:
    """As `Policing.check`, for the newest witnessed checkpoint that a database keeps. It must be of these entries."""
    try:
        with engine_of(url) as engine, SqlStore(engine).read() as reader:
            head, size = read_head(reader.connection), reader.size()
            if not head.size:
                return policing.check(report, reader.checkpoint())
            signed = parse_checkpoint(split_note(head.note)[0])
            if signed.size > size or tree_root(signed.size, tile_reader(reader, size).nodes) != signed.root:
                return failing(report, f"the entries are not those of which witnesses cosigned {signed.size}"), ""
    except LedgerError as error:
        return failing(report, f"the witnessed checkpoint: {error}"), ""
    checked, line = policing.check(report, head.note)
    return checked, line and f"{line}: {signed.size} of {size} entries"


def _vault(settings: Settings | None) -> Vault | None:
    """What opens restricted values, where the master key is at hand."""
    try:
        keys = read_master_keys(settings) if settings is not None else []
    except SettingsError:
        keys = []
    return Vault(keys[0], sources=lambda: keys) if keys else None


def _check_pin(url: str, settings: Settings | None, report: Report) -> Report:
    """The rollback pin stands outside the database, in the data folder."""
    if settings is None or not report.ok:
        return report
    try:
        with engine_of(url) as engine, SqlStore(engine).read() as reader:
            check_pin(settings.pin_file, reader)
    except LedgerError as error:
        return failing(report, str(error))
    return report
