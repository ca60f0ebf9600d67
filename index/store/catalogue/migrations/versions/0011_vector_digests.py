"""Keep a digest of each sighting's vectors, by which damage in the durable copy is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COMMENT = "BLAKE2b of the data when it was made; null for vectors of before"


def upgrade() -> None:
    """Add the column."""
    op.add_column("vectors", sa.Column("digest", sa.LargeBinary(), nullable=True, comment=COMMENT))
