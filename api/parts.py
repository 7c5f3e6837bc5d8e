"""The parts of the application, in the order in which they are registered: one `Routes` per module."""

from api import documentation, health, log, problem_pages, resolver
from api.desk import access as access_desk
from api.desk import account, factors, import_rows, joining, login, oidc, passkeys, people, second_factor, start
from api.desk import applications as applications_desk
from api.desk import assembling as assembling_desk
from api.desk import case_files as case_files_desk
from api.desk import cases as cases_desk
from api.desk import consistency as consistency_desk
from api.desk import documents as documents_desk
from api.desk import duties as duties_desk
from api.desk import enrolments as enrolments_desk
from api.desk import entries as entries_desk
from api.desk import imports as imports_desk
from api.desk import keys as keys_desk
from api.desk import labels as labels_desk
from api.desk import leafing as leafing_desk
from api.desk import ledger as ledger_desk
from api.desk import licences as licences_desk
from api.desk import models as models_desk
from api.desk import new_model as new_model_desk
from api.desk import organisations as organisations_desk
from api.desk import pack as pack_desk
from api.desk import pack_lists as pack_lists_desk
from api.desk import pack_views as pack_views_desk
from api.desk import packs as packs_desk
from api.desk import passport as passport_desk
from api.desk import passport_versions as passport_versions_desk
from api.desk import registering as registering_desk
from api.desk import reported as reported_desk
from api.desk import reports as reports_desk
from api.desk import webhooks as webhooks_desk
from api.desk.figures import pages as figures_desk
from api.desk.figures import passports as passports_overview_desk
from api.epcis import capture, queries
from api.epcis import events as epcis_events
from api.pages import about, document, photo, report, status, style
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
    figures,
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
    workshop,
)
from api.workshop import action as workshop_action
from api.workshop import batch as workshop_batch
from api.workshop import battery as workshop_battery
from api.workshop import code as workshop_code
from api.workshop import day as workshop_day
from api.workshop import queue as workshop_queue
from api.workshop import start as workshop_start

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
    workshop.routes,
    models.routes,
    passports.routes,
    dpps.routes,
    passport_formats.routes,
    operators.routes,
    recovery.routes,
    duties.routes,
    reports.routes,
    figures.routes,
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
    about.routes,
    photo.routes,
    document.routes,
    report.routes,
    status.routes,
    style.routes,
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
    import_rows.routes,
    keys_desk.routes,
    labels_desk.routes,
    packs_desk.routes,
    pack_lists_desk.routes,
    pack_views_desk.routes,
    pack_desk.routes,
    assembling_desk.routes,
    registering_desk.routes,
    ledger_desk.routes,
    consistency_desk.routes,
    leafing_desk.routes,
    models_desk.routes,
    new_model_desk.routes,
    passport_desk.routes,
    passport_versions_desk.routes,
    entries_desk.routes,
    cases_desk.routes,
    case_files_desk.routes,
    figures_desk.routes,
    passports_overview_desk.routes,
    reports_desk.routes,
    organisations_desk.routes,
    enrolments_desk.routes,
    licences_desk.routes,
    duties_desk.routes,
    reported_desk.routes,
    people.routes,
    webhooks_desk.routes,
    applications_desk.routes,
    applications_desk.decisions,
    workshop_start.routes,
    workshop_battery.routes,
    workshop_action.routes,
    workshop_batch.routes,
    workshop_day.routes,
    workshop_queue.routes,
    workshop_code.routes,
)
