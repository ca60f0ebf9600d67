"""Draw one sighting of a passage, or of nothing, as the pipeline would have given it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from index.sighting import Look, NewShot, NewSighting
from index.simulation.stations import Station
from index.simulation.truth import TruePassage
from index.simulation.unfilmed.draw import (
    PlateInView,
    draw_believed,
    draw_heading,
    draw_moments,
    draw_phantom,
    draw_phantom_vector,
    draw_plate,
    draw_vector,
)
from index.simulation.unfilmed.seeing_noise import DIMS, SeeingNoise
from index.simulation.unfilmed.spool import Shown
from index.simulation.unfilmed.ties import Chances
from reid.images import encode_jpeg
from reid.vehicle import COLOURS, VEHICLE_TYPES, Box
from roadgraph.camera import PlacedCamera, edge_of_heading

MODEL_ID = f"simulated-fitted-{DIMS}"
READER_ID = "simulated-reader"
_PICTURE = encode_jpeg(np.full((16, 16, 3), 128, np.uint8))
"""Every sighting shows the same grey: there was nothing to film."""


@dataclass(frozen=True, slots=True)
class Post:
    """A camera of a city that is not filmed: what it has, and where on the roads it stands."""

    station: Station
    placed: PlacedCamera

    def films_at(self, at_s: float, fps: float) -> bool:
        """Return whether it films at a second of the period."""
        return any(shift.from_s <= at_s < shift.from_s + shift.frames / fps for shift in self.station.shifts)


@dataclass(frozen=True, slots=True)
class Passing:
    """A true passage, what can be seen of who drives it past which camera, and whether towards it."""

    passage: TruePassage
    at_s: float
    shown: Shown
    post: Post
    towards: bool


def sighting_of(one: Passing, id_: str, noise: SeeingNoise, chances: Chances, rng: np.random.Generator) -> NewSighting:
    """Return a sighting of a passage."""
    passage, shown = one.passage, one.shown
    began = passage.first + timedelta(seconds=one.post.station.clock_s)
    moments = draw_moments(noise.times, (passage.last - passage.first).total_seconds(), towards=one.towards, rng=rng)
    first, best, last = (began + timedelta(seconds=s) for s in (moments.first_s, moments.best_s, moments.last_s))
    box = Box(500.0, 300.0, passage.height_px * 1.4, passage.height_px)
    heading = draw_heading(passage.heading, noise.headings, chances.heading, rng)
    odds = noise.odds_in(one.post.station.site.weather).plates
    plate = PlateInView(shown.plate, shown.plate_state, passage.plate_height_px, odds, box)
    return NewSighting(
        id=id_,
        camera=passage.camera,
        first=first,
        best=best,
        last=last,
        box=box,
        look=Look(
            draw_believed(shown.type, VEHICLE_TYPES, noise.types, chances.type, rng),
            draw_believed(shown.colour, COLOURS, noise.colours, chances.colour, rng),
            heading,
        ),
        shots=(NewShot(best, 0, box, _PICTURE, 1.0),),
        vectors={MODEL_ID: draw_vector(shown.kind, shown.own, passage.heading, noise.likeness, rng)[None, :]},
        plate=draw_plate(plate, noise.plates, chances, rng),
        plate_model=READER_ID,
        edge=edge_of_heading(one.post.placed, heading),
    )


def phantom(camera: str, first: datetime, id_: str, noise: SeeingNoise, rng: np.random.Generator) -> NewSighting:
    """Return a sighting of nothing that begins at a time of the camera's clock."""
    phantoms = noise.phantoms
    length = timedelta(seconds=phantoms.seconds.draw(rng))
    height_px = phantoms.height_px.draw(rng)
    box = Box(500.0, 300.0, height_px, height_px)
    look = Look(
        draw_phantom(phantoms.types, VEHICLE_TYPES, noise.types.sure_wrong, rng),
        draw_phantom(phantoms.colours, COLOURS, noise.colours.sure_wrong, rng),
        None,
    )
    return NewSighting(
        id=id_,
        camera=camera,
        first=first,
        best=first + length / 2,
        last=first + length,
        box=box,
        look=look,
        shots=(NewShot(first + length / 2, 0, box, _PICTURE, 1.0),),
        vectors={MODEL_ID: draw_phantom_vector(noise.likeness, rng)[None, :]},
        plate_model=READER_ID,
    )
