"""People: accounts, sessions, links, tries and acts; and applications of organisations. All beside the log."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.Text, nullable=True),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("disabled_at", sa.String(24), nullable=True),
        sa.Column("asked_at", sa.String(24), nullable=True),
    )
    op.create_index("person_login", "person", ["login"], unique=True)
    op.create_index("person_operator", "person", ["operator"])
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("stage", sa.String(8), nullable=False),
        sa.Column("device", sa.SmallInteger, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        *(sa.Column(name, sa.String(24), nullable=False) for name in ("created_at", "seen_at", "expires_at")),
    )
    op.create_index("session_id", "session", ["id"], unique=True)
    op.create_index("session_person", "session", ["person"])
    op.create_table(
        "person_link",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("expires_at", sa.String(24), nullable=False),
        sa.Column("used_at", sa.String(24), nullable=True),
    )
    op.create_index("person_link_person", "person_link", ["person"])
    op.create_table(
        "login_try",
        sa.Column("bucket", sa.LargeBinary(32), primary_key=True),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
    )
    op.create_table(
        "people_act",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        *(sa.Column(name, sa.String(36), nullable=False) for name in ("actor", "person")),
        sa.Column("at", sa.String(24), nullable=False),
    )
    op.create_index("people_act_operator", "people_act", ["operator", "id"])
    op.create_table(
        "application",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("enrolment", sa.LargeBinary, nullable=False),
        sa.Column("contact", sa.Text, nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("decided_at", sa.String(24), nullable=True),
        sa.Column("decided_by", sa.String(36), nullable=False),
        sa.Column("operator", sa.String(40), nullable=True),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("application_state", "application", ["state", "id"])
