"""Each subject's newest entry in the order of the map, and where the entry before stands."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Nothing yet."""
