"""The floor: the plainest Flask applications on the same engine, to see what the rest costs.

One stores what it is sent, a row a request or the lines of a batch in one commit; one reads a row of a register.

Run by itself: python -m tests.benchmarks.floor DATABASE_URL PORT WORKERS THREADS
"""

import json
import sys
from typing import Any

from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication
from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, Table, insert, select

from service.db import tables
from service.db.engine import open_engine, writing

metadata = MetaData()
row = Table("row", metadata, Column("id", Integer, primary_key=True), Column("data", LargeBinary, nullable=False))


def create_floor(url: str) -> Flask:
    """Two routes: parse the JSON, insert the row or rows, commit, answer."""
    app = Flask(__name__)
    engine = open_engine(url)

    @app.get("/livez")
    def live() -> dict[str, bool]:
        return {"alive": True}

    @app.post("/rows")
    def store() -> tuple[dict[str, Any], int]:
        request.get_json()
        with engine.connect() as connection:
            found = writing(connection).execute(insert(row).values(data=request.get_data()))
            connection.commit()
            key = found.inserted_primary_key
        return {"id": key[0] if key else None}, 201

    @app.post("/rows:batch")
    def store_all() -> dict[str, int]:
        lines = request.get_data().splitlines()
        for line in lines:
            json.loads(line)
        with engine.connect() as connection:
            writing(connection).execute(insert(row), [{"data": line} for line in lines])
            connection.commit()
        return {"count": len(lines)}

    return app


def create_reader(engine: Engine) -> Flask:
    """One route: an entry of a register as it is stored."""
    app = Flask(__name__)

    @app.get("/rows/<int:index>")
    def show(index: int) -> Response:
        with engine.connect() as connection:
            query = select(tables.entry.c.data).where(tables.entry.c.idx == index)
            return Response(connection.execute(query).scalar_one(), content_type="application/json")

    return app


class _Floor(BaseApplication):  # type: ignore[misc]
    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self._url, self._options = url, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_floor(self._url)


def main() -> None:
    """Make the table, then serve."""
    url, port, workers, threads = sys.argv[1], *map(int, sys.argv[2:5])
    engine = open_engine(url)
    metadata.create_all(engine)
    engine.dispose()
    options = {"bind": f"127.0.0.1:{port}", "workers": workers, "threads": threads, "worker_class": "gthread"}
    _Floor(url, options | {"loglevel": "error"}).run()


if __name__ == "__main__":
    main()
