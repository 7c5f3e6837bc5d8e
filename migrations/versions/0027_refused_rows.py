"""How many rows of a batch of an import were refused, so that those are found without reading the others.

Of batches that are older every row may be a refused one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("import_batch", sa.Column("refused", sa.Integer, nullable=False, server_default="1"))
