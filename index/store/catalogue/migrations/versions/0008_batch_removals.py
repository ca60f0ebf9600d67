"""Keep a log of the batches of vectors that no longer count, so that nobody has to list all that do."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COMMENT = "a log of batches that no longer count: segments that were written before leave their vectors out"


def upgrade() -> None:
    """Add the log, and an index that finds the newest batch of a model."""
    op.create_table(
        "batch_removals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["model"], ["models.id"], name=op.f("fk_batch_removals_model")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_removals")),
        comment=COMMENT,
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_batch_removals_model_id"), "batch_removals", ["model", "id"])
    op.create_index(op.f("ix_batches_model_id"), "batches", ["model", "id"])
    op.drop_index(op.f("ix_batches_model"), table_name="batches")
