"""Keep digests of cameras, footage, coverage, cases and accounts; `schema.migrate` makes them, with a key."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COMMENT = "BLAKE2b, with the key of the archive, of rows that belong together: `row_digests.py` says which"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "row_digests",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "owner", name=op.f("pk_row_digests")),
        sqlite_with_rowid=False,
        comment=COMMENT,
    )
