"""The authority sets on a page from when on a licence has to be told; others who look see the days and no form."""

from flask import Flask

from service.domain.roles import Role
from service.domain.words import LicenceKind
from service.operators import current_registry
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person, send
from tests.api.town import AUTHORITY, BUREAU

PATH = "/desk/licences"
FORM = {"need": "recycler/pollutant_discharge", "told_from": "2026-07-01", "source": "CQ-2026-8"}


def test_the_authority_sets_a_day_and_a_regulator_reads_it(app: Flask, register: Register) -> None:
    authority = browser_of(app, new_person(register, operator=AUTHORITY))
    assert f'href="{PATH}"' in authority.get("/desk/duties").text
    assert 'name="told_from"' in authority.get(PATH).text
    assert send(authority, PATH, **FORM).status_code == 303
    [row] = current_registry(register).licence_days[Role.RECYCLER, LicenceKind.POLLUTANT_DISCHARGE]
    assert row.source == "CQ-2026-8"
    regulator = browser_of(app, new_person(register, operator=BUREAU))
    page = regulator.get(PATH).text
    assert "CQ-2026-8" in page and "2026-07-01" in page and f"/desk/entries/{row.entry}" in page
    assert 'name="told_from"' not in page
    assert send(regulator, PATH, **FORM).status_code == 403


def test_what_is_wrong_is_said_and_what_was_typed_stays(app: Flask, register: Register) -> None:
    authority = browser_of(app, new_person(register, operator=AUTHORITY))
    before = current_registry(register).index
    wrong = send(authority, PATH, **FORM | {"need": "workshop/pollutant_discharge"})
    assert wrong.status_code == 422
    assert "CQ-2026-8" in wrong.text
    assert send(authority, PATH, **FORM | {"source": ""}).status_code == 422
    assert current_registry(register).index == before
