"""Keep in which weather footage was filmed, where somebody says it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

COMMENT = "dry, rain, snow or fog; null: nobody said"


def upgrade() -> None:
    """Add the column."""
    op.add_column("footage", sa.Column("weather", sa.Text(), nullable=True, comment=COMMENT))
