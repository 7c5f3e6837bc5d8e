"""Restricted values sealed under a key of their battery."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Nothing yet."""
