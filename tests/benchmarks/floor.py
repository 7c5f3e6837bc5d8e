"""The floor: the plainest Flask application that stores what it is sent, one row a request, on the same engine.

Run by itself: python -m tests.benchmarks.floor FOLDER PORT WORKERS THREADS
"""

import sys
from pathlib import Path
from typing import Any

from flask import Flask, request
from gunicorn.app.base import BaseApplication
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, insert

from service.db.engine import open_engine, sqlite_url, writing

metadata = MetaData()
row = Table("row", metadata, Column("id", Integer, primary_key=True), Column("data", LargeBinary, nullable=False))


def create_floor(folder: Path) -> Flask:
    """One route: parse the JSON, insert the row, commit, answer."""
    app = Flask(__name__)
    engine = open_engine(sqlite_url(folder / "floor.db"))

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

    return app


class _Floor(BaseApplication):  # type: ignore[misc]
    def __init__(self, folder: Path, options: dict[str, Any]) -> None:
        self._folder, self._options = folder, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_floor(self._folder)


def main() -> None:
    """Make the table, then serve."""
    folder, port, workers, threads = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    engine = open_engine(sqlite_url(folder / "floor.db"))
    metadata.create_all(engine)
    engine.dispose()
    options = {"bind": f"127.0.0.1:{port}", "workers": workers, "threads": threads, "worker_class": "gthread"}
    _Floor(folder, options | {"loglevel": "error"}).run()


if __name__ == "__main__":
    main()
