"""Draw crops of vehicles with the truth of their bodies and marks, rare ones more often than in traffic."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from reid.appearance.embedders import Embedder, Vectors
from reid.arrays import AnyFloats, Flags, Ints
from reid.render.crops import RenderedCropOptions, camera_of, cut_box, stage_vehicle
from reid.render.degrade import as_sent
from reid.render.vehicles.bodies import MARK_SHARES, TYPE_OF_BODY, Vehicle, can_carry, make_model, make_vehicle
from reid.vehicle import COLOURS, Image

BODIES = tuple(TYPE_OF_BODY)
MARKS = (*MARK_SHARES, "ladder", "passenger")
"""What a label tells beside the body: the marks of the renderer, and what it builds besides."""

DRAWN_SHARE = 0.22
"""Each mark is drawn on this share of those that can carry it, so that the rare ones are learned and measured."""

_AT_ONCE = 64
_BUILT_NOT_PAINTED = ("load", "ladder", "passenger")


@dataclass(frozen=True, slots=True)
class MarkedOptions:
    """What to draw: `vehicles`, each of its own model, past `shots` of the `cameras`."""

    seed: int
    vehicles: int
    cameras: int = 400
    shots: int = 4
    size_px: int = 160


@dataclass(frozen=True, slots=True)
class MarkedVectors:
    """Vectors (n, d) of crops, with labels (n,); `marks` and `can_carry` are (n, marks).

    `size_px` is the side of a square of the picture's area.
    """

    vectors: Vectors
    vehicle: Ints
    camera: Ints
    body: Ints
    colour: Ints
    heading_deg: AnyFloats
    size_px: AnyFloats
    marks: Flags
    can_carry: Flags

    def take(self, rows: Flags | Ints) -> "MarkedVectors":
        """Return these rows."""
        return MarkedVectors(*(getattr(self, field.name)[rows] for field in fields(self)))


def marked_vehicle(seed: int, number: int) -> Vehicle:
    """Return vehicle `number`: any body as likely as any other, each mark on DRAWN_SHARE of them."""
    rng = np.random.default_rng([seed, number, 121])
    body = BODIES[int(rng.integers(len(BODIES)))]
    chances = rng.random(len(MARK_SHARES))
    marks = tuple(
        mark
        for mark, chance in zip(MARK_SHARES, chances, strict=True)
        if chance < DRAWN_SHARE and can_carry(mark, body)
    )
    model = make_model(int(rng.integers(2**31)), body)
    return make_vehicle(int(rng.integers(2**31)), model, marks=marks)


def can_have(mark: str, body: str) -> bool:
    """Return whether vehicles of a body can have a mark."""
    if mark == "passenger":
        return TYPE_OF_BODY[body] == "motorcycle"
    return can_carry("roof rack" if mark == "ladder" else mark, body)


def draw_marked(options: MarkedOptions, number: int) -> tuple[Image, dict[str, object]]:
    """Draw crop `number`, with its labels by the names of MarkedVectors."""
    vehicle_number = number // options.shots
    vehicle = marked_vehicle(options.seed, vehicle_number)
    crops = RenderedCropOptions(seed=options.seed, size_px=options.size_px, cameras=options.cameras)
    rng = np.random.default_rng([options.seed, number, 122])
    camera_number = int(rng.integers(options.cameras))
    camera = camera_of(crops, camera_number)
    heading_deg = (camera.heading_deg + float(rng.normal(0, 5))) % 360
    staged = stage_vehicle(vehicle, camera, heading_deg, options.size_px, rng)
    sent = as_sent(cut_box(staged.picture, staged.layer, rng), camera.sensor, camera.resolution_px, rng)
    body = vehicle.model.body
    return sent, {
        "vehicle": vehicle_number,
        "camera": camera_number,
        "body": BODIES.index(body),
        "colour": COLOURS.index(vehicle.colour),
        "heading_deg": heading_deg,
        "size_px": float(np.sqrt(sent.shape[0] * sent.shape[1])),
        "marks": _truth(vehicle, staged.solid.details),
        "can_carry": [can_have(mark, body) for mark in MARKS],
    }


def marked_vectors(options: MarkedOptions, embedder: Embedder, report: Callable[[int, int], None]) -> MarkedVectors:
    """Draw all crops and embed them; `report` gets how many are done, of how many."""
    count = options.vehicles * options.shots
    vectors: list[Vectors] = []
    labels: list[dict[str, object]] = []
    for first in range(0, count, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, count))
        pictures, told = zip(*(draw_marked(options, number) for number in numbers), strict=True)
        vectors.append(embedder.embed(pictures))
        labels.extend(told)
        report(numbers.stop, count)
    return MarkedVectors(
        np.concatenate(vectors),
        *(np.array([label[field.name] for label in labels]) for field in fields(MarkedVectors)[1:]),
    )


def _truth(vehicle: Vehicle, details: frozenset[str]) -> list[bool]:
    """Return which marks are to be seen: a load is built only where there is room for it."""
    told = {mark for mark in vehicle.marks if mark not in _BUILT_NOT_PAINTED} | details
    return [mark in told for mark in MARKS]
