"""Equip the cameras of a city: what each looks at, its weather, noise and clock, and when it films."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from index.simulation.options import CityOptions
from index.simulation.presets import Preset
from index.simulation.siting import Spot
from index.simulation.truth import FootageRow, TrueWeather
from reid.render.scene import SiteOptions
from reid.render.street.street import OVERVIEW, PLATE
from reid.video_writer import TICKS_PER_S
from roadgraph.camera import Camera

Floats = npt.NDArray[np.float64]

_NARROW_DEG, _STRAIGHT_DEG, _OBLIQUE_DEG = (2.0, 14.0), (3.0, 30.0), (40.0, 75.0)
"""How far from straight ahead vehicles drive in pictures: of plate cameras, most others, and some that look across."""
_OBLIQUE_SHARE = 0.25
_PLATE_CAMERA_EVERY = 2
"""Every second camera is a narrow one that looks at plates."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch of time that one camera films into one video; `from_s` counts from the start of the period.

    `frames` would come at even times; `wander_s` is the spread of how early or late they are, and `dropped_share` of
    them are lost.
    """

    video: str
    from_s: float
    frames: int
    wander_s: float = 0.0
    dropped_share: float = 0.0

    def frame_times_s(self, fps: float, seed: int) -> Floats:
        """Return when each frame of the video was taken, in seconds of the period, to the tick of its time stamps.

        The first one is there and on time; none is further from its even time than 0.4 frames.
        """
        rng = np.random.default_rng([seed, 97, round(self.from_s * 1000)])
        late_s = np.clip(rng.normal(0, self.wander_s, self.frames), -0.4 / fps, 0.4 / fps)
        is_kept = rng.random(self.frames) >= self.dropped_share
        late_s[0], is_kept[0] = 0.0, True
        shown_s = (np.arange(self.frames) / fps + late_s)[is_kept]
        return self.from_s + np.round(shown_s * TICKS_PER_S) / TICKS_PER_S


@dataclass(frozen=True, slots=True)
class Station:
    """A camera with all that it has; its clock is `clock_s` ahead of true time."""

    camera: Camera
    site_seed: int
    site: SiteOptions
    clock_s: float
    shifts: tuple[Shift, ...]

    @property
    def weather(self) -> TrueWeather:
        """Return what its pictures suffer from."""
        return TrueWeather(self.camera.id, self.site.weather, self.site.kind)

    def footage(self, start: datetime) -> list[FootageRow]:
        """Return its videos, on its own clock; `start` is when the period begins in true time."""
        ahead = start + timedelta(seconds=self.clock_s)
        return [FootageRow(s.video, self.camera.id, ahead + timedelta(seconds=s.from_s)) for s in self.shifts]


def equip(spots: Sequence[Spot], options: CityOptions, preset: Preset) -> tuple[Station, ...]:
    """Return the city's cameras at their places."""
    rng = np.random.default_rng([options.seed, 4])
    return tuple(_station(number, spot, options, preset, rng) for number, spot in enumerate(spots))


def cameras_geojson(stations: Sequence[Station]) -> str:
    """Return the cameras as GeoJSON points with id and bearing."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [station.camera.lon, station.camera.lat]},
            "properties": {"id": station.camera.id, "bearing": station.camera.bearing_deg, "kind": station.site.kind},
        }
        for station in stations
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1) + "\n"


def _station(number: int, spot: Spot, options: CityOptions, preset: Preset, rng: np.random.Generator) -> Station:
    name = f"cam{number + 1:02d}"
    weather = preset.weathers[int(rng.integers(len(preset.weathers)))]
    is_narrow = number % _PLATE_CAMERA_EVERY == _PLATE_CAMERA_EVERY - 1
    askew_deg = _OBLIQUE_DEG if rng.random() < _OBLIQUE_SHARE else _STRAIGHT_DEG
    askew_deg = _NARROW_DEG if is_narrow else askew_deg
    heading_deg = round(float(rng.uniform(*askew_deg)) * int(rng.choice([-1, 1])), 1)
    site = SiteOptions(
        width=options.width,
        height=options.height,
        kind=PLATE if is_narrow else OVERVIEW,
        heading_deg=heading_deg,
        weather=weather,
        shakes=bool(rng.random() < preset.shake_share),
    )
    return Station(
        camera=spot.camera(name, heading_deg),
        site_seed=int(rng.integers(2**31)),
        site=site,
        clock_s=round(float(rng.uniform(-1, 1)) * preset.clock_error_s, 2),
        shifts=_shifts(name, options, preset, is_down=bool(rng.random() < preset.outage_share)),
    )


def _shifts(name: str, options: CityOptions, preset: Preset, *, is_down: bool) -> tuple[Shift, ...]:
    """Return the one video of the period, or the two around an outage in its middle."""
    faults = preset.wander_s, preset.dropped_share
    if not is_down or options.frames < 10:
        return (Shift(f"{name}.mp4", 0.0, options.frames, *faults),)
    off, on = round(0.4 * options.frames), round(0.6 * options.frames)
    return (
        Shift(f"{name}-a.mp4", 0.0, off, *faults),
        Shift(f"{name}-b.mp4", on / options.fps, options.frames - on, *faults),
    )
