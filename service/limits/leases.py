"""Spending: each process takes units out of the shared buckets a few at a time, and spends them by itself.

A busy caller's process takes a lease of units, at most 1/64 of the bucket, and asks the database again when these are
spent. A lease that is used up within its second is followed by one twice as large, any other by one of the units
needed. So the database is asked rarely for those who ask much, and those who ask little hold nothing that others could
use. Units left after the second are given up. What is taken was there, so a bucket never gives more than it holds; what
a process spends may have come out of it up to a second before. In any t seconds, n processes together let through at
most

    amount + t * amount / seconds + n * amount / 64

A counting database that fails does not stop the register: requests are let through, and the log says so.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from service.limits.counting import SECOND, Ask, Counting, CountingError, Grant
from service.limits.rows import Limit

logger = logging.getLogger(__name__)

LEASE_SECONDS = 1.0
LEASE_PART = 64
CAPACITY = 20_000
"""Buckets that a process holds units of."""
COMPLAIN_SECONDS = 60.0


class Charge(NamedTuple):
    """`cost` units of the bucket that `subject` has under `limit`; under another rate that is another bucket."""

    limit: Limit
    subject: str
    cost: int

    @property
    def bucket(self) -> str:
        return f"{self.limit.name}:{self.limit}:{self.subject}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a bucket stands after a charge. left: units, about. full_in, wait: seconds, until it is full, and until the
    charge could be paid; `wait` is 0 where it was."""

    limit: Limit
    left: int
    full_in: float
    wait: float = 0.0


@dataclass(slots=True)
class _Purse:
    """What a process holds of a bucket. next: how much it asks for then. refused: so much is not there before then."""

    left: int = 0
    ends: float = 0.0
    next: int = 1
    full_at: float = 0.0
    refused: int = 0
    refused_until: float = 0.0


@dataclass(slots=True)
class _Bill:
    """A charge that is being paid: `held` has been put aside for it."""

    charge: Charge
    cost: int
    purse: _Purse
    held: int

    @property
    def lacks(self) -> int:
        return self.cost - self.held


class Spending:
    """The purses of one process. Safe for its threads."""

    def __init__(self, counting: Counting, clock: Callable[[], float] = time.time) -> None:
        """`clock` counts seconds since 1970, alike in all processes."""
        self._counting, self._clock = counting, clock
        self._purses: dict[str, _Purse] = {}
        self._lock = threading.Lock()
        self._complain_from = 0.0

    def spend(self, charges: Sequence[Charge]) -> list[Standing]:
        """Pay all charges or none; how each bucket stands then. A cost above the amount is the amount."""
        now = self._clock()
        with self._lock:
            bills = [self._bill(charge, now) for charge in charges]
            lacking = [bill for bill in bills if bill.lacks]
            if not lacking or any(_is_refused(bill, now) for bill in lacking):
                return _settle(bills, now)
            asks = [_ask(bill, now) for bill in lacking]
        grants = self._take(asks, now)
        with self._lock:
            for bill, ask in zip(lacking, asks, strict=True):
                _put(bill, ask, grants[ask.bucket], now)
            return _settle(bills, now)

    def _bill(self, charge: Charge, now: float) -> _Bill:
        purse = self._purse(charge.bucket, now)
        cost = min(charge.cost, charge.limit.amount)
        held = min(cost, purse.left)
        purse.left -= held
        return _Bill(charge, cost, purse, held)

    def _purse(self, bucket: str, now: float) -> _Purse:
        purse = self._purses.get(bucket)
        if purse is None:
            if len(self._purses) >= CAPACITY:
                self._purses = {name: each for name, each in self._purses.items() if each.ends > now}
                if len(self._purses) >= CAPACITY:
                    self._purses.clear()
            purse = self._purses[bucket] = _Purse()
        elif purse.left and purse.ends <= now:
            purse.left = 0
        return purse

    def _take(self, asks: Sequence[Ask], now: float) -> Mapping[str, Grant]:
        moment = int(now * SECOND)
        try:
            return self._counting.take(asks, moment)
        except (CountingError, SQLAlchemyError) as error:
            if time.monotonic() >= self._complain_from:
                self._complain_from = time.monotonic() + COMPLAIN_SECONDS
                logger.error("limits are not kept, since the counting database fails: %s", error)
            return {ask.bucket: Grant(ask.least, moment) for ask in asks}


def _ask(bill: _Bill, now: float) -> Ask:
    limit, purse = bill.charge.limit, bill.purse
    most = max(1, limit.amount // LEASE_PART)
    purse.next = min(purse.next * 2, most) if now < purse.ends else 1
    return Ask(bill.charge.bucket, limit.amount, limit.seconds, max(bill.lacks, purse.next), bill.lacks)


def _put(bill: _Bill, ask: Ask, grant: Grant, now: float) -> None:
    purse, unit = bill.purse, ask.unit / SECOND
    purse.full_at = grant.full_at / SECOND
    if grant.units:
        bill.held += grant.units
        purse.ends = now + LEASE_SECONDS
    else:
        purse.refused, purse.refused_until = ask.least, purse.full_at + (ask.least - ask.amount) * unit


def _is_refused(bill: _Bill, now: float) -> bool:
    """Whether the database has said that so much is not there yet. Spares it those who do not listen.

    A moment further off than a whole bucket comes from a clock that was put back since.
    """
    purse, span = bill.purse, bill.charge.limit.seconds
    return now < purse.refused_until <= now + span and bill.lacks >= purse.refused


def _settle(bills: Sequence[_Bill], now: float) -> list[Standing]:
    """Give back what is too much, or all where one charge is not covered."""
    paid = all(bill.held >= bill.cost for bill in bills)
    for bill in bills:
        bill.purse.left += bill.held - bill.cost if paid else bill.held
    return [_standing(bill, now, paid=paid) for bill in bills]


def _standing(bill: _Bill, now: float, *, paid: bool) -> Standing:
    limit, purse = bill.charge.limit, bill.purse
    unit, full_in = limit.seconds / limit.amount, min(max(0.0, purse.full_at - now), limit.seconds)
    left = max(0, limit.amount - round(full_in / unit)) + purse.left
    wait = 0.0 if paid or bill.held >= bill.cost else max(purse.refused_until - now, unit)
    return Standing(limit, min(left, limit.amount), full_in, wait)
