"""Second factors (passkeys, codes of an app, recovery codes) and single sign-on. All beside the log."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("credential", sa.LargeBinary, primary_key=True),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("used_at", sa.String(24), nullable=True),
    )
    op.create_index("passkey_person", "passkey", ["person"])
    op.create_table(
        "passkey_challenge",
        sa.Column("holder", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.String(12), primary_key=True),
        sa.Column("challenge", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.String(24), nullable=False),
    )
    op.create_index("passkey_challenge_expires", "passkey_challenge", ["expires_at"])
    _make_codes()
    _make_single_sign_on()


def _make_codes() -> None:
    op.create_table(
        "totp",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("confirmed", sa.SmallInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
    )
    op.create_index("totp_person", "totp", ["person", "confirmed"], unique=True)
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("person", sa.String(36), nullable=False),
    )
    op.create_index("recovery_code_person", "recovery_code", ["person"])


def _make_single_sign_on() -> None:
    op.create_table(
        "oidc_link",
        sa.Column("issuer", sa.String(255), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("used_at", sa.String(24), nullable=True),
    )
    op.create_index("oidc_link_person", "oidc_link", ["person"])
    op.create_table(
        "oidc_attempt",
        sa.Column("state", sa.LargeBinary(32), primary_key=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("person", sa.String(36), nullable=True),
        sa.Column("nonce", sa.String(43), nullable=False),
        sa.Column("verifier", sa.String(43), nullable=False),
        sa.Column("expires_at", sa.String(24), nullable=False),
    )
    op.create_index("oidc_attempt_expires", "oidc_attempt", ["expires_at"])
