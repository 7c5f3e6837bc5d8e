"""A register that still has a row for each GTIN with serial number is brought to ties of GTINs, on both engines."""

import json

from alembic import command
from sqlalchemy import Connection, Engine

from service.db.engine import commit, open_engine, writing
from service.db.migrate import _config, migrate

MODEL = {"gtin": "09521234000013", "manufacturer_code": "001", "level": "pack", "chemistry": "E", "specification": "12"}
OLDER = "0010"
"""The revision before the ties."""


def upgrade(engine: Engine, revision: str) -> None:
    config = _config()
    with engine.connect() as plain:
        config.attributes["connection"] = connection = writing(plain)
        command.upgrade(config, revision)
        commit(connection)


def fill(connection: Connection) -> None:
    """Three models, one of them without a GTIN, and batteries of theirs."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    models = [("A", MODEL), ("B", MODEL | {"specification": "13", "gtin": None}), ("C", MODEL | {"level": "module"})]
    for index, (name, body) in enumerate(models):
        statement = f"INSERT INTO model (id, maker, body, idx) VALUES ({mark}, 'm', {mark}, {mark})"
        connection.exec_driver_sql(statement, (name, json.dumps(body).encode(), index))
    for gtin, code in (
        ("09521234000013", "001PE12ABCDEFGG2T0000001"),
        ("09521234000099", "001PE13ABCDEFGG2T0000001"),
        ("09521234000099", "001PE13ABCDEFGG2T0000002"),
    ):
        row = (f"gs1:{gtin}/{code[7:]}", code)
        connection.exec_driver_sql(f"INSERT INTO identifier (value, code) VALUES ({mark}, {mark})", row)


def test_ties_are_read_from_models_and_from_the_rows_they_replace(empty_url: str) -> None:
    engine = open_engine(empty_url)
    upgrade(engine, OLDER)
    with engine.connect() as plain:
        connection = writing(plain)
        fill(connection)
        commit(connection)
    migrate(engine)
    with engine.connect() as connection:
        ties = connection.exec_driver_sql("SELECT gtin, prefix FROM trade_item ORDER BY gtin").all()
        assert [tuple(row) for row in ties] == [("09521234000013", "001PE12"), ("09521234000099", "001PE13")]
        assert connection.exec_driver_sql("SELECT count(*) FROM identifier").scalar_one() == 0
    engine.dispose()
