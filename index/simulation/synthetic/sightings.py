"""Put the sightings of a city straight into an archive, without filming the city.

What is seen and what goes wrong is drawn from noise that was fitted to the pipeline's results on filmed cities.
Vehicles come block by block and sightings enter the archive in order of time, so memory does not grow with the city.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from index.records import Coverage, NewChunk, NewSighting
from index.simulation import truth
from index.simulation.cameras import Station
from index.simulation.city import SCRATCH, START, CityMade, new_city_folder
from index.simulation.fleet import BLOCK_VEHICLES
from index.simulation.options import CityOptions
from index.simulation.synthetic.correlations import FaultSampler
from index.simulation.synthetic.draw_sighting import SyntheticPassage, draw_phantom, draw_sighting
from index.simulation.synthetic.passings import CityTraffic, PlacedStation, VehicleTraits, simulate_passings
from index.simulation.synthetic.seeing_noise import PassageSize, SeeingNoise, packaged_noise
from index.simulation.truth import TruePassage, TrueSighting
from index.store.archive import Archive

TRANSACTION_SIGHTINGS = 5000
"""This many sightings enter the archive in one transaction."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What sightings are drawn with."""

    options: CityOptions
    noise: SeeingNoise
    faults: FaultSampler
    rng: np.random.Generator


def make_sightings(
    folder: Path,
    options: CityOptions,
    archive: Archive,
    noise: SeeingNoise | None = None,
    *,
    at_once: int = BLOCK_VEHICLES,
    progress: Progress | None = None,
) -> CityMade:
    """Write a city's sightings into an archive that has no roads yet, and its truth into a new folder.

    Without a noise, the packaged one is used. `at_once` vehicles are in memory together.
    """
    began, say = time.monotonic(), progress or (lambda line: None)
    with new_city_folder(folder), TemporaryDirectory(prefix=SCRATCH, dir=folder) as scratch:
        traffic = simulate_passings(folder, Path(scratch), options, archive, at_once=at_once, progress=say)
        fitted = noise or packaged_noise()
        faults = FaultSampler(fitted.ties, options.seed)
        drawing = _Drawing(options, fitted, faults, np.random.default_rng([options.seed, 7]))
        passed = _write_sightings(folder, traffic, archive, drawing, say)
        archive.add(NewChunk(None, None, (), tuple(recorded([placed.station for placed in traffic.stations], options))))
    return CityMade(folder, len(traffic.stations), passed, options.vehicles, time.monotonic() - began)


def _write_sightings(folder: Path, traffic: CityTraffic, archive: Archive, drawing: _Drawing, say: Progress) -> int:
    """Draw and store the sightings of each time slice with their truth, and return the number of passages."""
    passed = 0
    with truth.writing(folder, TruePassage) as add_passages, truth.writing(folder, TrueSighting) as add_sightings:
        for number, (span_s, rows) in enumerate(traffic.spool.in_order()):
            simulated = [
                _simulated_passage(f"p{passed + i:05d}", row, traffic, drawing)
                for i, row in enumerate(rows.tolist(), start=1)
            ]
            passed += len(simulated)
            add_passages(passage.passage for passage in simulated)
            phantoms = _phantoms(simulated, traffic.stations, span_s, number, drawing)
            add_sightings(_store(archive, [*_sightings(simulated, drawing), *phantoms]))
            say(f"until {span_s[1]:.0f} s: {passed} passages")
    return passed


def _store(archive: Archive, sightings: Sequence[tuple[NewSighting, str | None]]) -> Iterator[TrueSighting]:
    """Store sightings in order of time, a transaction's worth at a time, and yield their truth."""
    ordered = iter(sorted(sightings, key=lambda pair: (pair[0].best, pair[0].id)))
    while batch := list(islice(ordered, TRANSACTION_SIGHTINGS)):
        archive.add(NewChunk(None, None, tuple(sighting for sighting, _ in batch)))
        yield from (TrueSighting(sighting.id, passage) for sighting, passage in batch)


def _simulated_passage(
    name: str, row: tuple[float, int, int, bool], traffic: CityTraffic, drawing: _Drawing
) -> SyntheticPassage:
    """Return a passage as long and large as passages at such cameras are."""
    at_s, vehicle, number, towards = row
    station, traits, rng = traffic.stations[number], traffic.roster.traits(vehicle), drawing.rng
    site = station.station.site
    sizes = drawing.noise.sizes_at(site.kind)
    size = sizes[int(rng.integers(len(sizes)))]
    heading = round(float(rng.normal(site.heading_deg + (180 if towards else 0), 5)), 1) % 360
    return SyntheticPassage(_true_passage(name, at_s, heading, traits, station, size), at_s, traits, station, towards)


def _true_passage(
    name: str, at_s: float, heading: float, traits: VehicleTraits, station: PlacedStation, size: PassageSize
) -> TruePassage:
    middle, half = START + timedelta(seconds=at_s), timedelta(seconds=size.seconds / 2)
    return TruePassage(
        passage=name,
        vehicle=traits.name,
        camera=station.station.camera.id,
        first=max(START, middle - half),
        last=middle + half,
        height_px=size.height_px,
        plate_height_px=0.0 if traits.plate_state in ("absent", "covered") else size.plate_height_px,
        heading=heading,
        counts=size.counts,
    )


def _sightings(simulated: Iterable[SyntheticPassage], drawing: _Drawing) -> Iterator[tuple[NewSighting, str | None]]:
    """Yield the sightings of the passages, each with its passage; further sightings of a passage are duplicates."""
    noise, rng = drawing.noise, drawing.rng
    for passage in simulated:
        draws = drawing.faults.draw(passage.traits.name, passage.passage.camera, passage.at_s, rng)
        odds = noise.odds_in(passage.station.station.site.weather).seen
        if draws.seen < noise.seen.at(passage.passage.height_px, odds):
            for number in range(1 + int(rng.poisson(noise.duplicates))):
                suffix = f"-{number + 1}" if number else ""
                id_ = f"simulated-{drawing.options.seed}-{passage.passage.passage}{suffix}"
                yield draw_sighting(passage, id_, noise, draws, rng), passage.passage.passage


def _phantoms(
    simulated: Iterable[SyntheticPassage],
    stations: Sequence[PlacedStation],
    span_s: tuple[float, float],
    part: int,
    drawing: _Drawing,
) -> Iterator[tuple[NewSighting, str | None]]:
    """Yield phantoms at random times of the slice while the camera films, in proportion to its passages."""
    noise, rng = drawing.noise, drawing.rng
    passed = Counter(passage.passage.camera for passage in simulated)
    phantoms = noise.phantoms
    for station in stations:
        camera = station.station.camera.id
        rate = phantoms.per_passage * drawing.faults.phantom_rate(camera, phantoms.uneven)
        for number in range(int(rng.poisson(rate * passed[camera]))):
            at_s = float(rng.uniform(*span_s))
            if station.films_at(at_s, drawing.options.fps):
                id_ = f"simulated-{drawing.options.seed}-{camera}-nothing-{part}-{number + 1}"
                yield (
                    draw_phantom(
                        camera, station.station.shown_at(START + timedelta(seconds=at_s), START), id_, noise, rng
                    ),
                    None,
                )


def recorded(stations: Sequence[Station], options: CityOptions) -> Iterable[Coverage]:
    """Yield what each camera recorded, by its own clock."""
    for station in stations:
        for recording in station.recordings:
            begins = START + timedelta(seconds=recording.from_s)
            ends = begins + timedelta(seconds=recording.frames / options.fps)
            yield Coverage(station.camera.id, station.shown_at(begins, START), station.shown_at(ends, START))
