"""The parts of the application, in the order in which they are registered: one `Routes` per module."""

from api import documentation, health, log, problem_pages, resolver
from api.desk import access as access_desk
from api.desk import account, factors, joining, login, oidc, passkeys, people, second_factor, start
from api.desk import applications as applications_desk
from api.desk import cases as cases_desk
from api.desk import documents as documents_desk
from api.desk import entries as entries_desk
from api.desk import imports as imports_desk
from api.desk import keys as keys_desk
from api.desk import labels as labels_desk
from api.desk import ledger as ledger_desk
from api.desk import webhooks as webhooks_desk
from api.epcis import capture, queries
from api.epcis import events as epcis_events
from api.routes import Routes
from api.v1 import (
    access_log,
    api_keys,
    applications,
    batches,
    batteries,
    documents,
    dpps,
    duties,
    erasures,
    events,
    genealogy,
    imports,
    labels,
    models,
    names,
    operators,
    passport_formats,
    passports,
    recovery,
    reports,
    scans,
    webhooks,
)

PARTS: tuple[Routes, ...] = (
    events.routes,
    batches.routes,
    imports.routes,
    labels.routes,
    erasures.routes,
    batteries.routes,
    genealogy.routes,
    names.routes,
    scans.routes,
    models.routes,
    passports.routes,
    dpps.routes,
    passport_formats.routes,
    operators.routes,
    recovery.routes,
    duties.routes,
    reports.routes,
    access_log.routes,
    documents.routes,
    api_keys.routes,
    webhooks.routes,
    applications.routes,
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
    login.routes,
    login.ways_out,
    joining.routes,
    start.routes,
    account.routes,
    second_factor.routes,
    factors.routes,
    factors.own,
    passkeys.routes,
    oidc.routes,
    oidc.own,
    access_desk.routes,
    documents_desk.routes,
    imports_desk.routes,
    imports_desk.uploads,
    keys_desk.routes,
    labels_desk.routes,
    ledger_desk.routes,
    entries_desk.routes,
    cases_desk.routes,
    people.routes,
    webhooks_desk.routes,
    applications_desk.routes,
    applications_desk.decisions,
)
