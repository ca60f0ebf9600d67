"""Define every table of the catalogue: what was filmed, what was seen, who asked, and what was learned.

Times are the camera's own clock unless a name says otherwise. A deleted row keeps its place with a `deleted_at` (a
tombstone) until a purge removes it. Everything that a model computed carries the id of that model.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from index.store.catalogue.columns import HexDigest, JsonText, Probabilities, TrackPoints, UtcTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _one_of(column: str, *allowed: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in allowed)})", name=column)


def _box() -> list[Column[float]]:
    return [Column(name, Float(53), nullable=False) for name in ("x", "y", "width", "height")]


about = Table(
    "about",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    comment="the id of the archive that this catalogue belongs to",
)

row_digests = Table(
    "row_digests",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
    comment="BLAKE2b, with the key of the archive, of rows that belong together: `row_digests.py` says which",
)

refused = Table(
    "refused",
    metadata,
    Column("id", Text, primary_key=True),
    Column("footage", Text, comment="of a sighting: the SHA-256 of its footage"),
    Column("at", UtcTime, nullable=False),
    comment="purged footage, by its SHA-256, and purged sightings, by their ids, that may not come again",
)

# -- where the cameras are, and what they filmed ---------------------------------------------------------------------

cameras = Table(
    "cameras",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text),
    Column("deleted_at", UtcTime),
)

camera_places = Table(
    "camera_places",
    metadata,
    Column("camera", ForeignKey("cameras.id"), primary_key=True),
    Column("valid_from", UtcTime, primary_key=True),
    Column("valid_to", UtcTime),
    Column("lat", Float(53), nullable=False),
    Column("lon", Float(53), nullable=False),
    Column("bearing_deg", Float(53)),
    Column("snap_m", Float(53)),
    Column("views", JsonText, nullable=False),
    comment="a camera may be moved or turned: each stretch of time has its own place",
)

camera_masks = Table(
    "camera_masks",
    metadata,
    Column("camera", ForeignKey("cameras.id"), primary_key=True),
    Column("valid_from", UtcTime, primary_key=True),
    Column("valid_to", UtcTime),
    Column("look", JsonText, nullable=False),
    Column("ignore", JsonText, nullable=False),
    comment="polygons in shares of the picture: where to look (nothing: everywhere), and where not",
)

clock_offsets = Table(
    "clock_offsets",
    metadata,
    Column("camera", ForeignKey("cameras.id"), primary_key=True),
    Column("valid_from", UtcTime, primary_key=True),
    Column("valid_to", UtcTime),
    Column("offset_s", Float(53), nullable=False),
    Column("low_s", Float(53), nullable=False),
    Column("high_s", Float(53), nullable=False),
    Column("source", Text, nullable=False),
    Column("at", UtcTime),
    *(Column(name, Float(53), nullable=False, server_default="0") for name in ("drift", "drift_low", "drift_high")),
    Column("evidence", Text, nullable=False, server_default=""),
    comment="camera clock minus true time, with its interval; it shifts questions, never stored rows",
)

footage = Table(
    "footage",
    metadata,
    Column("id", Text, primary_key=True, comment="SHA-256 of the file"),
    Column("path", Text, nullable=False),
    Column("camera", ForeignKey("cameras.id"), nullable=False, index=True),
    Column("start", UtcTime, nullable=False),
    Column("duration_s", Float(53), nullable=False),
    Column("fps", Float(53)),
    Column("width", Integer),
    Column("height", Integer),
    Column("frames", Integer),
    Column("chunk_s", Float(53)),
    Column("status", Text, nullable=False),
    Column("problem", Text),
    Column("added_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    Column("size_bytes", BigInteger),
    Column("modified_ns", BigInteger),
    Column("weather", Text, comment="dry, rain, snow or fog; null: nobody said"),
    Column(
        "sample",
        Text,
        index=True,
        comment="the hash of parts of the file: with size and time it is known again without being read",
    ),
    _one_of("status", "pending", "done", "partial", "failed"),
)

chunks = Table(
    "chunks",
    metadata,
    Column("footage", ForeignKey("footage.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("worker", Text),
    Column("claimed_at", UtcTime),
    Column("done_at", UtcTime),
    Column("sightings", Integer),
    Column("scene", LargeBinary, comment="a JPEG of what it looked like when it was empty"),
)

coverage = Table(
    "coverage",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("camera", ForeignKey("cameras.id"), nullable=False),
    Column("footage", ForeignKey("footage.id", ondelete="CASCADE")),
    Column("chunk", Integer),
    Column("start", UtcTime, nullable=False),
    Column("end", UtcTime, nullable=False),
    Column("problem", Text, comment="why it could not be analysed; null where it could"),
    Index(None, "camera", "start"),
    Index(None, "footage", "chunk"),
)

# -- what was seen ---------------------------------------------------------------------------------------------------

models = Table(
    "models",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("dims", Integer),
    Column("sha256", HexDigest),
    Column("licence", Text),
    Column("added_at", UtcTime, nullable=False),
    Column("retired_at", UtcTime),
    _one_of("kind", "detector", "appearance", "plate_reader", "plate_vector"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("id", Text, primary_key=True, comment="derived from the footage hash and the start"),
    Column("camera", ForeignKey("cameras.id"), nullable=False),
    Column("footage", ForeignKey("footage.id")),
    Column("chunk", Integer),
    Column("first", UtcTime, nullable=False),
    Column("best", UtcTime, nullable=False),
    Column("last", UtcTime, nullable=False),
    *_box(),
    Column("type", Text),
    Column("colour", Text),
    Column("types", Probabilities, nullable=False),
    Column("colours", Probabilities, nullable=False),
    Column("heading_deg", Float(53)),
    Column("edge", Integer, comment="the directed road it took"),
    Column("track", TrackPoints),
    Column("added_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    Column("digest", LargeBinary, comment="BLAKE2b of the sighting, its shots and plates as they were written"),
    Index(None, "best"),
    Index(None, "footage", "chunk"),
)

Index(
    "ix_sightings_in_windows",
    *(sightings.c[name] for name in ("camera", "best", "id", "first", "last", "edge", "type", "colour", "deleted_at")),
    sqlite_where=sightings.c.deleted_at.is_(None),
    postgresql_where=sightings.c.deleted_at.is_(None),
)
"""All that a question reads of the sightings in its windows: their rows, with tracks of kilobytes, stay unread."""

Index(
    "ix_sightings_forgotten",
    sightings.c.deleted_at,
    sqlite_where=sightings.c.deleted_at.is_not(None),
    postgresql_where=sightings.c.deleted_at.is_not(None),
)

camera_totals = Table(
    "camera_totals",
    metadata,
    Column("camera", ForeignKey("cameras.id"), primary_key=True),
    Column("sightings", Integer, nullable=False),
    comment="how many sightings of each camera are not forgotten: to count them takes longer with every one",
)

shots = Table(
    "shots",
    metadata,
    Column("sighting", ForeignKey("sightings.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("time", UtcTime, nullable=False),
    Column("frame", Integer, nullable=False),
    *_box(),
    Column("sharpness", Float(53), nullable=False),
    Column("plate", JsonText, comment="corners of the plate in this picture; null where none was found"),
    Column("pack", Text, nullable=False),
    Column("offset", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Column("sha256", HexDigest, nullable=False),
    # The shots of a sighting lie together in the tree of the key itself.
    sqlite_with_rowid=False,
)

plates = Table(
    "plates",
    metadata,
    Column("sighting", ForeignKey("sightings.id", ondelete="CASCADE"), primary_key=True),
    Column("model", ForeignKey("models.id"), primary_key=True),
    Column("text", Text, index=True, comment="capitals and digits only; null where it cannot be read"),
    Column("confidence", Float(53), nullable=False),
    Column("box", JsonText, nullable=False),
    Column("corners", JsonText, nullable=False),
    Column("characters", JsonText, nullable=False),
)

plate_readings = Table(
    "plate_readings",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("sighting", ForeignKey("sightings.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    comment="the few most probable texts of each plate: what patterns are compared with",
)

plate_rotations = Table(
    "plate_rotations",
    metadata,
    # Without a foreign key: deleting a reading would have to search all rotations for it.
    Column("rotation", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("reading", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    comment="every rotation of every reading, sorted: any known part of a plate begins one",
)

batches = Table(
    "batches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model", ForeignKey("models.id"), nullable=False),
    Column("rows", Integer, nullable=False),
    Index(None, "model", "id"),
    # Never reuse the number of a batch that is gone: a vector segment may still name it.
    sqlite_autoincrement=True,
    comment="vectors that were written together; segments say which batches they hold",
)

batch_removals = Table(
    "batch_removals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model", ForeignKey("models.id"), nullable=False),
    Column("batch", Integer, nullable=False),
    Index(None, "model", "id"),
    sqlite_autoincrement=True,
    comment="a log of batches that no longer count: segments that were written before leave their vectors out",
)

vectors = Table(
    "vectors",
    metadata,
    Column("sighting", ForeignKey("sightings.id", ondelete="CASCADE"), primary_key=True),
    Column("model", ForeignKey("models.id"), primary_key=True),
    Column("batch", ForeignKey("batches.id"), nullable=False, index=True),
    Column("data", LargeBinary, nullable=False, comment="float16, little endian, shots x dims"),
    Column("digest", LargeBinary, comment="BLAKE2b of the data when it was made; null for vectors of before"),
    comment="appearance and plate vectors, the durable copy; the kind of the model tells which",
)

# -- who asked, and why ----------------------------------------------------------------------------------------------

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password", Text, comment="salted scrypt; null: cannot log in"),
    Column("added_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    _one_of("role", "viewer", "investigator", "operator", "auditor", "admin"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("show_others", Text, comment="why a report may show plates and faces of others; null: they are blurred"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case", ForeignKey("cases.id"), nullable=False, index=True),
    Column("sighting", Text, comment="the sighting that it is about; null: the whole case"),
    Column("text", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("written_at", UtcTime, nullable=False),
)

question_pictures = Table(
    "question_pictures",
    metadata,
    Column("case", ForeignKey("cases.id"), primary_key=True),
    Column("sha256", HexDigest, primary_key=True, comment="of the pixels, as the audit names them"),
    Column("png", LargeBinary, nullable=False),
    comment="the pictures that were asked with for a case, so that its questions can be asked again",
)

marks = Table(
    "marks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case", ForeignKey("cases.id"), nullable=False, index=True),
    Column("sighting", ForeignKey("sightings.id"), nullable=False, index=True),
    Column("verdict", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("marked_at", UtcTime, nullable=False),
    _one_of("verdict", "yes", "no", "unsure"),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("person", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("detail", JsonText, nullable=False),
    Column("reason", Text),
    Column("case", Text),
    Column("digest", HexDigest, nullable=False, comment="of this row and the digest before it"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("digest", HexDigest, nullable=False),
    comment="one row: where the chain ends; locked while a link is added",
)

watches = Table(
    "watches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plate", Text),
    Column("type", Text),
    Column("colour", Text),
    Column("model", ForeignKey("models.id")),
    Column("vectors", LargeBinary),
    Column("reason", Text, nullable=False),
    Column("case", ForeignKey("cases.id")),
    Column("person", Text, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("valid_to", UtcTime),
    Column("deleted_at", UtcTime),
)

watch_hits = Table(
    "watch_hits",
    metadata,
    Column("watch", ForeignKey("watches.id"), primary_key=True),
    Column("sighting", ForeignKey("sightings.id", ondelete="CASCADE"), primary_key=True),
    Column("probability", Float(53), nullable=False),
    Column("noticed_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime),
)

# -- what was learned ------------------------------------------------------------------------------------------------

calibrations = Table(
    "calibrations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("content", JsonText, nullable=False),
    Column("fitted_on", Text, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Index(None, "kind", "model"),
)

travel_times = Table(
    "travel_times",
    metadata,
    Column("from_camera", ForeignKey("cameras.id"), primary_key=True),
    Column("to_camera", ForeignKey("cameras.id"), primary_key=True),
    Column("model", Text, primary_key=True),
    Column("hours", Text, primary_key=True, comment="the part of the week that it holds for"),
    Column("passages", Integer, nullable=False),
    Column("content", JsonText, nullable=False),
    Column("learned_at", UtcTime, nullable=False),
)
