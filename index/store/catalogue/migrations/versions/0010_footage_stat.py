"""Keep what each footage file looks like from outside."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COMMENT = "the hash of parts of the file: with size and time it is known again without being read"


def upgrade() -> None:
    """Add the columns, and the index that finds a file by them."""
    op.add_column("footage", sa.Column("size_bytes", sa.BigInteger(), nullable=True))
    op.add_column("footage", sa.Column("modified_ns", sa.BigInteger(), nullable=True))
    op.add_column("footage", sa.Column("sample", sa.Text(), nullable=True, comment=COMMENT))
    op.create_index("ix_footage_sample", "footage", ["sample"])
