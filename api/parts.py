"""The parts of the application, in the order in which they are registered: one `Routes` per module."""

from api import documentation, health, log, problem_pages, resolver
from api.routes import Routes
from api.v1 import api_keys, batches, batteries, erasures, events, models, operators

PARTS: tuple[Routes, ...] = (
    events.routes,
    batches.routes,
    erasures.routes,
    batteries.routes,
    models.routes,
    operators.routes,
    api_keys.routes,
    log.routes,
    health.routes,
    problem_pages.routes,
    documentation.routes,
    documentation.pages,
    resolver.routes,
)
