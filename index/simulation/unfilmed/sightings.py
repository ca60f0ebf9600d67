"""Put what cameras would have seen of a city straight into an archive, without filming it.

What is seen and what goes wrong is drawn from a noise that was fitted to what the pipeline makes of filmed cities.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import numpy as np

from index.archive import Archive, NewChunk
from index.catalogue.chunks import Coverage
from index.sighting import Look, NewShot, NewSighting
from index.simulation import truth
from index.simulation.city import START, CityMade, lay_roads, making, numbered, write_plan
from index.simulation.filming import FilmPlan
from index.simulation.fleet import Member
from index.simulation.motion import AWAY, Approach
from index.simulation.options import CityOptions
from index.simulation.plan import CityPlan, plan_city
from index.simulation.stations import Station
from index.simulation.truth import TruePassage, TrueSighting
from index.simulation.unfilmed.draw import (
    draw_believed,
    draw_heading,
    draw_moments,
    draw_phantom,
    draw_phantom_vector,
    draw_plate,
    draw_vector,
)
from index.simulation.unfilmed.seeing_noise import DIMS, SeeingNoise, Sight, packaged_noise
from reid.images import encode_jpeg
from reid.vehicle import COLOURS, VEHICLE_TYPES, Box
from roadgraph.camera import PlacedCamera, edge_of_heading
from roadgraph.imports import read_roads

MODEL_ID = f"simulated-fitted-{DIMS}"
READER_ID = "simulated-reader"
AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class _Passing:
    """A true passage, who drives it past which camera, and whether towards it."""

    passage: TruePassage
    member: Member
    station: Station
    towards: bool


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What sightings are drawn with."""

    seed: int
    fps: float
    placed: Mapping[str, PlacedCamera]
    noise: SeeingNoise
    rng: np.random.Generator


def make_sightings(folder: Path, options: CityOptions, archive: Archive, noise: SeeingNoise | None = None) -> CityMade:
    """Write a city's sightings into an archive with no roads yet, and its truth into a new folder.

    Without a noise, the packaged one is drawn from.
    """
    began = time.monotonic()
    with making(folder):
        roads = lay_roads(folder, options)
        plan = plan_city(read_roads(roads).graph, options, folder, START)
        archive.place_book.import_roads(roads)
        archive.place_book.import_cameras([station.camera for station in plan.stations])
        placed = {one.camera.id: one for one in archive.places.placed} if archive.places else {}
        fitted = noise or packaged_noise()
        passing = _passing(plan, fitted, np.random.default_rng([options.seed, 5]))
        drawing = _Drawing(options.seed, options.fps, placed, fitted, np.random.default_rng([options.seed, 7]))
        write_plan(folder, options, plan)
        truth.write(folder, TruePassage, (one.passage for one in passing))
        truth.write(folder, TrueSighting, _added(archive, _sightings(passing, plan.stations, drawing)))
        archive.add(NewChunk(None, None, (), tuple(_coverage(plan, options))))
    return CityMade(folder, len(plan.stations), len(passing), len(plan.fleet), time.monotonic() - began)


def _added(archive: Archive, sightings: Iterator[tuple[NewSighting, TrueSighting]]) -> Iterator[TrueSighting]:
    """Remember the sightings, so many at once that any number fits into memory, and yield what each shows."""
    while batch := list(islice(sightings, AT_ONCE)):
        archive.add(NewChunk(None, None, tuple(sighting for sighting, _ in batch)))
        yield from (true for _, true in batch)


def _passing(plan: CityPlan, noise: SeeingNoise, rng: np.random.Generator) -> list[_Passing]:
    """Return the passages that are filmed, each as long and large as passages are to such cameras, in order of time."""
    every = tuple(sight for sights in noise.sights.values() for sight in sights)
    found = []
    for film in plan.films:
        sights = noise.sights.get(film.station.site.kind, every)
        for approach in film.approaches:
            if _is_filmed(film, approach.passes_s):
                sight = sights[int(rng.integers(len(sights)))]
                found.append(_passed(film, approach, plan.fleet[approach.vehicle], sight, rng))
    found.sort(key=lambda one: (one.passage.first, one.passage.camera, one.passage.vehicle))
    names = numbered(one.passage for one in found)
    return [replace(one, passage=passage) for one, passage in zip(found, names, strict=True)]


def _is_filmed(film: FilmPlan, at_s: float) -> bool:
    return any(shift.from_s <= at_s < shift.from_s + shift.frames / film.fps for shift in film.station.shifts)


def _passed(film: FilmPlan, approach: Approach, member: Member, sight: Sight, rng: np.random.Generator) -> _Passing:
    middle, half = START + timedelta(seconds=approach.passes_s), timedelta(seconds=sight.seconds / 2)
    turned_deg = film.station.site.heading_deg + (0 if approach.direction == AWAY else 180)
    passage = TruePassage(
        passage="",
        vehicle=member.name,
        camera=film.station.camera.id,
        first=max(START, middle - half),
        last=middle + half,
        height_px=sight.height_px,
        plate_height_px=0.0 if member.look.plate.state == "absent" else sight.plate_height_px,
        heading=round(float(rng.normal(turned_deg, 5)), 1) % 360,
        counts=sight.counts,
    )
    return _Passing(passage, member, film.station, approach.direction != AWAY)


def _sightings(
    passing: Iterable[_Passing], stations: Sequence[Station], drawing: _Drawing
) -> Iterator[tuple[NewSighting, TrueSighting]]:
    """Yield every sighting with what it shows: those of passages in order of time, then the phantoms by camera."""
    noise, rng = drawing.noise, drawing.rng
    passed = dict.fromkeys((station.camera.id for station in stations), 0)
    for one in passing:
        passed[one.passage.camera] += 1
        if rng.random() < noise.seen.at(one.passage.height_px):
            for number in range(1 + int(rng.poisson(noise.duplicates))):
                sighting = _sighting(one, number, drawing)
                yield sighting, TrueSighting(sighting.id, one.passage.passage)
    for station in stations:
        for number in range(int(rng.poisson(noise.phantoms.per_passage * passed[station.camera.id]))):
            sighting = _phantom(station, number, drawing)
            yield sighting, TrueSighting(sighting.id, None)


def _sighting(one: _Passing, number: int, drawing: _Drawing) -> NewSighting:
    """Return one sighting of a passage; those after the first are duplicates."""
    noise, rng, passage, look = drawing.noise, drawing.rng, one.passage, one.member.look
    began = passage.first + timedelta(seconds=one.station.clock_s)
    moments = draw_moments(noise.times, (passage.last - passage.first).total_seconds(), towards=one.towards, rng=rng)
    first, best, last = (began + timedelta(seconds=s) for s in (moments.first_s, moments.best_s, moments.last_s))
    box = Box(500.0, 300.0, passage.height_px * 1.4, passage.height_px)
    heading = draw_heading(passage.heading, noise.headings, rng)
    kind = f"{look.model.seed} {look.colour}"
    return NewSighting(
        id=f"simulated-{drawing.seed}-{passage.passage}{f'-{number + 1}' if number else ''}",
        camera=passage.camera,
        first=first,
        best=best,
        last=last,
        box=box,
        look=Look(
            draw_believed(look.type, VEHICLE_TYPES, noise.types, rng),
            draw_believed(look.colour, COLOURS, noise.colours, rng),
            heading,
        ),
        shots=(NewShot(best, 0, box, _PICTURE, 1.0),),
        vectors={MODEL_ID: draw_vector(kind, look.seed, passage.heading, noise.likeness, rng)[None, :]},
        plate=draw_plate(look.plate.text, look.plate.state, passage.plate_height_px, box, noise.plates, rng),
        plate_model=READER_ID,
        edge=edge_of_heading(drawing.placed[passage.camera], heading),
    )


def _phantom(station: Station, number: int, drawing: _Drawing) -> NewSighting:
    """Return a sighting of nothing, at any time that the camera films."""
    noise, rng, phantoms = drawing.noise, drawing.rng, drawing.noise.phantoms
    shift = station.shifts[int(rng.integers(len(station.shifts)))]
    until_s = shift.from_s + shift.frames / drawing.fps
    first = START + timedelta(seconds=float(rng.uniform(shift.from_s, until_s)) + station.clock_s)
    length = timedelta(seconds=phantoms.seconds.draw(rng))
    height_px = phantoms.height_px.draw(rng)
    box = Box(500.0, 300.0, height_px, height_px)
    look = Look(
        draw_phantom(phantoms.types, VEHICLE_TYPES, noise.types.sure_wrong, rng),
        draw_phantom(phantoms.colours, COLOURS, noise.colours.sure_wrong, rng),
        None,
    )
    return NewSighting(
        id=f"simulated-{drawing.seed}-{station.camera.id}-nothing-{number + 1}",
        camera=station.camera.id,
        first=first,
        best=first + length / 2,
        last=first + length,
        box=box,
        look=look,
        shots=(NewShot(first + length / 2, 0, box, _PICTURE, 1.0),),
        vectors={MODEL_ID: draw_phantom_vector(noise.likeness, rng)[None, :]},
        plate_model=READER_ID,
    )


def _coverage(plan: CityPlan, options: CityOptions) -> Iterable[Coverage]:
    for station in plan.stations:
        for shift in station.shifts:
            start: datetime = START + timedelta(seconds=shift.from_s + station.clock_s)
            yield Coverage(station.camera.id, start, start + timedelta(seconds=shift.frames / options.fps))


_PICTURE = encode_jpeg(np.full((16, 16, 3), 128, np.uint8))
"""Every sighting shows the same grey: there was nothing to film."""
