"""Filters that a person keeps for the list of batteries, and the columns of page and file: forms without a script."""

import csv
import io
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from service.packlist.views import MOST
from service.people.roles import PersonRole
from tests.api.desk.visiting import browser_of, new_person, send
from tests.pages.life import PACK, Story, listed_story

LIST = "/desk/packs?lang=en"
WHOLE = ["code", "level", "model_id", "model", "status", "made_on", "relation", "labels_printed", "eu_passport",
         "missing_data_points"]  # fmt: skip


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with listed_story(tmp_path_factory.mktemp("views") / "register") as told:
        yield told


@pytest.fixture(scope="module")
def app(story: Story) -> Flask:
    return create_app(story.register, story.recorder)


@pytest.fixture
def reader(app: Flask, story: Story) -> FlaskClient:
    """Somebody who may read only: what one keeps for oneself records nothing."""
    return browser_of(app, new_person(story.register, PersonRole.READER, "cq-cells"))


def titles(page: str) -> list[str]:
    head = page.partition("<thead")[2].partition("</thead>")[0]
    return [each.partition("</th>")[0] for each in head.split('scope="col">')[3:]]


def file_of(browser: FlaskClient) -> list[list[str]]:
    return list(csv.reader(io.StringIO(browser.get("/desk/packs.csv?state=IN_USE").data.decode("utf-8-sig"))))


def test_a_filter_is_kept_under_a_name_opened_again_and_deleted(app: Flask, reader: FlaskClient, story: Story) -> None:
    answer = send(reader, "/desk/packs/filters?lang=en", name="  In <use> ", state="IN_USE", level="pack")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/packs?level=pack&state=IN_USE&lang=en")
    page = reader.get(answer.headers["Location"]).text
    there = "/desk/packs?level=pack&amp;state=IN_USE&amp;lang=en"
    link = f'<a href="{there}" aria-current="true"><bdi>In &lt;use&gt;</bdi></a>'
    assert link in page and PACK in page
    assert 'aria-current="true"><bdi>' not in reader.get(LIST).text and "In &lt;use&gt;" in reader.get(LIST).text
    send(reader, "/desk/packs/filters?lang=en", name="In <use>", state="REGISTERED")
    assert "state=REGISTERED" in reader.get(LIST).text and "level=pack&amp;state=IN_USE" not in reader.get(LIST).text
    colleague = browser_of(app, new_person(story.register, PersonRole.ADMIN, "cq-cells"))
    send(colleague, "/desk/packs/filters/forget?lang=en", name="In <use>")
    assert "In &lt;use&gt;" in reader.get(LIST).text and "In &lt;use&gt;" not in colleague.get(LIST).text
    send(reader, "/desk/packs/filters/forget?lang=en", name="In <use>")
    assert "In &lt;use&gt;" not in reader.get(LIST).text


@pytest.mark.parametrize("name", ["", "x" * 61, "a\tb"])
def test_a_name_that_is_none_is_refused_and_the_list_stays_filtered(reader: FlaskClient, name: str) -> None:
    for lang, words in (("en", "give it a name"), ("zh", "请填写名称")):
        answer = send(reader, f"/desk/packs/filters?lang={lang}", name=name, state="IN_USE")
        assert answer.status_code == 422 and words in answer.text
        assert 'value="IN_USE" selected' in answer.text


def test_no_filter_and_one_too_many_are_refused(reader: FlaskClient) -> None:
    assert "not filtered" in send(reader, "/desk/packs/filters?lang=en", name="all").text
    for number in range(MOST):
        assert send(reader, "/desk/packs/filters", name=f"no. {number}", state="IN_USE").status_code == 303
    answer = send(reader, "/desk/packs/filters?lang=en", name="one more", state="IN_USE")
    assert answer.status_code == 422 and "delete one first" in answer.text
    assert send(reader, "/desk/packs/filters", name="no. 3", level="pack").status_code == 303


def test_page_and_file_show_the_columns_that_were_chosen(app: Flask, reader: FlaskClient, story: Story) -> None:
    usual = ["Model", "Status", "Made on", "Label", "EU passport"]
    assert titles(reader.get(LIST).text) == usual
    assert file_of(reader)[0] == WHOLE
    answer = send(reader, "/desk/packs/columns?lang=en", column=["tie", "state", "nonsense"], state="IN_USE")
    assert answer.headers["Location"] == "/desk/packs?state=IN_USE&lang=en"
    page = reader.get(answer.headers["Location"]).text
    assert titles(page) == ["Status", "Relation"] and PACK in page
    rows = file_of(reader)
    assert rows[0] == ["code", "status", "relation"]
    assert PACK in [row[0] for row in rows] and len(rows[1]) == 3
    assert "columns" in rows[-1][0] or "columns" in ",".join(rows[-1])
    other = browser_of(app, new_person(story.register, PersonRole.READER, "cq-cells"))
    assert titles(other.get(LIST).text) == usual and file_of(other)[0] == WHOLE
    send(reader, "/desk/packs/columns?lang=en")
    assert titles(reader.get(LIST).text) == [] and file_of(reader)[0] == ["code"]
    send(reader, "/desk/packs/columns?lang=en", usual="1", column="state")
    assert titles(reader.get(LIST).text) == usual and PACK in reader.get(LIST).text
    assert file_of(reader)[0] == WHOLE
