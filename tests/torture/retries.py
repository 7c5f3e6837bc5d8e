"""R-5: every event sent again and again, at once, over connections that break, and sometimes with another body."""

import random
import time

from tests.scene import Server
from tests.torture.clients import Manner
from tests.torture.journal import Journal
from tests.torture.load import under_load
from tests.torture.verdict import Verdict, require


def send_again(events: int, seed: int) -> Verdict:
    """Each event is sent 1 to 5 times at once, 3 in 10 connections are reset after sending, 1 in 10 events altered."""
    seen: list[Journal] = []

    def wait(_server: Server, _chance: random.Random, journal: Journal) -> None:
        seen.append(journal)
        while len(journal.events) < events:
            time.sleep(0.05)

    verdict = under_load(wait, seed=seed, manner=Manner(threads=6, copies=3, cut=0.3, altered=0.1), workers=2)
    answers = seen[0].answers
    altered = sum(number for name, number in answers.items() if name.startswith("altered: "))
    counts = {"sends": sum(answers.values()), "cut": answers["cut by us"], "altered": altered}
    return verdict + require(
        counts,
        every_event_was_answered=verdict.counts["acknowledged"] == verdict.counts["events"],
        connections_were_cut=counts["cut"] > 0,
        altered_events_were_refused_as_conflicts=altered == answers["altered: 409 conflict"] > 0,
    )
