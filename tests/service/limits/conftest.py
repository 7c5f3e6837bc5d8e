"""Counting databases on either engine, and processes that are let go at once."""

import multiprocessing
from collections.abc import Callable
from typing import Any

import pytest

from service.db.engine import open_engine
from service.db.migrate import migrate
from service.settings import Settings, read_settings


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def counted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a register whose tables are there and empty."""
    folder = tmp_path_factory.mktemp("counting")
    if request.param == "sqlite":
        return read_settings({}, data=folder)
    settings = read_settings(
        {"PACKTRAIL_DATABASE_URL": request.getfixturevalue("postgres").create_database()}, data=folder
    )
    engine = open_engine(settings.database_url)
    migrate(engine)
    engine.dispose()
    return settings


def race(count: int, work: Callable[[Callable[[], None]], int]) -> list[int]:
    """What `count` forked processes give, each of which calls the function that it is given when it is ready."""
    context: Any = multiprocessing.get_context("fork")
    gate, found = context.Barrier(count), context.Queue()
    racers = [context.Process(target=lambda: found.put(work(lambda: gate.wait(60) and None))) for _ in range(count)]
    for racer in racers:
        racer.start()
    results = [found.get(timeout=60) for _ in racers]
    for racer in racers:
        racer.join()
    return results
