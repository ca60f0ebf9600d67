"""Put what cameras would have seen of a city straight into an archive, without filming it.

What is seen and what goes wrong is drawn from a noise that was fitted to what the pipeline makes of filmed cities.
Vehicles come block by block, sightings go into the archive in the order of time: memory does not grow with the city.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from index.archive import Archive, NewChunk
from index.catalogue.chunks import Coverage
from index.sighting import NewSighting
from index.simulation import truth
from index.simulation.city import SCRATCH, START, CityMade, making
from index.simulation.options import CityOptions
from index.simulation.population import AT_ONCE
from index.simulation.truth import TruePassage, TrueSighting
from index.simulation.unfilmed.driving import Traffic, drive
from index.simulation.unfilmed.glimpses import Passing, Post, phantom, sighting_of
from index.simulation.unfilmed.seeing_noise import SeeingNoise, Sight, packaged_noise
from index.simulation.unfilmed.spool import Shown
from index.simulation.unfilmed.ties import Luck

TOGETHER = 5000
"""So many sightings go into the archive in one transaction."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What sightings are drawn with."""

    options: CityOptions
    noise: SeeingNoise
    luck: Luck
    rng: np.random.Generator


def make_sightings(
    folder: Path,
    options: CityOptions,
    archive: Archive,
    noise: SeeingNoise | None = None,
    *,
    at_once: int = AT_ONCE,
    progress: Progress | None = None,
) -> CityMade:
    """Write a city's sightings into an archive with no roads yet, and its truth into a new folder.

    Without a noise, the packaged one is drawn from. So many vehicles as `at_once` are in memory together.
    """
    began, say = time.monotonic(), progress or (lambda line: None)
    with making(folder), TemporaryDirectory(prefix=SCRATCH, dir=folder) as scratch:
        traffic = drive(folder, Path(scratch), options, archive, at_once=at_once, progress=say)
        fitted = noise or packaged_noise()
        luck = Luck(fitted.ties, options.seed)
        drawing = _Drawing(options, fitted, luck, np.random.default_rng([options.seed, 7]))
        passed = _see(folder, traffic, archive, drawing, say)
        archive.add(NewChunk(None, None, (), tuple(_coverage(traffic.posts, options))))
    return CityMade(folder, len(traffic.posts), passed, options.vehicles, time.monotonic() - began)


def _see(folder: Path, traffic: Traffic, archive: Archive, drawing: _Drawing, say: Progress) -> int:
    """Remember what is seen in each slice of time, write down what is true of it, and return how many passed."""
    passed = 0
    with truth.writing(folder, TruePassage) as add_passages, truth.writing(folder, TrueSighting) as add_sightings:
        for number, (span_s, rows) in enumerate(traffic.spool.in_order()):
            passing = [
                _passing(f"p{passed + i:05d}", row, traffic, drawing) for i, row in enumerate(rows.tolist(), start=1)
            ]
            passed += len(passing)
            add_passages(one.passage for one in passing)
            phantoms = _phantoms(passing, traffic.posts, span_s, number, drawing)
            add_sightings(_added(archive, [*_sightings(passing, drawing), *phantoms]))
            say(f"until {span_s[1]:.0f} s: {passed} passages")
    return passed


def _added(archive: Archive, sightings: Sequence[tuple[NewSighting, str | None]]) -> Iterator[TrueSighting]:
    """Remember sightings in the order of time, so many at once that any number is written fast, and yield the truth."""
    ordered = iter(sorted(sightings, key=lambda one: (one[0].best, one[0].id)))
    while batch := list(islice(ordered, TOGETHER)):
        archive.add(NewChunk(None, None, tuple(sighting for sighting, _ in batch)))
        yield from (TrueSighting(sighting.id, passage) for sighting, passage in batch)


def _passing(name: str, row: tuple[float, int, int, bool], traffic: Traffic, drawing: _Drawing) -> Passing:
    """Return a passage that is as long and large as passages are to such cameras."""
    at_s, vehicle, number, towards = row
    post, shown, rng = traffic.posts[number], traffic.roster.shown(vehicle), drawing.rng
    site = post.station.site
    sights = drawing.noise.sights_of(site.kind)
    sight = sights[int(rng.integers(len(sights)))]
    heading = round(float(rng.normal(site.heading_deg + (180 if towards else 0), 5)), 1) % 360
    return Passing(_passage(name, at_s, heading, shown, post, sight), at_s, shown, post, towards)


def _passage(name: str, at_s: float, heading: float, shown: Shown, post: Post, sight: Sight) -> TruePassage:
    middle, half = START + timedelta(seconds=at_s), timedelta(seconds=sight.seconds / 2)
    return TruePassage(
        passage=name,
        vehicle=shown.name,
        camera=post.station.camera.id,
        first=max(START, middle - half),
        last=middle + half,
        height_px=sight.height_px,
        plate_height_px=0.0 if shown.plate_state in ("absent", "covered") else sight.plate_height_px,
        heading=heading,
        counts=sight.counts,
    )


def _sightings(passing: Iterable[Passing], drawing: _Drawing) -> Iterator[tuple[NewSighting, str | None]]:
    """Yield what is seen of the passages, with the passage; those after the first of one are duplicates."""
    noise, rng = drawing.noise, drawing.rng
    for one in passing:
        chances = drawing.luck.draw(one.shown.name, one.passage.camera, one.at_s, rng)
        odds = noise.odds_in(one.post.station.site.weather).seen
        if chances.seen < noise.seen.at(one.passage.height_px, odds):
            for number in range(1 + int(rng.poisson(noise.duplicates))):
                name = f"simulated-{drawing.options.seed}-{one.passage.passage}{f'-{number + 1}' if number else ''}"
                yield sighting_of(one, name, noise, chances, rng), one.passage.passage


def _phantoms(
    passing: Iterable[Passing], posts: Sequence[Post], span_s: tuple[float, float], part: int, drawing: _Drawing
) -> Iterator[tuple[NewSighting, str | None]]:
    """Yield sightings of nothing, at any time of the slice that the post films: more where more passes."""
    noise, rng = drawing.noise, drawing.rng
    passed = Counter(one.passage.camera for one in passing)
    phantoms = noise.phantoms
    for post in posts:
        camera, clock_s = post.station.camera.id, post.station.clock_s
        rate = phantoms.per_passage * drawing.luck.rate(camera, phantoms.uneven)
        for number in range(int(rng.poisson(rate * passed[camera]))):
            at_s = float(rng.uniform(*span_s))
            if post.films_at(at_s, drawing.options.fps):
                name = f"simulated-{drawing.options.seed}-{camera}-nothing-{part}-{number + 1}"
                yield phantom(camera, START + timedelta(seconds=at_s + clock_s), name, noise, rng), None


def _coverage(posts: Sequence[Post], options: CityOptions) -> Iterable[Coverage]:
    for station in (post.station for post in posts):
        for shift in station.shifts:
            start: datetime = START + timedelta(seconds=shift.from_s + station.clock_s)
            yield Coverage(station.camera.id, start, start + timedelta(seconds=shift.frames / options.fps))
