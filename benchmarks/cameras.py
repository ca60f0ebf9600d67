"""Measure what a thousand cameras cost a question: its first step, drives, places after moves, learned times, coverage.

`python -m benchmarks.cameras` puts them on the roads of Andorra if RETRACE_MATERIAL has them, else on a made town. Each
peer does the same for all cameras and all pairs of them, as a question would that remembers nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.claim import median_ms, say, say_spread
from benchmarks.made_town import START, MadeTown, MadeTraffic, camera_id, fill, make_archive, make_traffic, sighting_id
from benchmarks.road_maps import cameras_anywhere, extract
from index.access.permissions import local_person
from index.answers import Query
from index.map.learned_times import LearnedTimes, with_learned
from index.map.places import PlaceBook, Places, place_book
from index.records import Coverage, NewChunk, Window
from index.search.drives import USUAL_DOUBT, Drives
from index.search.scope import gaps
from index.search.search import search
from index.store.archive import Archive
from index.store.catalogue import Connection, footage
from index.store.catalogue.columns import to_micros
from index.store.catalogue.covered_time import Recorded, covered_time
from reid.arrays import Floats
from roadgraph.camera import Camera
from roadgraph.camera_times import CameraTimes, camera_times
from roadgraph.delay_shape import BUILT_IN
from roadgraph.pair_delays import ANY, PairScale
from roadgraph.straight_line import WIDE
from roadgraph.travel_time import TravelTimes

CAMERAS, SIGHTINGS, GALLERY = 1000, 100_000, 3000
PIECE_S, DAY_S = 240, 86_400
QUESTIONS, MOVES, LEARNED = 60, 8, 20_000


def main() -> None:
    """Print the claims."""
    with TemporaryDirectory() as folder, _archive(Path(folder)) as archive:
        book = place_book(archive)
        traffic = make_traffic(archive, MadeTown(CAMERAS, 60, SIGHTINGS), SIGHTINGS, seed=1)
        fill(archive, traffic, SIGHTINGS)
        _cover(archive)
        claim_questions(archive, "before any move")
        claim_drives(book, traffic)
        claim_coverage(archive)
        claim_learned(book)
        claim_moves(book)
        claim_questions(archive, f"after {MOVES} moves")


def claim_questions(archive: Archive, when: str) -> None:
    """Ask about different sightings, and print how long the first step takes."""
    rows = np.random.default_rng(2).choice(SIGHTINGS, QUESTIONS + 5, replace=False).tolist()
    first_s = []
    for row in rows:
        ranking = next(search(archive, Query(sighting=sighting_id(row)), local_person()))
        first_s.append(ranking.stages[0].seconds)
    claim = f"the first step of a question at {CAMERAS} cameras, {when}, {QUESTIONS} different questions"
    say_spread(claim, first_s[5:])


def claim_drives(book: PlaceBook, traffic: MadeTraffic) -> None:
    """Make the drives of a question and weigh a gallery by them; and again with tables of all pairs of cameras."""
    travel, times = _now(book).travel, _times(_now(book))
    ends, elapsed_s = traffic.camera[:GALLERY], np.linspace(60.0, 3600.0, GALLERY)

    def by_pairs(number: int) -> object:
        return Drives(travel, doubt=USUAL_DOUBT).log_possible(np.array([number]), ends, elapsed_s)

    def by_tables(number: int) -> tuple[Floats, Floats]:
        earliest_s, usual_s = times.earliest_s(slack=travel.slack), times.per_camera(times.usual_s)
        unit_s = np.fmax(usual_s - earliest_s, 3.0)
        return earliest_s[number, ends], unit_s[number, ends]

    earliest_s, unit_s = travel.scales(np.array([7]), ends)
    tables = by_tables(7)
    correct = all(np.array_equal(slow, quick) for slow, quick in zip(tables, (earliest_s, unit_s), strict=True))
    _compare(
        f"the drives of a question to {GALLERY} sightings at {CAMERAS} cameras",
        median_ms(by_pairs, 50),
        "tables of all pairs alone",
        median_ms(by_tables, 10),
        correct=bool(correct),
    )


def claim_coverage(archive: Archive) -> None:
    """Read what all cameras recorded in an hour, as joined stretches and row by row."""
    noon = START + timedelta(hours=12)
    windows = [Window(camera_id(n), noon, noon + timedelta(hours=1, seconds=n)) for n in range(CAMERAS)]
    with archive.catalogue.reading() as connection:
        joined_ms = median_ms(lambda _: gaps(windows, covered_time(connection, windows)), 20)
        rows_ms = median_ms(lambda _: gaps(windows, _row_by_row(connection, windows)), 5)
        correct = gaps(windows, covered_time(connection, windows)) == gaps(windows, _row_by_row(connection, windows))
    _compare(f"the gaps of {CAMERAS} cameras in an hour", joined_ms, "row by row", rows_ms, correct=correct)


def _row_by_row(connection: Connection, windows: Sequence[Window]) -> dict[str, list[Recorded]]:
    """Return what the cameras of windows recorded, not joined."""
    return {
        camera: [Recorded(to_micros(one.start), to_micros(one.end), one.problem) for one in stretches]
        for camera, stretches in footage.coverage_in_windows(connection, windows).items()
    }


def claim_learned(book: PlaceBook) -> None:
    """Give learned times to the pairs of cameras that still are as far apart; and look at every pair for it."""
    times = _times(_now(book))
    rng = np.random.default_rng(3)
    starts, ends = rng.choice(CAMERAS, (2, 2 * LEARNED))
    pairs = sorted(
        {(times.ids[a], times.ids[b]) for a, b in zip(starts.tolist(), ends.tolist(), strict=True) if a != b}
    )
    codes = np.array([[times.code_of[camera] for camera in pair] for pair in pairs[:LEARNED]])
    scales = TravelTimes(times).scales(codes[:, 0], codes[:, 1])
    # Every tenth has changed since.
    changed = np.where(np.arange(LEARNED) % 10 == 0, 1.5, 1.0)
    learned = LearnedTimes(
        BUILT_IN, WIDE, 0, tuple(pairs[:LEARNED]), scales[0] * changed, scales[1], ({ANY: BUILT_IN},) * LEARNED
    )
    kept = with_learned(TravelTimes(times), learned).pairs
    _compare(
        f"learned times of {LEARNED} pairs, looked up for their places",
        median_ms(lambda _: with_learned(TravelTimes(times), learned), 5),
        "the scale of every pair, one by one",
        median_ms(lambda _: _every_scale(times), 1),
        correct=set(kept) == {pair for number, pair in enumerate(learned.pairs) if number % 10},
    )


def claim_moves(book: PlaceBook) -> None:
    """Move cameras, and return to the places before each move, a matrix chosen and a matrix made."""
    rng = np.random.default_rng(4)
    graph = _now(book).roads
    moved = cameras_anywhere(graph, MOVES, seed=5)
    for number, camera in zip(rng.choice(CAMERAS, MOVES, replace=False).tolist(), moved, strict=True):
        hours = 1.0 + 22.0 * float(rng.random())
        book.move_camera(replace(camera.camera, id=camera_id(number)), START + timedelta(hours=hours))
    asked = [START + timedelta(hours=hours) for hours in np.linspace(0.5, 23.5, 51).tolist()]
    book.at(asked[0])
    now = _times(_now(book)).of(_now(book).placed)
    made = camera_times(graph, _at(book, 1, asked).placed, known=now)
    then = _times(_at(book, 1, asked))
    correct = np.allclose(then.per_camera(then.usual_s), made.per_camera(made.usual_s), atol=1e-3)
    _compare(
        f"the places of a time before {MOVES} moves of {CAMERAS} cameras",
        median_ms(lambda number: book.at(asked[number % len(asked)]), 50),
        "a matrix made from that of now",
        median_ms(lambda number: camera_times(graph, _at(book, number, asked).placed, known=now), 3),
        correct=bool(correct),
    )


def _archive(folder: Path) -> Archive:
    roads = extract("andorra.osm.pbf")
    if roads is None:
        return make_archive(folder, MadeTown(CAMERAS, 60, SIGHTINGS))
    archive = Archive.create(folder / "archive")
    place_book(archive).import_roads(roads)
    place_book(archive).import_cameras(list(_cameras(_now(place_book(archive)))))
    return archive


def _cameras(places: Places) -> Iterator[Camera]:
    """Yield the cameras, each in the middle of a road, none of them at its end."""
    graph = places.roads
    long = np.flatnonzero((graph.road_of_edge == np.arange(graph.edges)) & (graph.edge_length_m >= 40))
    for number, edge in enumerate(np.random.default_rng(1).choice(long, CAMERAS, replace=False).tolist()):
        lat, lon = graph.position(edge, float(graph.edge_length_m[edge]) / 2)
        yield Camera(camera_id(number), lat, lon)


def _cover(archive: Archive) -> None:
    """Write that each camera recorded a day and some hours, in the pieces that chunks of footage give."""
    for number in range(CAMERAS):
        begins = [START + timedelta(seconds=second) for second in range(0, DAY_S + 8 * 3600, PIECE_S)]
        # One piece in a hundred is missing.
        kept = [begin for place, begin in enumerate(begins) if (place + number) % 100]
        parts = [Coverage(camera_id(number), begin, begin + timedelta(seconds=PIECE_S)) for begin in kept]
        archive.add(NewChunk(None, None, (), tuple(parts)))


def _every_scale(times: CameraTimes) -> dict[tuple[str, str], PairScale]:
    free_s, usual_s = times.per_camera(times.free_s), times.per_camera(times.usual_s)
    numbers = range(len(times.ids))
    return {
        (times.ids[a], times.ids[b]): PairScale.of(float(free_s[a, b]), float(usual_s[a, b]))
        for a, b in product(numbers, numbers)
    }


def _now(book: PlaceBook) -> Places:
    places = book.current()
    assert places is not None
    return places


def _at(book: PlaceBook, number: int, asked: Sequence[datetime]) -> Places:
    places = book.at(asked[number % len(asked)])
    assert places is not None
    return places


def _times(places: Places) -> CameraTimes:
    assert places.travel.times is not None
    return places.travel.times


def _compare(claim: str, value_ms: float, peer: str, peer_ms: float, *, correct: bool) -> None:
    say(claim, value=value_ms, unit="ms", peer=peer, peer_value=peer_ms, less_is_better=True, correct=correct)


if __name__ == "__main__":
    main()
