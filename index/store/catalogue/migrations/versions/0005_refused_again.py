"""Keep the hashes of what was purged and is to be refused if it comes again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COMMENT = "purged footage, by its SHA-256, and purged sightings, by their ids, that may not come again"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "refused",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("footage", sa.Text(), nullable=True, comment="of a sighting: the SHA-256 of its footage"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refused"),
        comment=COMMENT,
    )
