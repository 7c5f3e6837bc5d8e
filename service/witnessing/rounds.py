"""What is offered to which witness, and when. Pure: the caller brings the time, in seconds of any steady clock.

Each witness is offered the newest checkpoint, at most once a second and one at a time. A busy register has another
checkpoint each time, so two slow witnesses, each at its own pace, might never cosign the same one and no quorum would
ever come about. Therefore one checkpoint in ten seconds is a *meeting*: a witness that is behind it cosigns it before
any newer one. A request takes at most ten seconds, so each witness that answers at all comes by every meeting.
"""

from dataclasses import dataclass, field

from ledger.notes.note import NoteSignature
from service.witnessing.asking import SECONDS

PACE_SECONDS = 1.0
MEETING_SECONDS = SECONDS
IDLE_SECONDS = 600.0
"""A checkpoint is offered again after this time, for cosignatures with a newer time."""
LONGEST_PAUSE = 300.0
STUCK_PAUSE = IDLE_SECONDS
KEEP_SECONDS = 60.0
"""How long a checkpoint may wait for its quorum."""


@dataclass(eq=False)
class Offer:
    """A checkpoint on offer. `cosignatures` are verified, by the vkey that made them."""

    size: int
    note: bytes
    since: float
    cosignatures: dict[str, NoteSignature] = field(default_factory=dict)


@dataclass(eq=False)
class Standing:
    """How it stands with the witnesses at one address. `held` is the size of the checkpoint they hold."""

    held: int
    busy: bool = False
    failures: int = 0
    not_before: float = float("-inf")
    cosigned_at: float = float("-inf")

    def began(self, now: float) -> None:
        self.busy, self.not_before = True, now + PACE_SECONDS

    def succeeded(self, size: int, now: float) -> None:
        self.busy, self.failures, self.held, self.cosigned_at = False, 0, size, now

    def failed(self, now: float) -> None:
        """Wait 1, 2, 4, ... seconds, at most five minutes."""
        self.busy = False
        self.not_before = now + min(LONGEST_PAUSE, 2.0 ** min(self.failures, 20))
        self.failures += 1

    def got_stuck(self, now: float) -> None:
        """It will not cosign what we have, and a human has to see why. Ask again now and then, all the same."""
        self.busy = False
        self.not_before = now + STUCK_PAUSE


class Rounds:
    """The checkpoints on offer."""

    def __init__(self) -> None:
        self._offers: dict[int, Offer] = {}
        self._newest: Offer | None = None
        self._meeting: Offer | None = None

    def offer(self, size: int, note: bytes, now: float) -> Offer:
        """The register's newest checkpoint is this one: on offer from now on."""
        if self._newest is None or self._newest.size != size:
            self._newest = self._offers[size] = Offer(size, note, now)
        if self._meeting is None or now - self._meeting.since >= MEETING_SECONDS:
            self._meeting = self._newest
        kept = (self._newest, self._meeting)
        self._offers = {n: each for n, each in self._offers.items() if each in kept or now - each.since < KEEP_SECONDS}
        return self._newest

    def next_for(self, standing: Standing, now: float) -> Offer | None:
        """What these witnesses should be offered now."""
        newest, meeting = self._newest, self._meeting
        if newest is None or meeting is None or standing.busy or now < standing.not_before:
            return None
        if meeting.size > standing.held:
            return meeting
        if newest.size > standing.held:
            return newest
        is_stale = now - standing.cosigned_at >= IDLE_SECONDS
        return newest if is_stale and newest.size == standing.held else None

    def newest_first(self) -> list[Offer]:
        """Everything that may still reach its quorum."""
        return [self._offers[size] for size in sorted(self._offers, reverse=True)]
