"""Measure the catalogue: how fast sightings are written, and how fast the window of one camera is read.

`python -m benchmarks.catalogue` fills 100,000 sightings, `--full` a million.
"""

import argparse
import hashlib
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.claim import median_ms, say
from index.records import CropRef, NewShot, NewSighting, Window
from index.store.catalogue import Catalogue, cameras, schema, sighting_writing, sightings, tables, vectors
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.columns import to_micros
from index.store.catalogue.sighting_writing import shot_rows, sighting_row
from index.store.catalogue.sightings import SightingFilter
from reid.vehicle import COLOURS, VEHICLE_TYPES, Attributes, Box

START = datetime(2026, 5, 4, tzinfo=UTC)
CAMERAS = tuple(f"camera-{number:03d}" for number in range(100))
A_DAY = 10_000
"""Sightings a day, all cameras together: a larger archive covers more days, not busier ones."""

AT_ONCE = 1000
DIMS = 256
BOX = Box(100.5, 200.25, 80.0, 60.0)
LOOK = Attributes(dict.fromkeys(VEHICLE_TYPES, 0.2), dict.fromkeys(COLOURS, 1 / 16), 12.5)


def main() -> None:
    """Print the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="a million sightings")
    count = 1_000_000 if parser.parse_args().full else 100_000
    with TemporaryDirectory() as folder:
        catalogue = _empty(Path(folder) / "catalogue.sqlite")
        claim_filling(catalogue, Path(folder), count)
        claim_window(catalogue, count)
        claim_filling_with_vectors(catalogue, count)
        catalogue.close()


def claim_filling(catalogue: Catalogue, folder: Path, count: int) -> None:
    """Fill the catalogue, and fill another one with the same rows by SQLAlchemy's own insert."""
    seconds = sum(_fill(catalogue, block, with_vectors=False) for block in blocks(0, count))
    other, peer_count = _empty(folder / "peer.sqlite"), 20_000
    peer_s = sum(_fill_by_insert(other, block) for block in blocks(0, peer_count))
    other.close()
    with catalogue.reading() as connection:
        (back,) = sightings.by_ids(connection, [_id(count // 2)])
        correct = sightings.count(connection) == count and len(back.shots) == 3 and back.attributes == LOOK
    say(
        f"sightings with three shots each into SQLite, without vectors, {count} in transactions of {AT_ONCE}",
        value=count / seconds,
        unit="sightings/s",
        peer=f"the same rows by SQLAlchemy's insert(), the first {peer_count} only",
        peer_value=peer_count / peer_s,
        less_is_better=False,
        correct=correct,
    )


def claim_filling_with_vectors(catalogue: Catalogue, count: int) -> None:
    """Fill more sightings, together with their vectors."""
    more = 20_000
    seconds = sum(_fill(catalogue, block, with_vectors=True) for block in blocks(count, count + more))
    bare_s = sum(_fill(catalogue, block, with_vectors=False) for block in blocks(count + more, count + 2 * more))
    with catalogue.reading() as connection:
        back = vectors.of_sightings(connection, "looks", [_id(count)])[_id(count)]
    say(
        f"the same with three {DIMS}-d vectors as float16 each, on top of {count}",
        value=more / seconds,
        unit="sightings/s",
        peer="without vectors, on top of the same",
        peer_value=more / bare_s,
        less_is_better=False,
        correct=bool(np.array_equal(back, _vectors(count).astype(np.float16).astype(np.float32))),
    )


def claim_window(catalogue: Catalogue, count: int) -> None:
    """Read three hours of one camera, different ones each time, against a scan of the whole table."""

    def window(number: int) -> Window:
        start = START + _time_of(count) * ((number * 37 % 97) / 100)
        return Window(CAMERAS[number % len(CAMERAS)], start, start + timedelta(hours=3))

    def whole(number: int) -> list[str]:
        with catalogue.reading() as connection:
            return [
                sighting.id for sighting in sightings.listing(connection, SightingFilter(windows=(window(number),)))
            ]

    def scanned(number: int) -> list[str]:
        span = window(number)
        with catalogue.reading() as connection:
            rows = connection.exec_driver_sql(
                "SELECT id FROM sightings NOT INDEXED WHERE camera = ? AND best BETWEEN ? AND ? ORDER BY best",
                (span.camera, to_micros(span.start), to_micros(span.end)),
            )
            return [row.id for row in rows]

    found = [whole(number) for number in range(5)]
    say(
        f"three hours of one camera ({sum(map(len, found)) / 5:.0f} whole sightings) out of {count}",
        value=median_ms(whole, 200),
        unit="ms",
        peer="SQLite reading the same table from end to end, ids only",
        peer_value=median_ms(scanned, 5),
        less_is_better=True,
        correct=found == [scanned(number) for number in range(5)] and all(found),
    )


def blocks(start: int, end: int) -> Iterator[list[NewSighting]]:
    """Yield sightings by number, one transaction's worth at a time."""
    for first in range(start, end, AT_ONCE):
        yield [_sighting(number) for number in range(first, min(first + AT_ONCE, end))]


def _fill(catalogue: Catalogue, block: Sequence[NewSighting], *, with_vectors: bool) -> float:
    matrices = {new.id: new.vectors["looks"] for new in block} if with_vectors else {}
    crops = [_crops(new) for new in block]
    began = time.perf_counter()
    with catalogue.writing() as connection:
        sighting_writing.add(connection, block, crops, footage=None, chunk=None, added_at=START)
        if matrices:
            vectors.add(connection, "looks", matrices, at=START)
    return time.perf_counter() - began


def _fill_by_insert(catalogue: Catalogue, block: Sequence[NewSighting]) -> float:
    crops = [_crops(new) for new in block]
    began = time.perf_counter()
    with catalogue.writing() as connection:
        connection.execute(tables.sightings.insert(), [sighting_row(new, None, None, START) for new in block])
        rows = [row for new, refs in zip(block, crops, strict=True) for row in shot_rows(new.id, new.shots, refs)]
        connection.execute(tables.shots.insert(), rows)
    return time.perf_counter() - began


def _empty(path: Path) -> Catalogue:
    catalogue = Catalogue.embedded(path)
    schema.create_tables(catalogue)
    with catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera(camera, 48.0, 15.0) for camera in CAMERAS])
    return catalogue


def _crops(new: NewSighting) -> list[CropRef]:
    return [CropRef("pack", number * 9000, 9000, "ab" * 32) for number, _ in enumerate(new.shots)]


def _sighting(number: int) -> NewSighting:
    first = START + _time_of(number)
    shots = tuple(NewShot(first + timedelta(seconds=n), n, BOX, b"", 1.0) for n in range(3))
    last = first + timedelta(seconds=3)
    return NewSighting(_id(number), _camera(number), first, first, last, BOX, LOOK, shots, {"looks": _vectors(number)})


def _time_of(number: int) -> timedelta:
    return timedelta(days=number / A_DAY)


def _id(number: int) -> str:
    """Return an id like those of ingest: the hash of a file (one camera's hour), then the hash of the sighting."""
    footage = f"{_camera(number)} {_time_of(number) // timedelta(hours=1)}"
    return hashlib.sha256(footage.encode()).hexdigest()[:8] + hashlib.sha256(str(number).encode()).hexdigest()[:16]


def _camera(number: int) -> str:
    return CAMERAS[number * 7919 % len(CAMERAS)]


def _vectors(number: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.full((3, DIMS), (number % 1000) / 16_000, np.float32)


if __name__ == "__main__":
    main()
