"""Choose where a city's cameras stand and equip them: view, weather, clock, and what each records."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from scipy.sparse import csr_array

from index.errors import ArchiveError
from index.simulation.options import CityOptions, Preset
from index.simulation.truth import FootageRow, TrueMiss, TrueWeather
from reid.arrays import Floats, Rows
from reid.render.scene import SiteOptions
from reid.render.street.street import OVERVIEW, PLATE
from reid.video.writer import TICKS_PER_S
from roadgraph.arrays import Ints32
from roadgraph.camera import AHEAD_M, Camera
from roadgraph.geometry import LocalPlane, bearing_deg
from roadgraph.graph import RoadGraph
from roadgraph.traffic import Trip

SHORTEST_ROAD_M = 90.0
"""A camera needs this much road before the next junction."""
APART_M = 220.0
SAMPLE = 5000
"""This many vehicles are enough to show where the traffic is."""
_NARROW_DEG, _STRAIGHT_DEG, _OBLIQUE_DEG = (2.0, 14.0), (3.0, 30.0), (40.0, 75.0)
"""How far vehicles' headings are from straight ahead: for plate cameras, most others, and some oblique ones."""
_OBLIQUE_SHARE = 0.25
DAY_S = 86_400.0
_PLATE_CAMERA_EVERY = 2
"""Every second camera is a narrow one that looks at plates."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point of a road for a camera to look at, and the road's bearing there."""

    lat: float
    lon: float
    road_bearing_deg: float

    def camera(self, name: str, heading_deg: float) -> Camera:
        """Return the camera that looks at the point such that vehicles on the road have this heading in its picture."""
        bearing_deg = round((self.road_bearing_deg - heading_deg) % 360, 1)
        turn = np.radians(bearing_deg)
        pole_m = -AHEAD_M * np.array([np.sin(turn), np.cos(turn)])
        lat, lon = LocalPlane(self.lat, self.lon).to_latlon(pole_m)[0]
        return Camera(name, round(float(lat), 7), round(float(lon), 7), bearing_deg)


def choose_spots(
    graph: RoadGraph, trips: Sequence[Trip], period_s: tuple[float, float], n: int, seed: int
) -> list[Spot]:
    """Return places for `n` cameras, chosen greedily: a vehicle's first passage is worth 1, each further one 2."""
    road_of_edge = graph.road_of_edge
    roads = np.flatnonzero((road_of_edge == np.arange(graph.edges)) & (graph.edge_length_m >= SHORTEST_ROAD_M))
    if len(roads) < n:
        raise ArchiveError(f"{n} cameras are asked for but only {len(roads)} roads are long enough: ask for fewer")
    middles = graph.plane.to_xy(*np.array([graph.position(int(r), graph.edge_length_m[r] / 2) for r in roads]).T)
    counts = _road_counts(trips, period_s, road_of_edge, roads)
    passes, is_passed = counts.sum(axis=0), (counts > 0).astype(float)
    unseen, far, left = np.ones(counts.shape[0]), np.ones(len(roads), bool), np.ones(len(roads), bool)
    chosen: list[int] = []
    while len(chosen) < n:
        gain = 2 * passes - unseen @ is_passed
        best = int(np.argmax(np.where(far if far.any() else left, gain, -1.0)))
        chosen.append(best)
        unseen[counts[:, [best]].nonzero()[0]] = 0.0
        left[best] = False
        far &= (np.hypot(*(middles - middles[best]).T) > APART_M) & left
    rng = np.random.default_rng([seed, 3])
    return [_spot(graph, int(roads[i]), rng) for i in chosen]


@dataclass(frozen=True, slots=True)
class Recording:
    """A stretch of time that one camera films into one video; `from_s` counts from the start of the period.

    Of `frames` frames at even times, each comes early or late with a standard deviation of `wander_s`, and
    `dropped_share` of them are lost.
    """

    video: str
    from_s: float
    frames: int
    wander_s: float = 0.0
    dropped_share: float = 0.0

    def frame_times_s(self, fps: float, seed: int) -> Floats:
        """Return the time of each frame in seconds of the period, rounded to the ticks of video time stamps.

        The first frame is never lost and on time; every other is within 0.4 frames of its even time.
        """
        rng = np.random.default_rng([seed, 97, round(self.from_s * 1000)])
        late_s = np.clip(rng.normal(0, self.wander_s, self.frames), -0.4 / fps, 0.4 / fps)
        is_kept = rng.random(self.frames) >= self.dropped_share
        late_s[0], is_kept[0] = 0.0, True
        shown_s = (np.arange(self.frames) / fps + late_s)[is_kept]
        return self.from_s + np.round(shown_s * TICKS_PER_S) / TICKS_PER_S


@dataclass(frozen=True, slots=True)
class Station:
    """A camera with its view and recordings; its clock is `clock_s` ahead of true time when the period begins.

    Of each second that it shows, `drift` is gained.
    """

    camera: Camera
    site_seed: int
    site: SiteOptions
    clock_s: float
    recordings: tuple[Recording, ...]
    drift: float = 0.0

    def films_at(self, at_s: float, fps: float) -> bool:
        """Return whether it films at a second of the period."""
        return any(one.from_s <= at_s < one.from_s + one.frames / fps for one in self.recordings)

    def miss(self, vehicle: str, at_s: float, options: CityOptions, start: datetime) -> TrueMiss | None:
        """Return that it missed a vehicle that passed at a second of the period, unless it filmed then."""
        if not 0 <= at_s < options.period_s or self.films_at(at_s, options.fps):
            return None
        return TrueMiss(vehicle, self.camera.id, start + timedelta(seconds=round(at_s, 3)))

    def shown_at(self, time: datetime, start: datetime) -> datetime:
        """Return what its clock shows at a true time; the period begins at `start`."""
        return start + timedelta(seconds=self.clock_s) + (time - start) / (1 - self.drift)

    @property
    def weather(self) -> TrueWeather:
        """Return the camera's row of the weather truth."""
        return TrueWeather(self.camera.id, self.site.weather, self.site.kind)

    def footage(self, start: datetime) -> list[FootageRow]:
        """Return its videos by its own clock; `start` is the beginning of the period in true time."""
        ahead = start + timedelta(seconds=self.clock_s)
        return [FootageRow(s.video, self.camera.id, ahead + timedelta(seconds=s.from_s)) for s in self.recordings]


def equip_stations(spots: Sequence[Spot], options: CityOptions, preset: Preset) -> tuple[Station, ...]:
    """Return the stations of a city, one at each spot."""
    rng = np.random.default_rng([options.seed, 4])
    drifts = _drifts(options, len(spots))
    stations = (_station(number, spot, options, preset, rng) for number, spot in enumerate(spots))
    return tuple(replace(station, drift=drift) for station, drift in zip(stations, drifts, strict=True))


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


def _road_counts(trips: Sequence[Trip], period_s: tuple[float, float], road_of_edge: Ints32, roads: Rows) -> csr_array:
    """Return how often each vehicle drives each road in the period, (vehicles, roads)."""
    column = np.full(len(road_of_edge), -1)
    column[roads] = np.arange(len(roads))
    sample = [trip for trip in trips if trip.vehicle < SAMPLE]
    if not sample:
        raise ArchiveError("nobody drives anywhere: the map is too small, give one with more roads")
    edges = np.concatenate([trip.edges for trip in sample])
    vehicles = np.repeat([trip.vehicle for trip in sample], [len(trip.edges) for trip in sample])
    times_s = np.concatenate([(trip.enter_s + trip.exit_s) / 2 for trip in sample])
    columns = column[road_of_edge[edges]]
    counted = (times_s >= period_s[0]) & (times_s < period_s[1]) & (columns >= 0)
    shape = int(vehicles.max()) + 1, len(roads)
    return csr_array((np.ones(int(counted.sum())), (vehicles[counted], columns[counted])), shape=shape)


def _spot(graph: RoadGraph, road: int, rng: np.random.Generator) -> Spot:
    """Return the spot in the middle of a road, in a random one of its directions."""
    reverse = int(graph.edge_reverse[road])
    edge = reverse if reverse >= 0 and rng.random() < 0.5 else road
    length_m = float(graph.edge_length_m[edge])
    ends = [graph.position(edge, length_m * share) for share in (0.35, 0.5, 0.65)]
    (before, _, behind), (lat, lon) = ends, ends[1]
    return Spot(lat, lon, float(bearing_deg(*before, *behind)))


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
        foreign=preset.foreign,
    )
    return Station(
        camera=spot.camera(name, heading_deg),
        site_seed=int(rng.integers(2**31)),
        site=site,
        clock_s=round(float(rng.uniform(-1, 1)) * preset.clock_error_s, 2),
        recordings=_recordings(name, options, preset, is_down=bool(rng.random() < preset.outage_share)),
    )


def _drifts(options: CityOptions, n: int) -> list[float]:
    """Return the drift of each clock: a day's of all, and that of cameras that lie about their rate of frames."""
    rng = np.random.default_rng([options.seed, 11])
    drifts = rng.uniform(-1, 1, n) * options.drift_s_per_day / DAY_S
    wrong = rng.permutation(n) < round(options.wrong_rates * n)
    return [float(drift) for drift in drifts + wrong * rng.uniform(-1, 1, n) * options.rate_error]


def _recordings(name: str, options: CityOptions, preset: Preset, *, is_down: bool) -> tuple[Recording, ...]:
    """Return the video of the whole period, or the two around an outage in its middle."""
    faults = preset.wander_s, preset.dropped_share
    if not is_down or options.frames < 10:
        return (Recording(f"{name}.mp4", 0.0, options.frames, *faults),)
    off, on = round(0.4 * options.frames), round(0.6 * options.frames)
    return (
        Recording(f"{name}-a.mp4", 0.0, off, *faults),
        Recording(f"{name}-b.mp4", on / options.fps, options.frames - on, *faults),
    )
