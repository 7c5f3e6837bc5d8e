"""What is read for Prometheus at the moment it asks: numbers that the database and the data folder keep.

They are the same whichever process answers, so they are not counted per process as those in `api.metrics`.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import RollbackError
from service.chores import last_done
from service.errors import SettingsError
from service.verification.selfcheck import read_status
from service.webhooks.subscriptions import list_webhooks
from service.witnessing.lag import lags
from service.work import Register


class _Gauges(Collector):
    def __init__(self, register: Register) -> None:
        self._register = register

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _chores(self._register)
        yield from _verification(self._register)
        try:
            yield from _witnesses(self._register)
            yield from _webhooks(self._register)
        except (SQLAlchemyError, SettingsError, RollbackError):
            return  # that the database is away is what /readyz tells


def exposition(register: Register) -> bytes:
    """Prometheus text."""
    registry = CollectorRegistry()
    registry.register(_Gauges(register))
    return generate_latest(registry)


def _chores(register: Register) -> Iterator[GaugeMetricFamily]:
    success = GaugeMetricFamily(
        "packtrail_chore_last_success_seconds", "When a chore last succeeded, in seconds since 1970", labels=["chore"]
    )
    failing = GaugeMetricFamily("packtrail_chore_failing", "1 if it failed since", labels=["chore"])
    for name, done in last_done(register.settings.data).items():
        success.add_metric([name], done.succeeded)
        failing.add_metric([name], float(bool(done.error)))
    yield from (success, failing)


def _verification(register: Register) -> Iterator[GaugeMetricFamily]:
    status = read_status(register.settings.data)
    for name, meaning, value in (
        ("packtrail_verified_size", "Entries that the register last found sound when it verified itself", status.size),
        ("packtrail_verified_seconds", "When that verification began, in seconds since 1970", status.succeeded),
        ("packtrail_verification_failed", "1 if the last one found damage", bool(status.failure)),
        ("packtrail_verification_done", "Entries that the present phase has been through", status.done),
        ("packtrail_verification_total", "Entries that the present phase has to go through", status.total),
    ):
        yield GaugeMetricFamily(name, meaning, value=float(value))


def _webhooks(register: Register) -> Iterator[GaugeMetricFamily]:
    behind = GaugeMetricFamily("packtrail_webhook_entries_behind", "Entries to look at", labels=["webhook"])
    failures = GaugeMetricFamily("packtrail_webhook_failures", "Failed deliveries in a row", labels=["webhook"])
    disabled = GaugeMetricFamily(
        "packtrail_webhook_disabled", "1 if it is told nothing more", labels=["webhook", "reason"]
    )
    with register.read() as reader:
        size = reader.size()
        for hook in list_webhooks(reader.connection):
            behind.add_metric([hook.id], size - hook.cursor)
            failures.add_metric([hook.id], hook.failures)
            disabled.add_metric([hook.id, hook.reason], float(not hook.is_enabled))
    yield from (behind, failures, disabled)


def _witnesses(register: Register) -> Iterator[GaugeMetricFamily]:
    behind = GaugeMetricFamily(
        "packtrail_witness_entries_behind", "Entries that a witness has not seen", labels=["witness"]
    )
    since = GaugeMetricFamily(
        "packtrail_witness_seconds_since_cosigned", "Since a witness last cosigned", labels=["witness"]
    )
    failing = GaugeMetricFamily("packtrail_witness_failing", "1 if it did not cosign when asked", labels=["witness"])
    witnessed = GaugeMetricFamily("packtrail_witnessed_size", "Entries under the newest witnessed checkpoint")
    size = GaugeMetricFamily("packtrail_size", "Entries in the register")
    with register.read() as reader:
        for each in lags(reader, register.clock()):
            behind.add_metric([each.witness.name], each.behind)
            failing.add_metric([each.witness.name], float(each.witness.error is not None))
            if each.seconds is not None:
                since.add_metric([each.witness.name], each.seconds)
        witnessed.add_metric([], reader.witnessed().size)
        size.add_metric([], reader.size())
    yield from (behind, since, failing, witnessed, size)
