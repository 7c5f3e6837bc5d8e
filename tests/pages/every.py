"""Every page of the application: its route, who visits it, and the states in which it is looked at.

{names} in the addresses are those of `tests.pages.furnished`. A page that needs more than a visit names the test that
walks it instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.pages.furnished import AUTHORITY, MAKER, WORKSHOP

PUBLIC = ""
_PASSPORT = "/desk/<any(models, packs):kind>/<subject>/passport"


@dataclass(frozen=True, slots=True)
class PageOf:
    """One route. who: the organisation whose administrator looks, or PUBLIC. states: addresses by a name for pictures.

    elsewhere: the test that walks it, where a visit is not enough.
    """

    rule: str
    who: str = PUBLIC
    states: Mapping[str, str] = field(default_factory=dict)
    elsewhere: str = ""


PAGES: tuple[PageOf, ...] = (
    PageOf("/", states={"home": "/"}),
    PageOf(
        "/find",
        states={
            "not-a-code": "/find?code=001PX12ABC",
            "not-registered": "/find?code={never}",
            "organisation": "/find?code={uscc}",
        },
    ),
    PageOf(
        "/b/<path:_code>",
        states={
            "battery": "/b/{in_use}",
            "battery-part": "/b/{part}",
            "battery-second-life": "/b/{second_life}",
            "battery-became-another": "/b/{became}",
            "battery-recycled": "/b/{recycled}",
            "battery-copied-label": "/b/{copied}",
            "battery-recalled": "/b/{recalled}",
            "battery-voided": "/b/{voided}",
        },
    ),
    PageOf("/b/<_code>/proof", states={"proof": "/b/{in_use}/proof"}),
    PageOf(
        "/b/<_code>/passport", states={"passport": "/b/{in_use}/passport", "passport-ended": "/b/{recycled}/passport"}
    ),
    PageOf("/b/<_code>/sighting", states={"where-is-it": "/b/{copied}/sighting"}),
    PageOf("/check-document", states={"check-document": "/check-document"}),
    PageOf("/how-to-check", states={"how-to-check": "/how-to-check"}),
    PageOf("/report", states={"report": "/report?code={in_use}"}),
    PageOf(
        "/report/<reference>", states={"report-received": "/report/{report}", "report-handled": "/report/{handled}"}
    ),
    PageOf("/status", states={"status": "/status"}),
    PageOf("/privacy", states={"privacy": "/privacy"}),
    PageOf("/accessibility", states={"accessibility": "/accessibility"}),
    PageOf("/style", states={"style": "/style"}),
    PageOf("/problems/<slug>", states={"problem": "/problems/refused"}),
    PageOf("(none)", states={"no-such-page": "/nothing/here"}),
    PageOf("/login", states={"login": "/login"}),
    PageOf("/recover", states={"forgotten-password": "/recover"}),
    PageOf("/apply", states={"apply": "/apply"}),
    PageOf("/join/<secret>", states={"dead-link": "/join/none"}),
    PageOf("/desk", AUTHORITY, {"desk": "/desk"}),
    PageOf("/desk/ledger", AUTHORITY, {"desk-ledger": "/desk/ledger"}),
    PageOf("/desk/ledger/consistency", AUTHORITY, {"desk-consistency": "/desk/ledger/consistency?old=100&new={entry}"}),
    PageOf("/desk/entries", AUTHORITY, {"desk-entries": "/desk/entries?kind=register&actor=demo-cells-fuling"}),
    PageOf("/desk/entries/<int:index>", AUTHORITY, {"desk-entry": "/desk/entries/{entry}"}),
    PageOf("/desk/cases", AUTHORITY, {"desk-cases": "/desk/cases"}),
    PageOf(
        "/desk/reported", AUTHORITY, {"desk-reported": "/desk/reported", "desk-reported-all": "/desk/reported?all=1"}
    ),
    PageOf("/desk/people", AUTHORITY, {"desk-people": "/desk/people"}),
    PageOf("/desk/applications", AUTHORITY, {"desk-applications": "/desk/applications"}),
    PageOf("/desk/imports", MAKER, {"desk-imports": "/desk/imports"}),
    PageOf("/desk/labels", MAKER, {"desk-labels": "/desk/labels"}),
    PageOf("/desk/documents", MAKER, {"desk-documents": "/desk/documents"}),
    PageOf("/desk/access", MAKER, {"desk-access": "/desk/access"}),
    PageOf("/desk/keys", MAKER, {"desk-keys": "/desk/keys"}),
    PageOf("/desk/webhooks", MAKER, {"desk-webhooks": "/desk/webhooks"}),
    PageOf("/desk/webhooks/<uuid:webhook_id>", MAKER, {"desk-webhook": "/desk/webhooks/{webhook}"}),
    PageOf("/account", MAKER, {"account": "/account"}),
    PageOf("/account/factors", AUTHORITY, {"account-factors": "/account/factors"}),
    PageOf("/account/factors/app", elsewhere="api/desk/test_factors.py"),
    PageOf("/desk/figures", AUTHORITY, {"desk-figures": "/desk/figures"}),
    PageOf(
        "/desk/figures/<slug>",
        AUTHORITY,
        {
            "desk-figure-recovery": "/desk/figures/recovery-rate",
            "desk-figure-masses": "/desk/figures/recycling-efficiency",
            "desk-figure-flows": "/desk/figures/flows",
            "desk-figure-late": "/desk/figures/overdue?by=duty",
            "desk-figure-astray": "/desk/figures/illegal-flow?by=month",
            "desk-figure-copies": "/desk/figures/copied-labels?by=distance",
            "desk-figure-days": "/desk/figures/chain-integrity?by=day",
        },
    ),
    PageOf("/desk/figures/<slug>/rows", AUTHORITY, {"desk-figure-rows": "/desk/figures/illegal-flow/rows"}),
    PageOf("/desk/passports", AUTHORITY, {"desk-passports": "/desk/passports"}),
    PageOf("/desk/duties", AUTHORITY, {"desk-duties": "/desk/duties"}),
    PageOf("/desk/licences", AUTHORITY, {"desk-licences": "/desk/licences"}),
    PageOf("/desk/organisations", AUTHORITY, {"desk-organisations": "/desk/organisations"}),
    PageOf(
        "/desk/organisations/<organisation>", AUTHORITY, {"desk-organisation": "/desk/organisations/demo-cells-fuling"}
    ),
    PageOf(
        "/desk/organisations/<organisation>/enrolment",
        AUTHORITY,
        {"desk-enrolment": "/desk/organisations/demo-cells-fuling/enrolment"},
    ),
    PageOf("/desk/reports", AUTHORITY, {"desk-reports": "/desk/reports"}),
    PageOf("/desk/reports/<digest>", AUTHORITY, {"desk-report": "/desk/reports/{frozen}"}),
    PageOf(
        "/desk/cases/<kind>/<key>",
        AUTHORITY,
        {"desk-case": "/desk/cases/copies/1", "desk-case-rate": "/desk/cases/recovery/{rate}"},
    ),
    PageOf("/desk/keys/of/<operator>", AUTHORITY, {"desk-keys-of": "/desk/keys/of/demo-cells-fuling"}),
    PageOf("/desk/people/of/<operator>", AUTHORITY, {"desk-people-of": "/desk/people/of/demo-cells-fuling"}),
    PageOf("/desk/imports/<uuid:import_id>", MAKER, {"desk-import": "/desk/imports/{import}"}),
    PageOf("/desk/imports/<uuid:import_id>/rows", MAKER, {"desk-import-rows": "/desk/imports/{import}/rows"}),
    PageOf("/desk/packs", MAKER, {"desk-packs": "/desk/packs", "desk-packs-filtered": "/desk/packs?level=pack"}),
    PageOf("/desk/packs/<code>", MAKER, {"desk-pack": "/desk/packs/{own}"}),
    PageOf("/desk/packs/<code>/assemble", MAKER, {"desk-assemble": "/desk/packs/{own}/assemble"}),
    PageOf("/desk/packs/lists", MAKER, {"desk-pack-lists": "/desk/packs/lists"}),
    PageOf("/desk/packs/lists/<list_id>", MAKER, {"desk-pack-list": "/desk/packs/lists/{list}"}),
    PageOf("/desk/register", MAKER, {"desk-register": "/desk/register"}),
    PageOf("/desk/register/<int:index>", MAKER, {"desk-registered": "/desk/register/{registered}"}),
    PageOf("/desk/models", MAKER, {"desk-models": "/desk/models"}),
    PageOf("/desk/models/<model_id>", MAKER, {"desk-model": "/desk/models/{model}"}),
    PageOf("/desk/new-model", MAKER, {"desk-new-model": "/desk/new-model"}),
    PageOf(f"{_PASSPORT}", MAKER, {"desk-passport": "/desk/packs/{own}/passport"}),
    PageOf(f"{_PASSPORT}/<section>", MAKER, {"desk-passport-section": "/desk/models/{model}/passport/lifetime"}),
    PageOf(f"{_PASSPORT}/as/<reader>", MAKER, {"desk-passport-as": "/desk/packs/{own}/passport/as/public"}),
    PageOf(f"{_PASSPORT}/publish", MAKER, {"desk-passport-publish": "/desk/models/{model}/passport/publish"}),
    PageOf(f"{_PASSPORT}/versions", MAKER, {"desk-passport-versions": "/desk/models/{model}/passport/versions"}),
    PageOf(f"{_PASSPORT}/versions/<int:older>/<int:newer>", elsewhere="pages/test_passport_desk.py"),
    PageOf("/login/factor", elsewhere="api/desk/test_factors.py"),
    PageOf("/recover/<secret>", elsewhere="pages/test_desk.py"),
    PageOf("/w", WORKSHOP, {"workshop": "/w"}),
    PageOf(
        "/w/b/<path:text>",
        WORKSHOP,
        {
            "workshop-battery": "/w/b/{in_use}",
            "workshop-stop": "/w/b/{recycled}",
            "workshop-unknown": "/w/b/{never}",
        },
    ),
    PageOf("/w/b/<code>/<kind>", WORKSHOP, {"workshop-form": "/w/b/{in_use}/begin_service"}),
    PageOf("/w/batch", WORKSHOP, {"workshop-batch": "/w/batch"}),
    PageOf("/w/day", WORKSHOP, {"workshop-day": "/w/day"}),
    PageOf("/w/queue", WORKSHOP, {"workshop-queue": "/w/queue"}),
    PageOf("/w/offline", WORKSHOP, {"workshop-offline": "/w/offline"}),
    PageOf("/w/done/<int:index>", WORKSHOP, {"workshop-done": "/w/done/{worked}"}),
)

NOT_FOUND = frozenset({"not-a-code", "not-registered", "no-such-page", "dead-link", "workshop-unknown"})
"""States that are answered 404, as they should be."""

NO_PAGES = {
    "/.well-known/gs1resolver": "a file for programs",
    "/01/<path:_rest>": "the page of a battery, by another address",
    "/8004/<path:_rest>": "the same",
    "/B/<path:_code>": "the same",
    "/account/session": "for a script",
    "/desk/documents/<document_id>": "a file",
    "/desk/labels/preview": "a picture",
    "/desk/reported/<reference>/photo": "a picture",
    "/docs": "Swagger UI, in English",
    "/docs/<name>": "its files",
    "/epcis/queries/<query_name>/subscriptions": "for programs",
    "/login/oidc/callback": "a way back from elsewhere",
    "/verifier/<version>/<name>": "a script",
    "/w/code/<version>/<path:name>": "a script",
    "/w/done/<int:index>/again": "the page of what was recorded",
    "/w/find": "leads to the start",
    "/w/photo": "leads to the start",
    "/w/sw.js": "a script",
    "/w/token": "for scripts",
}
"""Routes that show no page of their own, and what they give instead; beside those whose names end like a file's."""
FILES = (".csv", ".json", ".xlsx")
