"""Keep where in each camera's picture to look for vehicles."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "camera_masks",
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("ignore", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["camera"], ["cameras.id"], name=op.f("fk_camera_masks_camera")),
        sa.PrimaryKeyConstraint("camera", "valid_from", name=op.f("pk_camera_masks")),
        comment="polygons in shares of the picture: where to look (nothing: everywhere), and where not",
    )
