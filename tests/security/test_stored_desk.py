"""S-21, behind the login: whatever stands in a text that somebody sent, the desk's pages have the same elements.

Three registers are furnished in the same way, one with plain words and two with hostile ones: in the names of
documents and of imported files, in what an application says, in the addresses of webhooks, in notes on cases, and in
reports of the public with what was found. Each page that shows one of them is held against that of the plain words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from service.access import SCOPES, Caller
from service.cases.notes import add_note
from service.db.duties import save_cases
from service.db.engine import writing
from service.documents.keeping import add_document
from service.domain.duties.cases import DutyCase
from service.domain.papers import Paper
from service.domain.reported import Reason
from service.domain.rules_use import date_in_china
from service.imports.running import run_job
from service.imports.storing import Ask, take_in
from service.people import applications
from service.recording.recorder import Recorder
from service.reported.noting import Problem, note_problem
from service.reported.reading import handle
from service.webhooks.subscriptions import Wanted, add_webhook
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person
from tests.api.town import AUTHORITY, MAKER, build_town
from tests.applications import app_on
from tests.security.payloads import PAYLOADS
from tests.security.test_stored_script import PLAIN, skeleton
from tests.service.documents.files import PDF
from tests.service.domain.story import PACK

HOSTILE = ('"><img src=x onerror=alert(1)>', "' autofocus onfocus='alert(1)")
"""One that would open an element and one that would open an attribute, both of the corpus."""
SAFE_IN_URL = "'()="
"""What the address of a webhook may hold as it is."""
CASE = f"5~{PACK}~cn73-install"
PAGES = (
    ("/desk/documents", MAKER), ("/desk/applications", AUTHORITY), ("/desk/webhooks", MAKER),
    ("/desk/webhooks/{webhook}", MAKER), (f"/desk/cases/late/{CASE}", AUTHORITY), ("/desk/cases", AUTHORITY),
    ("/desk/reported", AUTHORITY), ("/desk/reported", MAKER), ("/desk/imports", MAKER),
    ("/desk/imports/{import}", MAKER), ("/desk/imports/{import}/rows", MAKER), ("/desk/packs/" + PACK, MAKER),
    ("/desk", AUTHORITY), ("/desk", MAKER),
)  # fmt: skip
"""Each page that shows one of the texts, or leads to where it is shown, and whose it is."""


@dataclass(frozen=True)
class Desk:
    """A register in which `text` stands wherever somebody may have sent it, with who looks at it. ids: of what was
    made."""

    app: Flask
    register: Register
    ids: Mapping[str, str]
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    def page(self, path: str, operator: str, language: str) -> str:
        """Of an administrator of this operator."""
        if operator not in self.browsers:
            self.browsers[operator] = browser_of(self.app, new_person(self.register, operator=operator))
        answer = self.browsers[operator].get(f"{path.format(**self.ids)}?lang={language}")
        assert answer.status_code == 200, path
        return answer.get_data(as_text=True)


def furnish(folder: Path, text: str) -> Desk:
    """A town in `folder`, and everything that somebody sends to its desks with this text in it."""
    register = Register(build_town(folder).settings)
    now, today = register.clock(), date_in_china(register.clock())
    owner = Caller(MAKER, frozenset(SCOPES), "")
    paper = add_document(register, owner, PACK, Paper.TEST_REPORT, name=f"{text}.pdf", data=PDF).document
    with register.write_beside() as connection:
        body = {"name": text, "name_en": text, "region": "500107", "roles": ["recycler"]}
        applications.apply(connection, body, f"{text} 023-1234", now=now)
        address = f"https://hooks.example.cn/{quote(text, safe=SAFE_IN_URL)}"
        hook = add_webhook(connection, MAKER, Wanted(address), reach=register.settings.webhooks, now=now)
        save_cases(writing(connection), [DutyCase(5, PACK, "cn73-install", MAKER, today, today - timedelta(days=9))])
        add_note(connection, f"late:{CASE}", text, by=AUTHORITY, now=now)
    note_problem(register, Problem(PACK, Reason.DAMAGED, text))
    note_problem(register, Problem(text, Reason.NOT_GENUINE, text))
    handle(register, note_problem(register, Problem(PACK, Reason.MOVED, text)), by=AUTHORITY, note=text)
    cell = '"' + text.replace('"', '""') + '"'
    file = f"{cell},电池编码\n{cell},{cell}\n".encode()
    job = take_in(register, Ask(MAKER, "packs", f"{text}.csv", dry_run=True), [file]).job
    run_job(Recorder(register), job.id)
    return Desk(app_on(register), register, {"document": paper.id, "webhook": hook.id, "import": job.id})


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Desk]]:
    """By the text that stands in them."""
    made = {text: furnish(tmp_path_factory.mktemp("stored") / "register", text) for text in (PLAIN, *HOSTILE)}
    yield made
    for desk in made.values():
        desk.register.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("path", "operator"), PAGES)
def test_a_stored_text_adds_no_element_to_a_page_of_the_desk(
    desks: Mapping[str, Desk], path: str, operator: str, language: str
) -> None:
    plain = skeleton(desks[PLAIN].page(path, operator, language))
    for text in HOSTILE:
        html = desks[text].page(path, operator, language)
        assert skeleton(html) == plain, text
        assert text not in html


def test_each_of_the_texts_is_on_a_page_so_the_comparison_is_of_something(desks: Mapping[str, Desk]) -> None:
    """Plain as it is, hostile as what the template engine makes of it."""
    shown = [each for each in PAGES if each[0] not in ("/desk", "/desk/cases", "/desk/packs/" + PACK)]
    for path, operator in shown:
        for text in (PLAIN, *HOSTILE):
            words = quote(text, safe=SAFE_IN_URL) if "webhooks" in path else text
            assert str(escape(words)) in desks[text].page(path, operator, "en"), (path, text)
    assert set(HOSTILE) <= set(PAYLOADS)
