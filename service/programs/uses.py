"""When API keys were last used: noted at most once a minute by each process, beside the register."""

import logging
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from service.limits.counting import Counting, CountingError

logger = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
CAPACITY = 10_000


class Uses:
    """What one process has noted. Two threads may note the same use twice, which does no harm."""

    def __init__(self, counting: Counting) -> None:
        self._counting = counting
        self._noted: dict[str, datetime] = {}

    def note(self, key_id: str, now: datetime) -> None:
        """Note that a key is used. What keeps it from being noted is logged, and keeps nobody out."""
        last = self._noted.get(key_id)
        if last is not None and now - last < EVERY:
            return
        if len(self._noted) >= CAPACITY:
            self._noted.clear()
        self._noted[key_id] = now
        try:
            self._counting.note_use(key_id, now)
        except (CountingError, SQLAlchemyError) as error:
            logger.error("the use of API key %s was not noted: %s", key_id, error)
