"""Keep where the plate is in each picture, and what finds a plate by any known part of it.

Plates that were read before get their most probable text; `retrace rebuild` adds the others.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_AT_ONCE = 5000


def upgrade() -> None:
    """Add the column and the two tables, and fill them with the plates that are there."""
    op.add_column(
        "shots",
        sa.Column(
            "plate", sa.Text(), nullable=True, comment="corners of the plate in this picture; null where none was found"
        ),
    )
    op.create_table(
        "plate_readings",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sighting", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sighting"], ["sightings.id"], name=op.f("fk_plate_readings_sighting"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_plate_readings")),
        comment="the few most probable texts of each plate: what patterns are compared with",
    )
    op.create_index(op.f("ix_plate_readings_sighting"), "plate_readings", ["sighting"], unique=False)
    rotation = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "plate_rotations",
        sa.Column("rotation", rotation, nullable=False),
        sa.Column("reading", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("rotation", "reading", name=op.f("pk_plate_rotations")),
        comment="every rotation of every reading, sorted: any known part of a plate begins one",
        sqlite_with_rowid=False,
    )
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    for number, rows in enumerate(_read(connection)):
        first = number * _AT_ONCE + 1
        readings = [
            {"number": first + at, "sighting": sighting, "text": text} for at, (sighting, _, text) in enumerate(rows)
        ]
        connection.execute(_READINGS.insert(), readings)
        turned = [
            {"rotation": rotation, "reading": first + at}
            for at, (_, _, text) in enumerate(rows)
            for rotation in _turned(text)
        ]
        connection.execute(_ROTATIONS.insert(), turned)
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text(
                "SELECT setval(pg_get_serial_sequence('plate_readings', 'number'), max(number)) FROM plate_readings "
                "HAVING count(*) > 0"
            )
        )


def _read(connection: sa.Connection) -> Iterator[Sequence[sa.Row[str, str, str]]]:
    """Yield (sighting, model, text) of the plates that have a text, some at a time."""
    columns = select = sa.select(_PLATES.c.sighting, _PLATES.c.model, _PLATES.c.text).where(_PLATES.c.text > "")
    while rows := connection.execute(select.order_by(_PLATES.c.sighting, _PLATES.c.model).limit(_AT_ONCE)).all():
        yield rows
        last = sa.tuple_(sa.literal(rows[-1].sighting), sa.literal(rows[-1].model))
        select = columns.where(sa.tuple_(_PLATES.c.sighting, _PLATES.c.model) > last)


def _turned(text: str) -> list[str]:
    closed = text + "abcdefghijklmnopqrstuvwxyz"[min(len(text), 25)]
    return [closed[start:] + closed[:start] for start in range(len(closed))]


_PLATES = sa.table("plates", sa.column("sighting"), sa.column("model"), sa.column("text"))
_READINGS = sa.table("plate_readings", sa.column("number"), sa.column("sighting"), sa.column("text"))
_ROTATIONS = sa.table("plate_rotations", sa.column("rotation"), sa.column("reading"))
