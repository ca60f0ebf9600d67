"""Keep the notes of a case, the pictures that were asked with for it, and why its report may show others."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHY_OTHERS_ARE_SHOWN = "why a report may show plates and faces of others; null: they are blurred"


def upgrade() -> None:
    """Add the column and the two tables."""
    op.add_column("cases", sa.Column("show_others", sa.Text(), nullable=True, comment=WHY_OTHERS_ARE_SHOWN))
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("sighting", sa.Text(), nullable=True, comment="the sighting that it is about; null: the whole case"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_notes_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_case"), "notes", ["case"], unique=False)
    op.create_table(
        "question_pictures",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the pixels, as the audit names them"),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_question_pictures_case")),
        sa.PrimaryKeyConstraint("case", "sha256", name=op.f("pk_question_pictures")),
        comment="the pictures that were asked with for a case, so that its questions can be asked again",
    )
