"""Mark the version from which on what may not come again has digests; `schema.migrate` makes them, with the key."""

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change no table."""
