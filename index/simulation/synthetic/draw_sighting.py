"""Draw one sighting of a passage, or one phantom, as the pipeline would have made it."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate

import numpy as np

from index.records import NewShot, NewSighting
from index.simulation.city import START
from index.simulation.synthetic.correlations import FaultDraws
from index.simulation.synthetic.passings import PlacedStation, VehicleTraits
from index.simulation.synthetic.seeing_noise import (
    DIMS,
    ConfusionTable,
    HeadingNoise,
    PlateNoise,
    Quantiles,
    SeeingNoise,
    SimilarityNoise,
    TimeNoise,
)
from index.simulation.truth import TruePassage
from reid.arrays import Floats, Floats32
from reid.images import encode_jpeg
from reid.plates.spelling import plain
from reid.vehicle import COLOURS, VEHICLE_TYPES, Attributes, Box, Corners, Plate
from roadgraph.camera import edge_of_heading

MODEL_ID = f"simulated-fitted-{DIMS}"
READER_ID = "simulated-reader"
CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SHORTEST_SIGHTING_S = 0.25
"""The pipeline makes no shorter sighting."""
VIEWS = 4
_PICTURE = encode_jpeg(np.full((16, 16, 3), 128, np.uint8))
"""The same grey picture for every sighting, because nothing was filmed."""


@dataclass(frozen=True, slots=True)
class SyntheticPassage:
    """A true passage, the traits of its vehicle, the station it passes, and whether it drives towards the camera."""

    passage: TruePassage
    at_s: float
    traits: VehicleTraits
    station: PlacedStation
    towards: bool


@dataclass(frozen=True, slots=True)
class SightingMoments:
    """When a sighting begins, is at its best and ends, in seconds of its passage."""

    first_s: float
    best_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class PlateInView:
    """A plate that a camera may read: `odds` is the effect of the weather, `box` is the vehicle's."""

    text: str
    state: str
    height_px: float
    odds: float
    box: Box


def draw_sighting(
    simulated: SyntheticPassage, id_: str, noise: SeeingNoise, draws: FaultDraws, rng: np.random.Generator
) -> NewSighting:
    """Return a sighting of a passage."""
    passage, traits, station = simulated.passage, simulated.traits, simulated.station
    seconds = (passage.last - passage.first).total_seconds()
    moments = draw_moments(noise.times, seconds, towards=simulated.towards, rng=rng)
    first, best, last = (
        station.station.shown_at(passage.first + timedelta(seconds=s), START)
        for s in (moments.first_s, moments.best_s, moments.last_s)
    )
    box = Box(500.0, 300.0, passage.height_px * 1.4, passage.height_px)
    heading = draw_heading(passage.heading, noise.headings, draws.heading, rng)
    odds = noise.odds_in(station.station.site.weather).plates
    plate = PlateInView(traits.plate, traits.plate_state, passage.plate_height_px, odds, box)
    return NewSighting(
        id=id_,
        camera=passage.camera,
        first=first,
        best=best,
        last=last,
        box=box,
        attributes=Attributes(
            draw_attribute(traits.type, VEHICLE_TYPES, noise.types, draws.type, rng),
            draw_attribute(traits.colour, COLOURS, noise.colours, draws.colour, rng),
            heading,
        ),
        shots=(NewShot(best, 0, box, _PICTURE, 1.0),),
        vectors={MODEL_ID: draw_vector(traits.kind, traits.own, passage.heading, noise.likeness, rng)[None, :]},
        plate=draw_plate(plate, noise.plates, draws, rng),
        plate_model=READER_ID,
        edge=edge_of_heading(station.placed, heading),
    )


def draw_phantom(camera: str, first: datetime, id_: str, noise: SeeingNoise, rng: np.random.Generator) -> NewSighting:
    """Return a phantom that begins at a time of the camera's clock."""
    phantoms = noise.phantoms
    length = timedelta(seconds=phantoms.seconds.draw(rng))
    height_px = phantoms.height_px.draw(rng)
    box = Box(500.0, 300.0, height_px, height_px)
    look = Attributes(
        draw_phantom_attribute(phantoms.types, VEHICLE_TYPES, noise.types.sure_wrong, rng),
        draw_phantom_attribute(phantoms.colours, COLOURS, noise.colours.sure_wrong, rng),
        None,
    )
    return NewSighting(
        id=id_,
        camera=camera,
        first=first,
        best=first + length / 2,
        last=first + length,
        box=box,
        attributes=look,
        shots=(NewShot(first + length / 2, 0, box, _PICTURE, 1.0),),
        vectors={MODEL_ID: draw_phantom_vector(noise.likeness, rng)[None, :]},
        plate_model=READER_ID,
    )


def draw_moments(times: TimeNoise, seconds: float, *, towards: bool, rng: np.random.Generator) -> SightingMoments:
    """Return the moments of a sighting of a passage that takes this many seconds."""
    first_s = min(times.first.draw(rng) * seconds, max(0.0, seconds - SHORTEST_SIGHTING_S))
    last_s = max(times.last.draw(rng) * seconds, first_s + SHORTEST_SIGHTING_S)
    share = (times.best_towards if towards else times.best_away).draw(rng)
    return SightingMoments(first_s, first_s + share * (last_s - first_s), last_s)


def draw_attribute(
    true: str, known: Sequence[str], confusion: ConfusionTable, draw: float, rng: np.random.Generator
) -> dict[str, float]:
    """Return the probabilities given to the values of an attribute; the true one wins where `draw` is low enough.

    Draws that are near each other make the same mistake.
    """
    row = confusion.rows[known.index(true)]
    right = row[known.index(true)] / sum(row)
    others = [0.0 if value == true else share for value, share in zip(known, row, strict=True)]
    believed = true if draw < right else known[_index_at_share(others, (draw - right) / max(1 - right, 1e-9))]
    sure = (confusion.sure_right if believed == true else confusion.sure_wrong).draw(rng)
    return _attribute_probabilities(believed, known, sure)


def draw_phantom_attribute(
    shares: Sequence[float], known: Sequence[str], sure: Quantiles, rng: np.random.Generator
) -> dict[str, float]:
    """Return the probabilities given to the values of a phantom's attribute."""
    return _attribute_probabilities(known[_index_at_share(shares, rng.random())], known, sure.draw(rng))


def draw_heading(heading_deg: float, headings: HeadingNoise, draw: float, rng: np.random.Generator) -> float | None:
    """Return the estimated heading, None where `draw` is too high for the pipeline to tell."""
    if draw >= headings.known_share:
        return None
    if rng.random() < headings.wrong_share:
        return round(float(rng.uniform(0, 360)), 1) % 360
    return round(float(rng.normal(heading_deg, headings.deviation_deg)), 1) % 360


def draw_plate(view: PlateInView, plates: PlateNoise, draws: FaultDraws, rng: np.random.Generator) -> Plate | None:
    """Return the reading of a plate, None if nothing is read."""
    height_px, box = view.height_px, view.box
    if draws.plate >= plates.state_factor(view.state) * plates.read.at(height_px, view.odds):
        return None
    true_text = plain(view.text)
    garbled = rng.random() < plates.garbled_share
    is_flawless = draws.flawless < plates.flawless.at(height_px)
    read = true_text if is_flawless else _misread(true_text, plates, height_px, rng)
    read = _garbled(len(true_text), rng) if garbled else read
    sure = (plates.sure_garbled if garbled else plates.sure).draw(rng)
    width_px = height_px * 4.5
    corners: Corners = (
        (box.x, box.y),
        (box.x + width_px, box.y),
        (box.x + width_px, box.y + height_px),
        (box.x, box.y + height_px),
    )
    place = Box(box.x, box.y, width_px, height_px)
    return Plate(place, corners, read, round(sure, 4), tuple({c: round(sure, 4)} for c in read))


def view_of(heading_deg: float) -> int:
    """Return which of the four sides a camera sees: rear, one side, front, the other side."""
    return int((heading_deg + 180 / VIEWS) % 360 // (360 / VIEWS))


def draw_vector(kind: str, own: int, heading_deg: float, noise: SimilarityNoise, rng: np.random.Generator) -> Floats32:
    """Return a unit vector with parts for all vehicles, `kind` (model and colour), vehicle, side, and chance."""
    parts = (
        _direction("any", noise.freedom),
        _direction(kind, noise.freedom),
        _direction(f"{kind} {own}", noise.freedom),
        _direction(f"{kind} {own} {view_of(heading_deg)}", noise.freedom),
    )
    steps = np.diff([0.0, noise.other, noise.twin, noise.other_view, noise.same_view])
    shown = np.sqrt(np.maximum(steps, 0.0)) @ np.stack(parts) * max(0.0, rng.normal(1.0, noise.unevenness))
    return _with_random_part(shown, noise.freedom, rng)


def draw_phantom_vector(noise: SimilarityNoise, rng: np.random.Generator) -> Floats32:
    """Return a unit vector as similar to any vehicle as two different vehicles are."""
    shared = np.sqrt(max(noise.other, 0.0)) * _direction("any", noise.freedom)
    return _with_random_part(shared, noise.freedom, rng)


def _attribute_probabilities(believed: str, known: Sequence[str], sure: float) -> dict[str, float]:
    """Return probabilities with the most for the believed value and the rest in equal parts."""
    most = min(max(sure, 1.1 / len(known)), 1.0)
    rest = (1 - most) / (len(known) - 1)
    return {value: most if value == believed else rest for value in known}


def _with_random_part(shown: Floats, freedom: int, rng: np.random.Generator) -> Floats32:
    """Return a unit vector of the given part and a random part for the rest of its length."""
    left = np.sqrt(max(0.0, 1 - float(shown @ shown)))
    moment = rng.normal(size=freedom)
    mixed = shown + left * moment / np.sqrt(moment @ moment)
    vector = np.zeros(DIMS, np.float32)
    vector[:freedom] = mixed / np.sqrt(mixed @ mixed)
    return vector


@lru_cache(maxsize=50_000)
def _direction(name: str, freedom: int) -> Floats:
    """Return a random direction determined by a name."""
    drawn = np.random.default_rng(list(name.encode())).normal(size=freedom)
    return np.asarray(drawn / np.linalg.norm(drawn))


def _index_at_share(shares: Sequence[float], at: float) -> int:
    """Return the index at which the cumulative shares reach a part of their sum."""
    sums = list(accumulate(shares))
    return min(bisect_right(sums, at * sums[-1]), len(shares) - 1)


def _misread(text: str, plates: PlateNoise, height_px: float, rng: np.random.Generator) -> str:
    """Return a text of the plate with at least one mistake."""
    right = plates.character.at(height_px)
    read = "".join(c if rng.random() < right else _any_character(rng) for c in text)
    if rng.random() < plates.extra_share:
        return _any_character(rng) + read
    if read != text:
        return read
    wrong = int(rng.integers(len(text)))
    return text[:wrong] + CHARACTERS[(CHARACTERS.find(text[wrong]) + 1) % len(CHARACTERS)] + text[wrong + 1 :]


def _garbled(length: int, rng: np.random.Generator) -> str:
    return "".join(_any_character(rng) for _ in range(max(2, length - 1)))


def _any_character(rng: np.random.Generator) -> str:
    return CHARACTERS[int(rng.integers(len(CHARACTERS)))]
