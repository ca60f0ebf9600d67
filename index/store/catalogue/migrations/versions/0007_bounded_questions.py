"""Let a question cost the same in a large archive: an index of all it reads, totals, coverage in short pieces."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

HOUR_US = 3_600_000_000
COMMENT = "how many sightings of each camera are not forgotten: to count them takes longer with every one"

_READ = ["camera", "best", "id", "first", "last", "edge", "type", "colour", "deleted_at"]


def upgrade() -> None:
    """Replace the index by camera and time, count what is there, and cut long stretches of coverage."""
    alive, forgotten = sa.text("deleted_at IS NULL"), sa.text("deleted_at IS NOT NULL")
    op.drop_index("ix_sightings_camera_best", "sightings")
    op.create_index("ix_sightings_in_windows", "sightings", _READ, sqlite_where=alive, postgresql_where=alive)
    op.create_index(
        "ix_sightings_forgotten", "sightings", ["deleted_at"], sqlite_where=forgotten, postgresql_where=forgotten
    )
    op.create_table(
        "camera_totals",
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("sightings", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["camera"], ["cameras.id"], name=op.f("fk_camera_totals_camera")),
        sa.PrimaryKeyConstraint("camera", name=op.f("pk_camera_totals")),
        comment=COMMENT,
    )
    op.execute(
        "INSERT INTO camera_totals (camera, sightings) "
        "SELECT camera, count(*) FROM sightings WHERE deleted_at IS NULL GROUP BY camera"
    )
    _cut_coverage()


def _cut_coverage() -> None:
    """Cut each stretch of coverage that is longer than an hour."""
    names = ("id", "camera", "footage", "chunk", "start", "end", "problem")
    types = {"id": sa.Integer, "chunk": sa.Integer, "start": sa.BigInteger, "end": sa.BigInteger}
    coverage = sa.table("coverage", *(sa.column(name, types.get(name, sa.Text)) for name in names))
    connection = op.get_bind()
    for row in connection.execute(sa.select(coverage).where(coverage.c.end - coverage.c.start > HOUR_US)).all():
        connection.execute(coverage.delete().where(coverage.c.id == row.id))
        same = {name: getattr(row, name) for name in ("camera", "footage", "chunk", "problem")}
        pieces = [{**same, "start": start, "end": end} for start, end in _hours(row.start, row.end)]
        connection.execute(coverage.insert(), pieces)


def _hours(start: int, end: int) -> Iterator[tuple[int, int]]:
    for first in range(start, end, HOUR_US):
        yield first, min(first + HOUR_US, end)
