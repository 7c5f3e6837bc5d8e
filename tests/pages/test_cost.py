"""What a page costs: a handful of indexed reads, the same for a young battery and an old one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from api.app import create_app
from api.pages.facts import FIRST, LAST
from tests.pages.asking import get
from tests.pages.life import GTIN, MODULES, NAMES, NEVER, PACK, Story, make_batteries, open_story

SINGLE_ROWS = ("SCAN tree_state", "SCAN registry")
MOST = 12

Statement = tuple[str, Any]


@contextmanager
def statements(story: Story) -> Iterator[list[Statement]]:
    """What is asked of the database meanwhile."""
    engine, asked = story.register.store.engine, list[Statement]()

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


PATHS = [
    "/",
    f"/b/{PACK}",
    f"/b/{MODULES[0]}",
    f"/b/{NEVER}",
    f"/01/{GTIN}/21/{PACK[7:]}",
    f"/8004/{NAMES['giai']}",
    f"/find?code={PACK.lower()}",
    f"/find?code={PACK.replace('0', 'O')}",
    f"/find?code={NAMES['identification_link']}",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_takes_a_handful_of_reads_and_none_of_them_scans(client: FlaskClient, story: Story, path: str) -> None:
    with statements(story) as asked:
        get(client, path)
    reads = [(statement, parameters) for statement, parameters in asked if statement.startswith("SELECT")]
    assert 1 <= len(reads) <= MOST
    with story.register.store.engine.connect() as connection:
        plans = [
            row[3]
            for statement, parameters in reads
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert [plan for plan in plans if plan.startswith("SCAN") and plan not in SINGLE_ROWS] == []


def test_a_long_life_takes_no_more_reads_and_no_more_entries(tmp_path_factory: pytest.TempPathFactory) -> None:
    story = open_story(tmp_path_factory.mktemp("old"))
    make_batteries(story)
    client = create_app(story.register, story.recorder).test_client()
    get(client, f"/b/{PACK}")
    with statements(story) as young:
        get(client, f"/b/{PACK}")
    for number in range(FIRST + LAST + 20):
        story.tell("cq-repair", "repair", (PACK,), reason=f"r{number}", soce_ppm=900_000, safety_test_passed=True)
    with statements(story) as old:
        get(client, f"/b/{PACK}")
    assert len(old) == len(young)
    assert max(len(parameters) for _, parameters in old) == FIRST + LAST
    story.register.close()
