"""One bench for all tests of this folder: each takes batteries of its own in hand."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.api.workshop.bench import Bench, open_bench
from tests.applications import app_on


@pytest.fixture(scope="package")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    opened = open_bench(tmp_path_factory.mktemp("bench") / "register")
    yield opened
    opened.story.register.close()


@pytest.fixture(scope="package")
def app(bench: Bench) -> Flask:
    return app_on(bench.story.register, bench.story.recorder)
