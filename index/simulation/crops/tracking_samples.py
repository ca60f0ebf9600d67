"""Keep how the pipeline tracked the passages of filmed cities: missed, whole or in pieces, and with which boxes.

A passage of a city from crops borrows how it is tracked from a filmed passage of similar height, light and visibility,
that came or went as it does.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import ArchiveError
from index.simulation.truth import TrueBox
from reid.arrays import Floats

PACKAGED = Path(__file__).with_name("tracking_samples.json")
LEAST_PX, LEAST_VISIBLE = 20, 0.35
"""Smaller and more hidden boxes are not expected to be found."""
ENOUGH_FRAMES = 8
"""A vehicle is as well seen as in the frames in which it is seen best, of this number."""
NEAREST = 12
"""A passage borrows from one of so many filmed ones that are most like it."""
HIDDEN_WEIGHT = 1.5
"""How much the hidden share counts beside the logarithm of the height."""
NEAR_WEIGHT = 1.0
"""How much counts when it is near, as a share of its time: of one that leaves, the end of a track is far away."""
LIGHTS: Mapping[str, str] = {
    "sun": "day",
    "cloud": "day",
    "low sun": "dim",
    "rain": "dim",
    "fog": "dim",
    "dusk": "dark",
    "night": "dark",
    "dust": "dim",
    "snow": "dim",
    "last sun": "dim",
}

BoxError = tuple[float, float, float, float]
"""How far the left, top, right and bottom side of a box are off, in widths and heights of the true box."""


@dataclass(frozen=True, slots=True)
class PassageLook:
    """How well a passage can be seen: its height over enough frames, the share of time it is hidden, the light.

    `near` is when it is the tallest, as a share of its time: about 0 of one that leaves, about 1 of one that comes.
    """

    height_px: float
    hidden: float
    light: str
    near: float


@dataclass(frozen=True, slots=True)
class TrackSample:
    """One track of a filmed passage: begin and end as shares of the time that the vehicle can be seen.

    `score` is the detector's mean score, `errors` are those of the boxes of its pictures, the largest first.
    """

    first: float
    last: float
    score: float
    errors: tuple[BoxError, ...]


@dataclass(frozen=True, slots=True)
class PassageSample:
    """How one filmed passage looked, and its tracks: none where it was missed, several where it came in pieces."""

    look: PassageLook
    tracks: tuple[TrackSample, ...]


@dataclass(frozen=True, slots=True)
class SamplesOrigin:
    """What samples were taken from: the date, the cities' seeds, and the models."""

    made: str
    seeds: tuple[int, ...]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrackingSamples:
    """The samples of passages, and the tracks that show no vehicle as such, by light, placed by the nearest vehicle."""

    passages: tuple[PassageSample, ...]
    phantoms: Mapping[str, tuple[TrackSample, ...]]
    origin: SamplesOrigin

    def like(self, look: PassageLook, rng: np.random.Generator) -> PassageSample:
        """Draw one of the samples that look most like a passage."""
        same = [sample for sample in self.passages if sample.look.light == look.light] or list(self.passages)
        heights, hidden, near = _columns([sample.look for sample in same])
        apart = np.abs(heights - np.log(look.height_px)) + HIDDEN_WEIGHT * np.abs(hidden - look.hidden)
        apart += NEAR_WEIGHT * np.abs(near - look.near)
        nearest = np.argsort(apart, kind="stable")[:NEAREST]
        return same[int(nearest[int(rng.integers(len(nearest)))])]

    def phantom(self, light: str, rng: np.random.Generator) -> TrackSample | None:
        """Draw the phantom that a passage of a light causes, mostly None."""
        passages = sum(sample.look.light == light for sample in self.passages)
        known = self.phantoms.get(light, ()) if passages else [t for of in self.phantoms.values() for t in of]
        number = int(rng.integers(max(1, passages or len(self.passages))))
        return known[number] if number < len(known) else None

    def save(self, path: Path) -> None:
        """Write them as JSON, one sample a line."""
        lines = [json.dumps(_passage_row(sample)) for sample in self.passages]
        phantoms = {light: [_track_row(track) for track in tracks] for light, tracks in sorted(self.phantoms.items())}
        origin = {"made": self.origin.made, "seeds": self.origin.seeds, "models": self.origin.models}
        path.write_text(
            '{"about": "taken by `retrace city fit-crops` from filmed cities",\n'
            f'"origin": {json.dumps(origin)},\n"phantoms": {json.dumps(phantoms)},\n'
            '"passages": [\n' + ",\n".join(lines) + "\n]}\n",
            encoding="utf-8",
        )

    @classmethod
    def load(cls, path: Path) -> "TrackingSamples":
        """Read what `save` wrote."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            origin = document["origin"]
            return cls(
                tuple(
                    PassageSample(PassageLook(height, hidden, light, near), tuple(map(_track, tracks)))
                    for height, hidden, light, near, tracks in document["passages"]
                ),
                {light: tuple(map(_track, tracks)) for light, tracks in document["phantoms"].items()},
                SamplesOrigin(origin["made"], tuple(origin["seeds"]), tuple(origin["models"])),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArchiveError(f"{path} holds no samples of tracking ({error}): run 'retrace city fit-crops'") from None


@cache
def packaged_samples() -> TrackingSamples:
    """Return the samples packaged with Retrace."""
    return TrackingSamples.load(PACKAGED)


def shown_boxes(boxes: Sequence[TrueBox]) -> list[TrueBox]:
    """Return the boxes of a passage that a detector can be expected to find."""
    return [box for box in boxes if box.h >= LEAST_PX and box.visible >= LEAST_VISIBLE]


def look_of(boxes: Sequence[TrueBox], weather: str) -> PassageLook | None:
    """Return how well a passage can be seen by its true boxes, None if it cannot be."""
    shown = shown_boxes(boxes)
    large = [box for box in boxes if box.h >= LEAST_PX]
    if len(shown) < 2:
        return None
    heights = sorted((box.h * box.visible**0.5 for box in shown), reverse=True)
    enough = min(len(heights), ENOUGH_FRAMES)
    hidden = float(np.mean([1 - box.visible for box in large]))
    return PassageLook(heights[enough - 1] * enough / ENOUGH_FRAMES, hidden, LIGHTS[weather], _near(shown))


def _near(shown: Sequence[TrueBox]) -> float:
    """Return when a vehicle is the tallest, as a share of its time; the tallest boxes count by far the most."""
    frames, heights = np.array([box.frame for box in shown]), np.array([box.h for box in shown], dtype=np.float64)
    middle = float(np.average(frames, weights=(heights / heights.max()) ** 4))
    return (middle - float(frames[0])) / max(1.0, float(frames[-1] - frames[0]))


def _columns(looks: Sequence[PassageLook]) -> tuple[Floats, Floats, Floats]:
    hidden, near = np.array([look.hidden for look in looks]), np.array([look.near for look in looks])
    return np.log([look.height_px for look in looks]), hidden, near


def _passage_row(sample: PassageSample) -> list[object]:
    look = sample.look
    tracks = [_track_row(track) for track in sample.tracks]
    return [round(look.height_px, 1), round(look.hidden, 3), look.light, round(look.near, 3), tracks]


def _track_row(track: TrackSample) -> list[object]:
    errors = [[round(side, 3) for side in error] for error in track.errors]
    return [round(track.first, 3), round(track.last, 3), round(track.score, 3), errors]


def _track(row: Sequence[Any]) -> TrackSample:
    first, last, score, errors = row
    return TrackSample(first, last, score, tuple((left, top, right, bottom) for left, top, right, bottom in errors))
