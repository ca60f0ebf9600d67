"""Measure a whole question: different ones, over a growing archive, with what the roads exclude left out and without.

`python -m benchmarks.search` fills 60,000 sightings of 50 cameras, `--full` half a million.
"""

import argparse
import json
import resource
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.claim import say
from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.map.places import current_places, place_book
from index.records import NewChunk, NewShot, NewSighting
from index.search.measured import measure
from index.search.question import SearchOptions
from index.search.search import STAGES, search
from index.store.archive import Archive
from reid.arrays import Floats, Floats32, Ints
from reid.vehicle import COLOURS, VEHICLE_TYPES, Attributes, Box, Plate
from roadgraph.camera import Camera

START = datetime(2026, 5, 4, tzinfo=UTC)
LAT, LON, BLOCK_DEG, BLOCKS = 48.0, 11.0, 0.004, 20
CAMERAS = 50
A_DAY = 20_000
"""Sightings a day: a larger archive covers more days, not busier ones."""
AT_ONCE = 5000
MODEL, DIMS = "made-up-256", 256
QUESTIONS = 200
BOX = Box(100.5, 200.25, 80.0, 60.0)
CORNERS = ((0.0, 0.0), (40.0, 0.0), (40.0, 10.0), (0.0, 10.0))
LETTERS = "ABCDEFGHKLMNPRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class MadeTraffic:
    """Vehicle, camera and time (seconds from START) of each passage, ordered by time, with their vectors."""

    vehicle: Ints
    camera: Ints
    time_s: Floats
    vectors: Floats32


def main() -> None:
    """Print the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="half a million sightings")
    count = 500_000 if parser.parse_args().full else 60_000
    with TemporaryDirectory() as folder, made_town(Path(folder)) as archive:
        traffic = made_traffic(archive, count, seed=1)
        for size in (count // 4, count):
            fill(archive, traffic, size)
            claim_questions(archive, traffic, size)
        claim_pruning(archive, traffic, count)


def claim_questions(archive: Archive, traffic: MadeTraffic, size: int) -> None:
    """Ask different questions, and print the median and the 99th percentile of each stage and of the whole."""
    asked = _drawn(size, QUESTIONS, seed=2)
    answers = [_answer(archive, Query(sighting=sighting_id(row)), SearchOptions()) for row in asked]
    correct = all(_is_exact(archive, traffic, row, size) for row in asked[:20])
    compared = np.mean([answer.searched.inside for answer in answers])
    where = f"of {size} sightings, {compared:.0f} looked at, {len(asked)} different questions"
    whole = [sum(stage.seconds for stage in answer.stages) for answer in answers]
    _say_spread(f"a whole question {where}", whole, correct)
    for number, name in enumerate(STAGES):
        _say_spread(f"its stage {name} {where}", [answer.stages[number].seconds for answer in answers], correct)


def claim_pruning(archive: Archive, traffic: MadeTraffic, size: int) -> None:
    """Ask with the windows that the roads allow, and ask the same over the whole archive."""
    asked = _drawn(size, 40, seed=3)
    pruned = [_appearance_seconds(_answer(archive, Query(sighting=sighting_id(row)), SearchOptions())) for row in asked]
    everything = Query(type="car", top=20)
    answer = _answer(archive, everything, SearchOptions())
    whole = [
        _appearance_seconds(
            _answer(archive, Query(sighting=sighting_id(row), horizon_s=1e9), SearchOptions(prune=False))
        )
        for row in asked[:10]
    ]
    correct = answer.searched.inside == size and _is_exact(archive, traffic, asked[0], size)
    say(
        f"fetching and comparing looks where the roads allow it, of {size} sightings",
        value=1000 * float(np.median(pruned)),
        unit="ms",
        peer="the same over the whole archive",
        peer_value=1000 * float(np.median(whole)),
        less_is_better=True,
        correct=correct,
    )
    say(
        f"private memory after all questions over {size} sightings",
        value=_private_mb(),
        unit="MB",
        peer="the highest it has been, mapped files included",
        peer_value=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        less_is_better=True,
        correct=correct,
    )


def made_traffic(archive: Archive, count: int, *, seed: int) -> MadeTraffic:
    """Return random vehicles that drive from camera to camera, none faster than the roads allow."""
    rng = np.random.default_rng(seed)
    places = current_places(archive)
    assert places is not None
    assert places.travel.times is not None
    usual_s = places.travel.times.per_camera(places.travel.times.usual_s)
    legs, drives = 5, -(-count // 5)
    camera = rng.integers(CAMERAS, size=(drives, legs))
    took_s = usual_s[camera[:, :-1], camera[:, 1:]] * rng.lognormal(0.1, 0.25, size=(drives, legs - 1))
    began_s = rng.uniform(0, 86_400 * count / A_DAY, size=drives)
    time_s = began_s[:, None] + np.concatenate([np.zeros((drives, 1)), np.cumsum(took_s, axis=1)], axis=1)
    vehicle = np.repeat(np.arange(drives), legs)
    order = np.argsort(time_s.ravel(), kind="stable")[:count]
    own = rng.normal(size=(drives, DIMS)).astype(np.float32)
    vectors = own[vehicle[order]] + rng.normal(0, 1.0, size=(count, DIMS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return MadeTraffic(vehicle[order], camera.ravel()[order], time_s.ravel()[order], vectors)


def fill(archive: Archive, traffic: MadeTraffic, size: int) -> None:
    """Add the first sightings up to a size; existing ones are not added twice."""
    for first in range(0, size, AT_ONCE):
        rows = range(first, min(first + AT_ONCE, size))
        archive.add(NewChunk(None, None, tuple(_sighting(traffic, row) for row in rows)))


def _sighting(traffic: MadeTraffic, row: int) -> NewSighting:
    best = START + timedelta(seconds=float(traffic.time_s[row]))
    vehicle = int(traffic.vehicle[row])
    rng = np.random.default_rng(vehicle)
    text = "".join(rng.choice(list(LETTERS), 7))
    look = Attributes({str(rng.choice(VEHICLE_TYPES)): 0.9}, {str(rng.choice(COLOURS)): 0.8}, None)
    return NewSighting(
        id=sighting_id(row),
        camera=f"camera-{traffic.camera[row]:02d}",
        first=best - timedelta(seconds=1),
        best=best,
        last=best + timedelta(seconds=1),
        box=BOX,
        attributes=look,
        shots=(NewShot(best, 0, BOX, b"", 1.0),),
        vectors={MODEL: traffic.vectors[row : row + 1]},
        plate=Plate(BOX, CORNERS, text, 0.9, tuple({letter: 0.9} for letter in text)) if row % 3 == 0 else None,
        plate_model="made-up-reader" if row % 3 == 0 else None,
    )


def _is_exact(archive: Archive, traffic: MadeTraffic, row: int, size: int) -> bool:
    """Compare a question's gallery and similarities with a scan of every sighting in numpy."""
    measured = measure(archive, Query(sighting=sighting_id(row)), local_person())
    places = current_places(archive)
    assert places is not None
    assert places.travel.times is not None
    least_s = places.travel.times.earliest_s(slack=SearchOptions().slack) - SearchOptions().clock_slack_s
    here, elapsed_s = traffic.camera[row], traffic.time_s[:size] - traffic.time_s[row]
    camera = traffic.camera[:size]
    soon_s = np.where(camera == here, 0.0, np.where(elapsed_s >= 0, least_s[here, camera], least_s[camera, here]))
    inside = (np.abs(elapsed_s) >= np.maximum(soon_s, 0.0)) & (np.abs(elapsed_s) <= 1800)
    inside[row] = False
    expected = np.flatnonzero(inside)
    similarity = traffic.vectors[expected] @ traffic.vectors[row]
    return list(measured.ids) == [sighting_id(one) for one in expected.tolist()] and np.allclose(
        measured.similarity, similarity, atol=2e-3
    )


def _answer(archive: Archive, query: Query, options: SearchOptions) -> Ranking:
    *_, last = search(archive, query, local_person(), options)
    return last


def _appearance_seconds(answer: Ranking) -> float:
    return next(stage.seconds for stage in answer.stages if stage.name == "appearance")


def _say_spread(claim: str, seconds: Sequence[float], correct: bool) -> None:
    middle, slow = np.percentile(seconds, (50, 99)) * 1000
    say(
        f"{claim}: p50",
        value=middle,
        unit="ms",
        peer="p99 of the same",
        peer_value=slow,
        less_is_better=True,
        correct=correct,
    )


def _drawn(size: int, count: int, *, seed: int) -> list[int]:
    return sorted(np.random.default_rng(seed).choice(size, count, replace=False).tolist())


def sighting_id(row: int) -> str:
    """Return the id of the sighting in a row."""
    return f"s{row:08d}"


def made_town(folder: Path) -> Archive:
    """Make an archive with a square grid of streets, and cameras in the middle of blocks."""
    lines = [[[LON + BLOCK_DEG * x, LAT + BLOCK_DEG * y] for x in range(BLOCKS)] for y in range(BLOCKS)]
    lines += [[[lon, lat] for lon, lat in column] for column in zip(*lines, strict=True)]
    roads = folder / "roads.geojson"
    roads.write_text(json.dumps({"type": "FeatureCollection", "features": [_street(line) for line in lines]}))
    archive = Archive.create(folder / "archive")
    place_book(archive).import_roads(roads)
    place_book(archive).import_cameras(list(_cameras()))
    return archive


def _street(line: list[list[float]]) -> dict[str, object]:
    tags = {"highway": "secondary", "maxspeed": "50"}
    return {"type": "Feature", "properties": tags, "geometry": {"type": "LineString", "coordinates": line}}


def _cameras() -> Iterator[Camera]:
    for number in range(CAMERAS):
        row, column = divmod(number * 7, BLOCKS - 1)
        lat, lon = LAT + BLOCK_DEG * (row % BLOCKS) + 0.00003, LON + BLOCK_DEG * (column + 0.5)
        yield Camera(f"camera-{number:02d}", lat, lon, 90.0)


def _private_mb() -> float:
    """Return the private memory of this process, without mapped files."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


if __name__ == "__main__":
    main()
