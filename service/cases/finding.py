"""One case by what tells it from the others of its list, whether it is still open or not.

A case stands where the list has it; nothing of it is kept again. Its key is `<entry>~<code>~<duty>` for a late duty,
`<entry>~<code>` for a missing battery, the number of an alert, `<organisation or empty>~<step>.<family>.<measure>.<id>`
for a rate below a target, and else `<entry or empty>~<code or organisation>`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.db.duties import load_begun
from service.db.missing import load_missing
from service.domain.duties.rows import DUTIES
from service.domain.recovery.targets import Target
from service.domain.rules_use import date_in_china
from service.errors import NotFoundError
from service.recording.listings import load_known
from service.recovery import RecoveryRow, read_recovery, usual_period
from service.scans.alerts import LARGEST, find_alerts
from service.work import Register

Fact = str | int | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case. code: its battery, or empty. entries: the indexes of those that made it. facts: by name, as text."""

    list: str
    key: str
    code: str
    operator: str
    entries: tuple[int, ...]
    facts: Mapping[str, Fact]

    @property
    def name(self) -> str:
        """What its notes are kept under."""
        return f"{self.list}:{self.key}"


def find_case(register: Register, list_: str, key: str) -> CaseFile:
    """The case of this key. Raises NotFoundError."""
    find = {"late": _late, "missing": _missing, "copies": _copies, "recovery": _recovery}.get(list_)
    case = find(register, key) if find is not None else _other(register, list_, key)
    if case is None:
        raise NotFoundError("there is no such case")
    return case


def _late(register: Register, key: str) -> CaseFile | None:
    index, code, duty = _parts(key, 3)
    with register.read() as reader:
        cases = load_begun(reader.connection, [_entry(index)])
    case = next((each for each in cases if (each.code, each.duty) == (code, duty)), None)
    if case is None:
        return None
    facts: dict[str, Fact] = {
        "duty": duty,
        "jurisdiction": DUTIES[duty].jurisdiction.value,
        "article": DUTIES[duty].article,
        "since": case.since.isoformat(),
        "due_on": case.due_on.isoformat() if case.due_on else None,
        "answered_on": case.answered_on.isoformat() if case.answered_on else None,
        "days_late": case.days_late(date_in_china(register.clock())),
    }
    entries = (case.index,) if case.answer in (None, case.index) else (case.index, case.answer or 0)
    return CaseFile("late", key, code, case.actor, entries, facts)


def _missing(register: Register, key: str) -> CaseFile | None:
    index, code = _parts(key, 2)
    with register.read() as reader:
        cases = load_missing(reader.connection, [], [_entry(index)])
    case = next((each for each in cases if each.code == code), None)
    if case is None:
        return None
    facts: dict[str, Fact] = {
        "certificate_no": case.certificate_no,
        "found": case.found,
        "since": case.since.isoformat(),
    }
    entries = (case.index,) if case.answer is None else (case.index, case.answer)
    return CaseFile("missing", key, code, case.actor, entries, facts)


def _copies(register: Register, key: str) -> CaseFile | None:
    number = _entry(key)
    if not 1 <= number <= LARGEST:
        return None
    with register.read() as reader:
        found = find_alerts(reader.connection, operator=None, after=number - 1, limit=1, closed=True)
    if not found or found[0].id != number:
        return None
    alert = found[0]
    facts: dict[str, Fact] = {
        "sign": alert.sign.value,
        "since": alert.raised_at.date().isoformat(),
        "first_place": alert.first[1] if alert.first else None,
        "second_place": alert.second[1],
        "times": alert.times,
        "closed_by": alert.closed_by,
        "closing_note": alert.note,
    }
    return CaseFile("copies", key, alert.code, "", (), facts)


def _recovery(register: Register, key: str) -> CaseFile | None:
    """A rate and its target, of the twelve months up to now, whether it is reached or not: the case is the recycler's,
    not a month's, so notes stay with it. The entries are in the figure's list of batches.
    """
    operator, _ = _parts(key, 2)
    period = usual_period(date_in_china(register.clock()))
    for row in read_recovery(register, period, operator=operator or None):
        verdict = next((each for each in row.verdicts if recovery_key(row, each.target) == key), None)
        if verdict is None:
            continue
        target, amount = verdict.target, row.amount
        facts: dict[str, Fact] = {
            "measure": row.key.measure.value,
            "stage": row.key.stage.value,
            "family": row.key.family,
            "period": f"{period.first}/{period.last}",
            "rate_ppm": row.rate_ppm,
            "at_most_ppm" if target.at_most else "at_least_ppm": target.ppm,
            "outcome": verdict.outcome.value,
            "in_mg": amount.in_mg,
            "out_mg": amount.out_mg,
            "passed_mg": amount.passed_mg,
            "jurisdiction": target.jurisdiction,
            "source": target.source,
        }
        return CaseFile("recovery", key, "", operator, (), facts)
    return None


def recovery_key(row: RecoveryRow, target: Target) -> str:
    """What tells a recycler's rate against a target from all others; no organisation stands for the whole register."""
    key = row.key
    return f"{row.operator or ''}~{key.stage.value}.{key.family}.{key.measure.value}.{target.id}"


def _other(register: Register, list_: str, key: str) -> CaseFile | None:
    """A case that the figures list: what tells it apart is all that is kept of it. It is of something that is here."""
    index, what = _parts(key, 2)
    entries = (_entry(index),) if index else ()
    is_code = len(what) in (19, 24) and what.isalnum() and what == what.upper()
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        known = load_known(reader.connection, [what], {}) if is_code else registry.operators
        if (what not in known and (what or not entries)) or any(entry >= reader.size() for entry in entries):
            return None
    return CaseFile(list_, key, what if is_code else "", "" if is_code else what, entries, {})


def _parts(key: str, count: int) -> list[str]:
    parts = key.split("~")
    if len(parts) != count:
        raise NotFoundError("there is no such case")
    return parts


def _entry(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise NotFoundError("there is no such case")
    return int(text)
