"""Define the plain values that describe a vehicle in footage: boxes, tracks, shots, plates, attributes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

VEHICLE_TYPES = ("car", "van", "truck", "bus", "motorcycle")


RIDDEN = ("motorcycle", "bicycle")
"""Vehicles narrow enough to be seen whole in front of a larger one."""


COLOURS = ("white", "black", "grey", "silver", "blue", "red", "green", "brown", "beige", "yellow", "orange")


Image: TypeAlias = npt.NDArray[np.uint8]
"""(height, width, 3) RGB pixels."""


Corners: TypeAlias = tuple[tuple[float, float], ...]
"""Four (x, y) pixel corners: top left, top right, bottom right, bottom left."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, from its top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Detection:
    """A vehicle in one frame; `label` is one of VEHICLE_TYPES or "bicycle", None where the detector cannot tell."""

    box: Box
    score: float
    label: str | None = None


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """A tracked vehicle in one frame; `time_s` counts from the start of the footage."""

    frame: int
    time_s: float
    box: Box
    score: float
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """One vehicle tracked through consecutive frames; `in_sight_s` is when it appeared if it stood before it drove."""

    number: int
    points: tuple[TrackPoint, ...]
    in_sight_s: float | None = None

    @property
    def appeared_s(self) -> float:
        """Return when the vehicle came into sight, in seconds of footage, even if it only stood there."""
        return self.first_s if self.in_sight_s is None else self.in_sight_s

    @property
    def first_s(self) -> float:
        """Return when the vehicle was first seen, in seconds of footage."""
        return self.points[0].time_s

    @property
    def was_parked(self) -> bool:
        """Say whether it stood in sight for long before it set off."""
        return self.appeared_s < self.first_s

    @property
    def last_s(self) -> float:
        """Return when the vehicle was last seen, in seconds of footage."""
        return self.points[-1].time_s


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of a tracked vehicle: `image` is the pixels of `box`, cut from the full frame."""

    frame: int
    time_s: float
    box: Box
    image: Image
    sharpness: float


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate in a picture: `characters[i]` maps a character to its probability; `text` is None if it is unreadable."""

    box: Box
    corners: Corners
    text: str | None
    confidence: float
    characters: tuple[Mapping[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Attributes:
    """Probabilities over VEHICLE_TYPES and COLOURS; `heading_deg` is the direction of driving in the picture.

    It counts clockwise from straight away from the camera (0): 90 to the right, 180 towards the camera.
    """

    types: Mapping[str, float]
    colours: Mapping[str, float]
    heading_deg: float | None = None

    @property
    def type(self) -> str | None:
        """Return the most probable type."""
        return max(self.types, key=self.types.__getitem__, default=None)

    @property
    def colour(self) -> str | None:
        """Return the most probable colour."""
        return max(self.colours, key=self.colours.__getitem__, default=None)


Grey = npt.NDArray[np.uint8]
"""(h, w)."""
