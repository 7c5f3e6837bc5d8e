"""GTINs and the beginnings of battery codes that they stand for, in the place of one row for each battery.

The ties are read from the models, which entries published, and from the rows that they replace.
"""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

LETTERS = {"pack": "P", "module": "M", "cell": "C"}


def upgrade() -> None:
    op.create_table(
        "trade_item",
        sa.Column("gtin", sa.String(14), primary_key=True),
        sa.Column("prefix", sa.String(7), nullable=False),
    )
    op.create_index("trade_item_prefix", "trade_item", ["prefix"], unique=True)
    connection = op.get_bind()
    prefixes: dict[str, str] = {}
    for gtin, prefix in (*_published(connection), *_registered(connection)):
        if prefix not in prefixes.values():
            prefixes.setdefault(gtin, prefix)
    insert = sa.text("INSERT INTO trade_item (gtin, prefix) VALUES (:gtin, :prefix)")
    for gtin, prefix in prefixes.items():
        connection.execute(insert, {"gtin": gtin, "prefix": prefix})
    connection.execute(sa.text("DELETE FROM identifier WHERE value LIKE 'gs1:%'"))


def _published(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    for (body,) in connection.execute(sa.text("SELECT body FROM model ORDER BY idx")).all():
        told = json.loads(bytes(body))
        if told.get("gtin"):
            start = told["manufacturer_code"] + LETTERS[told["level"]]
            yield told["gtin"], start + told["chemistry"] + told["specification"]


def _registered(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Of batteries whose model tells no GTIN; "gs1:" and 14 digits come before their serial number."""
    query = sa.text(
        "SELECT DISTINCT substr(value, 5, 14), substr(code, 1, 7) FROM identifier WHERE value LIKE 'gs1:%' "
        "ORDER BY substr(value, 5, 14), substr(code, 1, 7)"
    )
    for gtin, prefix in connection.execute(query).all():
        yield str(gtin), str(prefix)
