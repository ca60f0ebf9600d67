"""Keep what the scene of each chunk of footage looks like when it is empty."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COMMENT = "a JPEG of what it looked like when it was empty"


def upgrade() -> None:
    """Add the column."""
    op.add_column("chunks", sa.Column("scene", sa.LargeBinary(), nullable=True, comment=COMMENT))
