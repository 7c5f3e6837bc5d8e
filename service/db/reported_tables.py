"""Problems that people report, beside the log. Who reported is not kept; a photograph is a file beside the database."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from service.db.metadata import metadata, partial_index

reported_problem = Table(
    "reported_problem",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reference", String(12), nullable=False, unique=True, comment="random: who has it may ask"),
    Column("code", String(24), nullable=False, comment="of a registered battery, else empty"),
    Column("told", Text, nullable=False, comment="what was typed as the code"),
    Column("reason", String(20), nullable=False),
    Column("words", Text, nullable=False),
    Column("has_photo", Boolean, nullable=False),
    Column("maker", String(40), nullable=False),
    Column("holder", String(40), nullable=False, comment="when it was reported"),
    Column("reported_at", String(24), nullable=False),
    Column("handled_at", String(24), nullable=True),
    Column("handled_by", String(40), nullable=True),
    Column("note", Text, nullable=True),
)
_c = reported_problem.c
partial_index("reported_open", _c.id, where=_c.handled_at.is_(None))
Index("reported_maker", _c.maker, _c.id)
Index("reported_holder", _c.holder, _c.id)
Index("reported_handled", _c.handled_at)
