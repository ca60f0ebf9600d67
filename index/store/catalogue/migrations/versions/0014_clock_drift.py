"""Keep the drift of each clock: how fast its offset grows, from which moment on, and from what that was found."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NUMBERS = ("drift", "drift_low", "drift_high")


def upgrade() -> None:
    """Add the columns; the clocks that are known so far keep their rate."""
    op.add_column("clock_offsets", sa.Column("at", sa.BigInteger(), nullable=True))
    for name in _NUMBERS:
        column = sa.Column(name, sa.Float(precision=53), nullable=False, server_default="0")
        op.add_column("clock_offsets", column)
    op.add_column("clock_offsets", sa.Column("evidence", sa.Text(), nullable=False, server_default=""))
