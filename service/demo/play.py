"""Playing: the story goes through admission and recording like everybody's events, with the clock of its own time.

Events are recorded in commits that end at fixed places of the story, so that a performance that was broken off goes
on where it stopped: a commit is in the register as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from ledger.entry import format_time
from ledger.signing.jws import Ed25519EventSigner
from service.demo.story import Told
from service.errors import StoryError
from service.operators import desk
from service.private.disclosure import MakeSalt
from service.recording.admission import Admitted, Desk
from service.recording.recorder import Recorded, Recorder

COMMIT_EVENTS = 500
COMMIT_SPAN = timedelta(days=5)
"""Events of so long a time are received together: the longest that one waits for the next."""


class StoryClock:
    """The time of the story, set from commit to commit."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Played:
    """How many events were recorded now, and how many had been before."""

    recorded: int
    found: int


def play(recorder: Recorder, told: Sequence[Told], clock: StoryClock, *, tick: Callable[[int], None]) -> Played:
    """Record all of `told`, which is sorted; `tick` hears how many are done. Raises StoryError."""
    signers = _signers(recorder)
    recorded = done = 0
    for commit in commits(told):
        fresh = _not_recorded(recorder, commit)
        if fresh:
            clock.now = max(clock.now, commit[-1].received_at)
            now = replace(desk(recorder.register), make_salt=_invented_salt(recorder))
            _record(recorder, [_admit(now, each, signers) for each in fresh])
        recorded += len(fresh)
        done += len(commit)
        tick(done)
    return Played(recorded, done - recorded)


def _invented_salt(recorder: Recorder) -> MakeSalt:
    """Salts that follow from the event, so that equal stories have equal entries. The values are invented too."""
    secret = recorder.register.origin.encode()
    return lambda id_, name: sha256(b"packtrail demo salt\n" + secret + f"\n{id_}\n{name}".encode()).digest()


def commits(told: Sequence[Told]) -> Iterator[list[Told]]:
    """The story in commits: at most so many events, of at most so long a time."""
    commit: list[Told] = []
    for each in told:
        if commit and (len(commit) == COMMIT_EVENTS or each.received_at - commit[0].received_at > COMMIT_SPAN):
            yield commit
            commit = []
        commit.append(each)
    if commit:
        yield commit


def _not_recorded(recorder: Recorder, commit: Sequence[Told]) -> list[Told]:
    with recorder.register.read() as reader:
        found = reader.find([each.id for each in commit])
    return [each for each in commit if each.id not in found]


def _admit(at: Desk, told: Told, signers: dict[str, Ed25519EventSigner]) -> Admitted:
    members = {
        "id": told.id,
        "type": told.kind,
        "subjects": list(told.subjects),
        "occurred_at": format_time(told.occurred_at),
        "body": told.body,
    }
    private = {"vin": told.vin} if told.vin else {}
    return at.admit_custodial(members, private, operator=told.actor, signer=signers[told.actor])


def _record(recorder: Recorder, events: Sequence[Admitted]) -> None:
    outcomes = recorder.record(events)
    refused = [(event, each) for event, each in zip(events, outcomes, strict=True) if not isinstance(each, Recorded)]
    if refused:
        event, error = refused[0]
        raise StoryError(
            f"the register refused {len(refused)} events of the story; the first, {event.submission.event.type} of "
            f"{', '.join(event.submission.event.subjects)}: {error}"
        ) from error


def _signers(recorder: Recorder) -> dict[str, Ed25519EventSigner]:
    """The keys that the service holds, by operator."""
    register = recorder.register
    with register.read() as reader:
        held = register.current_registry(reader.connection).held
        return {operator: register.vault.signer(reader.connection, kid) for operator, kid in held.items()}
