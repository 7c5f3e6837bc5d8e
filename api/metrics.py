"""What is counted for Prometheus, each application its own.

With several worker processes the numbers are summed over all of them: `api.server` names a folder in
PROMETHEUS_MULTIPROC_DIR before prometheus_client is imported, and each process keeps its counts in files there.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """Counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "packtrail_requests", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        self.seconds = Histogram(
            "packtrail_request_seconds", "Time to answer", ["route"], buckets=_SECONDS, registry=self._registry
        )
        self.recorded = Counter("packtrail_entries_recorded", "Entries recorded", registry=self._registry)
        self.replayed = Counter(
            "packtrail_events_replayed", "Events that were recorded before", registry=self._registry
        )
        self.refused = Counter("packtrail_events_refused", "Events refused", ["code"], registry=self._registry)

    def exposition(self) -> bytes:
        """All counts as Prometheus text, those of the other processes included."""
        if MULTIPROCESS_FOLDER not in os.environ:
            return generate_latest(self._registry)
        everything = CollectorRegistry()
        MultiProcessCollector(everything)  # type: ignore[no-untyped-call]
        return generate_latest(everything)
