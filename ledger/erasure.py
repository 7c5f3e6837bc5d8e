"""Erasures: entries that say that values behind commitments were destroyed, by whom and from which law.

Source: ledger/README.md, section 14. Nothing about the entries that hold the commitments changes: their hashes, proofs
and signatures stand. So a verifier only counts erasures, and checks that who erased was allowed to.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ledger.entry import Event, parse_entry, parse_hash
from ledger.errors import AuthorityError, MalformedError
from ledger.verification.findings import Failure, Report

ERASE_VALUES = "erase_values"
MAX_COMMITMENTS = 256
COMMITMENT_SUFFIX = "_commitment"
ERASURE_MARK = b'"type":"' + ERASE_VALUES.encode() + b'"'
"""Stands in the bytes of every entry of an erasure; others may hold it too."""
COMMITMENT_MARK = f'{COMMITMENT_SUFFIX}":"'.encode()
SHOWN = 10
"""Entries named in a note."""

_MEMBERS = {"basis", "commitments", "reason"}


class Erasure(NamedTuple):
    """What an entry `erase_values` says. `commitments`: 1 to 256 different ones of 32 bytes.

    `subject` is empty where the values are those of entries without a subject.
    """

    actor: str
    subject: str
    basis: str
    commitments: tuple[bytes, ...]
    reason: str


def parse_erasure(event: Event) -> Erasure:
    """The erasure in an event of this type. Raises MalformedError."""
    body = event.body
    if event.type != ERASE_VALUES:
        raise MalformedError("this entry erases nothing")
    if len(event.subjects) > 1:
        raise MalformedError("an erasure names one battery, or none")
    if body.keys() != _MEMBERS:
        raise MalformedError("an erasure says basis, commitments and reason")
    basis, reason = (_text(body, name) for name in ("basis", "reason"))
    given = body["commitments"]
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_COMMITMENTS:
        raise MalformedError(f"an erasure names 1 to {MAX_COMMITMENTS} commitments")
    commitments = tuple(parse_hash(text) for text in given)
    if b"" in commitments or len(set(commitments)) != len(commitments):
        raise MalformedError("a commitment is base64 of 32 bytes and stands once")
    return Erasure(event.actor, "".join(event.subjects), basis, commitments, reason)


def commitments_in(event: Event) -> Iterator[bytes]:
    """The commitments that an event holds."""
    for name, text in event.body.items():
        if name.endswith(COMMITMENT_SUFFIX) and isinstance(text, str) and len(text) == 44:
            try:
                yield parse_hash(text)
            except MalformedError:
                continue


class ErasureCheck:
    """Whether erasures are of commitments that there are, by those who may.

    First `add` every erasure, then `see` every other entry, then `finish`. Memory grows with what was erased.
    """

    def __init__(self, authority: str) -> None:
        self.count = 0
        self._authority = authority
        self._open: dict[bytes, list[tuple[int, Erasure]]] = {}

    def add(self, index: int, event: Event) -> None:
        """Take in entry `index`, an erasure. Raises MalformedError."""
        erasure = parse_erasure(event)
        self.count += len(erasure.commitments)
        for commitment in erasure.commitments:
            self._open.setdefault(commitment, []).append((index, erasure))

    def see(self, index: int, event: Event) -> None:
        """Look at entry `index`, which may hold commitments. Raises AuthorityError where others erased them."""
        for commitment in commitments_in(event):
            for place in self._open.get(commitment, [])[:]:
                at, erasure = place
                if at < index or erasure.subject not in (event.subjects or ("",)):
                    continue
                if erasure.actor not in (self._authority, event.actor):
                    raise AuthorityError(f"entry {at}: {erasure.actor} may not erase a value of {event.actor}")
                self._open[commitment].remove(place)

    def finish(self) -> list[tuple[int, str]]:
        """For each erasure of what is in no earlier entry of its battery: its index, and what is wrong."""
        left = [(at, erasure) for places in self._open.values() for at, erasure in places]
        return [(at, f"erases a value that no earlier entry of {each.subject} commits to") for at, each in left]


def with_erasures(report: Report, entries: Callable[[], Iterable[bytes]]) -> Report:
    """The report on sound entries, with what was erased, and with erasures by others than may.

    Reads the entries a second time, and a third time where there are erasures; memory grows with these alone.
    """
    if not report.ok:
        return report
    erasures, authority = list[tuple[int, Event]](), ""
    for index, data in enumerate(entries()):
        if index == 0:
            authority = parse_entry(data).event.actor
        if ERASURE_MARK in data and (event := parse_entry(data).event).type == ERASE_VALUES:
            erasures.append((index, event))
    if not erasures:
        return report
    check, failures = ErasureCheck(authority), list[Failure]()
    for index, event in erasures:
        try:
            check.add(index, event)
        except MalformedError as error:
            failures.append(Failure(index, str(error)))
    for index, data in enumerate(entries()):
        if COMMITMENT_MARK in data:
            try:
                check.see(index, parse_entry(data).event)
            except AuthorityError as error:
                failures.append(Failure(None, str(error)))
    failures += [Failure(index, what) for index, what in check.finish()]
    checked = report.checked | {"erased_values": check.count}
    notes = (*report.notes, erasure_note(check.count, [index for index, _ in erasures]))
    return replace(report, checked=checked, failures=tuple(failures), notes=notes)


def erasure_note(count: int, indexes: Sequence[int]) -> str:
    """What is said of `count` values erased by the entries `indexes`."""
    shown = ", ".join(map(str, indexes[:SHOWN])) + (", ..." if len(indexes) > SHOWN else "")
    return f"{count} values erased lawfully under {'entry' if len(indexes) == 1 else 'entries'} {shown}"


def _text(body: dict[str, object], name: str) -> str:
    value = body[name]
    if not isinstance(value, str) or not value:
        raise MalformedError(f"an erasure has a {name}")
    return value
