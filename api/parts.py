"""The parts of the application, in the order in which they are registered: one `Routes` per module."""

from api import documentation, health, log, problem_pages, resolver
from api.epcis import capture, queries
from api.epcis import events as epcis_events
from api.routes import Routes
from api.v1 import (
    api_keys,
    batches,
    batteries,
    dpps,
    duties,
    erasures,
    events,
    genealogy,
    imports,
    models,
    names,
    operators,
    passport_formats,
    passports,
    recovery,
    reports,
)

PARTS: tuple[Routes, ...] = (
    events.routes,
    batches.routes,
    imports.routes,
    erasures.routes,
    batteries.routes,
    genealogy.routes,
    names.routes,
    models.routes,
    passports.routes,
    dpps.routes,
    passport_formats.routes,
    operators.routes,
    recovery.routes,
    duties.routes,
    reports.routes,
    api_keys.routes,
    capture.routes,
    queries.routes,
    queries.subscriptions,
    epcis_events.routes,
    log.routes,
    health.routes,
    problem_pages.routes,
    documentation.routes,
    documentation.pages,
    resolver.routes,
)
