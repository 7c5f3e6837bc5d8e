"""Nothing in the database: what a register keeps of its verification of itself stands in the data folder.

A state that tells which entries need not be verified again would be in the hands of whoever changed the entries.
"""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """No change."""
