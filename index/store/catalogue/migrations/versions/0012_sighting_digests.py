"""Keep a digest of each sighting with its pictures and plates, by which an edit of the stored rows is noticed."""

import sqlalchemy as sa
from alembic import op

from index.store.catalogue import sighting_digests

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COMMENT = "BLAKE2b of the sighting, its shots and plates as they were written"


def upgrade() -> None:
    """Add the column, and fill it from what is stored now."""
    op.add_column("sightings", sa.Column("digest", sa.LargeBinary(), nullable=True, comment=COMMENT))
    sighting_digests.make_all(op.get_bind())
