"""Make the first schema: everything that later versions only add to.

The types are spelled out, not taken from `index.store.catalogue.tables`, so that this step stays what it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the first release and the start of the audit chain."""
    op.create_table(
        "about",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_about")),
        comment="the id of the archive that this catalogue belongs to",
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="of this row and the digest before it"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
        comment="one row: where the chain ends; locked while a link is added",
    )
    op.create_table(
        "calibrations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("fitted_on", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibrations")),
    )
    op.create_index(op.f("ix_calibrations_kind_model"), "calibrations", ["kind", "model"], unique=False)
    op.create_table(
        "cameras",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cameras")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_table(
        "models",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dims", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('detector', 'appearance', 'plate_reader', 'plate_vector')", name=op.f("ck_models_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True, comment="salted scrypt; null: cannot log in"),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "role IN ('viewer', 'investigator', 'operator', 'auditor', 'admin')", name=op.f("ck_people_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["model"], ["models.id"], name=op.f("fk_batches_model")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        comment="vectors that were written together; segments say which batches they hold",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_batches_model"), "batches", ["model"], unique=False)
    op.create_table(
        "camera_places",
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("lat", sa.Float(precision=53), nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=False),
        sa.Column("bearing_deg", sa.Float(precision=53), nullable=True),
        sa.Column("snap_m", sa.Float(precision=53), nullable=True),
        sa.Column("views", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["camera"], ["cameras.id"], name=op.f("fk_camera_places_camera")),
        sa.PrimaryKeyConstraint("camera", "valid_from", name=op.f("pk_camera_places")),
        comment="a camera may be moved or turned: each stretch of time has its own place",
    )
    op.create_table(
        "clock_offsets",
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("offset_s", sa.Float(precision=53), nullable=False),
        sa.Column("low_s", sa.Float(precision=53), nullable=False),
        sa.Column("high_s", sa.Float(precision=53), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["camera"], ["cameras.id"], name=op.f("fk_clock_offsets_camera")),
        sa.PrimaryKeyConstraint("camera", "valid_from", name=op.f("pk_clock_offsets")),
        comment="camera clock minus true time, with its interval; it shifts questions, never stored rows",
    )
    op.create_table(
        "footage",
        sa.Column("id", sa.Text(), nullable=False, comment="SHA-256 of the file"),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("duration_s", sa.Float(precision=53), nullable=False),
        sa.Column("fps", sa.Float(precision=53), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("frames", sa.Integer(), nullable=True),
        sa.Column("chunk_s", sa.Float(precision=53), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('pending', 'done', 'partial', 'failed')", name=op.f("ck_footage_status")),
        sa.ForeignKeyConstraint(["camera"], ["cameras.id"], name=op.f("fk_footage_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footage")),
    )
    op.create_index(op.f("ix_footage_camera"), "footage", ["camera"], unique=False)
    op.create_table(
        "travel_times",
        sa.Column("from_camera", sa.Text(), nullable=False),
        sa.Column("to_camera", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False, comment="the part of the week that it holds for"),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("learned_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["from_camera"], ["cameras.id"], name=op.f("fk_travel_times_from_camera")),
        sa.ForeignKeyConstraint(["to_camera"], ["cameras.id"], name=op.f("fk_travel_times_to_camera")),
        sa.PrimaryKeyConstraint("from_camera", "to_camera", "model", "hours", name=op.f("pk_travel_times")),
    )
    op.create_table(
        "watches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plate", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("vectors", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_watches_case")),
        sa.ForeignKeyConstraint(["model"], ["models.id"], name=op.f("fk_watches_model")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
    )
    op.create_table(
        "chunks",
        sa.Column("footage", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("sightings", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["footage"], ["footage.id"], name=op.f("fk_chunks_footage"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("footage", "number", name=op.f("pk_chunks")),
    )
    op.create_table(
        "coverage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("footage", sa.Text(), nullable=True),
        sa.Column("chunk", sa.Integer(), nullable=True),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True, comment="why it could not be analysed; null where it could"),
        sa.ForeignKeyConstraint(["camera"], ["cameras.id"], name=op.f("fk_coverage_camera")),
        sa.ForeignKeyConstraint(["footage"], ["footage.id"], name=op.f("fk_coverage_footage"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
    )
    op.create_index(op.f("ix_coverage_camera_start"), "coverage", ["camera", "start"], unique=False)
    op.create_index(op.f("ix_coverage_footage_chunk"), "coverage", ["footage", "chunk"], unique=False)
    op.create_table(
        "sightings",
        sa.Column("id", sa.Text(), nullable=False, comment="derived from the footage hash and the start"),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("footage", sa.Text(), nullable=True),
        sa.Column("chunk", sa.Integer(), nullable=True),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("best", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("x", sa.Float(precision=53), nullable=False),
        sa.Column("y", sa.Float(precision=53), nullable=False),
        sa.Column("width", sa.Float(precision=53), nullable=False),
        sa.Column("height", sa.Float(precision=53), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("colours", sa.Text(), nullable=False),
        sa.Column("heading_deg", sa.Float(precision=53), nullable=True),
        sa.Column("edge", sa.Integer(), nullable=True, comment="the directed road it took"),
        sa.Column("track", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["camera"], ["cameras.id"], name=op.f("fk_sightings_camera")),
        sa.ForeignKeyConstraint(["footage"], ["footage.id"], name=op.f("fk_sightings_footage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
    )
    op.create_index(op.f("ix_sightings_best"), "sightings", ["best"], unique=False)
    op.create_index(op.f("ix_sightings_camera_best"), "sightings", ["camera", "best"], unique=False)
    op.create_index(op.f("ix_sightings_footage_chunk"), "sightings", ["footage", "chunk"], unique=False)
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("sighting", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("marked_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("verdict IN ('yes', 'no', 'unsure')", name=op.f("ck_marks_verdict")),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_marks_case")),
        sa.ForeignKeyConstraint(["sighting"], ["sightings.id"], name=op.f("fk_marks_sighting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
    )
    op.create_index(op.f("ix_marks_case"), "marks", ["case"], unique=False)
    op.create_index(op.f("ix_marks_sighting"), "marks", ["sighting"], unique=False)
    op.create_table(
        "plates",
        sa.Column("sighting", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True, comment="capitals and digits only; null where it cannot be read"),
        sa.Column("confidence", sa.Float(precision=53), nullable=False),
        sa.Column("box", sa.Text(), nullable=False),
        sa.Column("corners", sa.Text(), nullable=False),
        sa.Column("characters", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["model"], ["models.id"], name=op.f("fk_plates_model")),
        sa.ForeignKeyConstraint(["sighting"], ["sightings.id"], name=op.f("fk_plates_sighting"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sighting", "model", name=op.f("pk_plates")),
    )
    op.create_index(op.f("ix_plates_text"), "plates", ["text"], unique=False)
    op.create_table(
        "shots",
        sa.Column("sighting", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("x", sa.Float(precision=53), nullable=False),
        sa.Column("y", sa.Float(precision=53), nullable=False),
        sa.Column("width", sa.Float(precision=53), nullable=False),
        sa.Column("height", sa.Float(precision=53), nullable=False),
        sa.Column("sharpness", sa.Float(precision=53), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sighting"], ["sightings.id"], name=op.f("fk_shots_sighting"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sighting", "number", name=op.f("pk_shots")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "vectors",
        sa.Column("sighting", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False, comment="float16, little endian, shots x dims"),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_vectors_batch")),
        sa.ForeignKeyConstraint(["model"], ["models.id"], name=op.f("fk_vectors_model")),
        sa.ForeignKeyConstraint(["sighting"], ["sightings.id"], name=op.f("fk_vectors_sighting"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sighting", "model", name=op.f("pk_vectors")),
        comment="appearance and plate vectors, the durable copy; the kind of the model tells which",
    )
    op.create_index(op.f("ix_vectors_batch"), "vectors", ["batch"], unique=False)
    op.create_table(
        "watch_hits",
        sa.Column("watch", sa.Integer(), nullable=False),
        sa.Column("sighting", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(precision=53), nullable=False),
        sa.Column("noticed_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sighting"], ["sightings.id"], name=op.f("fk_watch_hits_sighting"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["watch"], ["watches.id"], name=op.f("fk_watch_hits_watch")),
        sa.PrimaryKeyConstraint("watch", "sighting", name=op.f("pk_watch_hits")),
    )
    # ### end Alembic commands ###
    audit_head = sa.table("audit_head", sa.column("id"), sa.column("number"), sa.column("digest"))
    op.bulk_insert(audit_head, [{"id": 1, "number": 0, "digest": bytes(32)}])
