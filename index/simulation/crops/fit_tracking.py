"""Take samples of tracking from filmed cities: compare the archive's tracks with the true boxes."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from index.errors import ArchiveError
from index.records import Sighting
from index.simulation import truth
from index.simulation.crops.tracking_samples import (
    LIGHTS,
    BoxError,
    PassageSample,
    SamplesOrigin,
    TrackingSamples,
    TrackSample,
    look_of,
    shown_boxes,
)
from index.simulation.match_archive import CityTruth, match_archive, read_truth
from index.simulation.options import fitting_seed
from index.simulation.truth import SCENERY, TrueBox, TruePassage, TrueSighting, TrueWeather
from index.store.archive import Archive
from index.store.catalogue import models
from index.store.catalogue import sightings as catalogue_sightings
from reid.vehicle import Box, TrackPoint

FARTHEST = 3.0
"""A phantom farther than this from every vehicle, in its widths or heights, is not placed by any."""

Progress = Callable[[str], None]
Boxes = Sequence[TrueBox]


@dataclass(frozen=True, slots=True)
class FilmedTracks:
    """The tracks and true boxes of one city: boxes by passage, and those of a camera around each moment."""

    city_truth: CityTruth
    weather_of: Mapping[str, str]
    boxes_of: Mapping[str, Boxes]
    by_moment: Mapping[tuple[str, datetime], Boxes]
    points_of: Mapping[str, tuple[TrackPoint, ...]]


def fit_tracking(cities: Sequence[Path], progress: Progress | None = None) -> TrackingSamples:
    """Return the samples of filmed cities; the archive of each is its folder's `archive`."""
    say = progress or (lambda line: None)
    passages: list[PassageSample] = []
    phantoms: dict[str, list[TrackSample]] = defaultdict(list)
    used: set[str] = set()
    seeds = tuple(fitting_seed(city) for city in cities)
    for city in cities:
        if truth.has(city, TrueSighting):
            raise ArchiveError(f"{city} was not filmed: samples of tracking are taken from cities that were")
        with Archive.open(city / "archive") as archive:
            found, invented = _of_city(archive, city)
            with archive.catalogue.reading() as connection:
                used |= {model.id for model in models.listing(connection)}
        passages += found
        for light, track in invented:
            phantoms[light].append(track)
        say(f"{city}: {len(found)} passages, {sum(not p.tracks for p in found)} missed, {len(invented)} phantoms")
    made = datetime.now(UTC).date().isoformat()
    return TrackingSamples(
        tuple(passages),
        {light: tuple(tracks) for light, tracks in phantoms.items()},
        SamplesOrigin(made, seeds, tuple(sorted(used))),
    )


def _of_city(archive: Archive, city: Path) -> tuple[list[PassageSample], list[tuple[str, TrackSample]]]:
    """Return the samples of a city's passages, and of its phantoms with their light."""
    city_truth = read_truth(city)
    matched = match_archive(archive, city, city_truth)
    tracks = _filmed_tracks(archive, city, city_truth, [sighting.id for sighting in matched.sightings])
    by_passage: dict[str, list[Sighting]] = defaultdict(list)
    phantoms = []
    for sighting in matched.sightings:
        match = matched.matches[sighting.id]
        if match.passage is not None:
            by_passage[match.passage].append(sighting)
        elif match.vehicle is None and (track := _phantom(sighting, tracks)) is not None:
            phantoms.append((LIGHTS[tracks.weather_of[sighting.camera]], track))
    samples = []
    for passage in city_truth.passages:
        boxes = tracks.boxes_of.get(passage.passage, ())
        look = look_of(boxes, tracks.weather_of[passage.camera])
        if look is not None:
            found = (_track(sighting, passage.vehicle, boxes, tracks) for sighting in by_passage[passage.passage])
            samples.append(PassageSample(look, tuple(track for track in found if track is not None)))
    return samples, phantoms


def _filmed_tracks(archive: Archive, city: Path, city_truth: CityTruth, ids: Sequence[str]) -> FilmedTracks:
    camera_of = {row.path: row.camera for row in truth.read(city, truth.FootageRow)}
    passages: dict[tuple[str, str], list[TruePassage]] = defaultdict(list)
    for passage in city_truth.passages:
        passages[passage.camera, passage.vehicle].append(passage)
    boxes_of: dict[str, list[TrueBox]] = defaultdict(list)
    by_moment: dict[tuple[str, datetime], list[TrueBox]] = defaultdict(list)
    for box in truth.read(city, TrueBox):
        camera = camera_of[box.video]
        by_moment[camera, _moment(box.time)].append(box)
        for passage in passages[camera, box.vehicle]:
            if passage.first <= box.time <= passage.last:
                boxes_of[passage.passage].append(box)
    with archive.catalogue.reading() as connection:
        points = catalogue_sightings.tracks(connection, ids)
    weather_of = {row.camera: row.weather for row in truth.read(city, TrueWeather)}
    return FilmedTracks(city_truth, weather_of, boxes_of, by_moment, points)


def _moment(time: datetime) -> datetime:
    """Return the time to the nearest millisecond, by which frames and shots are joined."""
    return time.replace(microsecond=0) + timedelta(milliseconds=round(time.microsecond / 1000))


def _track(sighting: Sighting, vehicle: str, boxes: Boxes, tracks: FilmedTracks) -> TrackSample | None:
    """Return a sighting as a track of the vehicle with these boxes, None if no picture shows it."""
    shown = shown_boxes(boxes)
    ahead = timedelta(seconds=tracks.city_truth.clocks[sighting.camera])
    errors = []
    for shot in sighting.shots:
        at_moment = tracks.by_moment.get((sighting.camera, _moment(shot.time - ahead)), ())
        true = next((box for box in at_moment if box.vehicle == vehicle), None)
        if true is not None and true.w > 0 and true.h > 0:
            errors.append((true.h, _error(shot.box, true)))
    if not errors or len(shown) < 2:
        return None
    began, whole_s = shown[0].time, (shown[-1].time - shown[0].time).total_seconds()
    shares = [(time - ahead - began).total_seconds() / whole_s for time in (sighting.first, sighting.last)]
    first, last = (float(np.clip(share, -0.2, 1.2)) for share in shares)
    score = float(np.mean([point.score for point in tracks.points_of[sighting.id]]))
    ordered = sorted(errors, key=lambda error: -error[0])
    return TrackSample(first, last, score, tuple(error for _, error in ordered))


def _phantom(sighting: Sighting, tracks: FilmedTracks) -> TrackSample | None:
    """Return a phantom as a track of the vehicle that is nearest to it, None if there is none near."""
    ahead = timedelta(seconds=tracks.city_truth.clocks[sighting.camera])
    shot = sighting.shots[0]
    at_moment = tracks.by_moment.get((sighting.camera, _moment(shot.time - ahead)), ())
    near = [box for box in at_moment if not box.vehicle.startswith(SCENERY) and _apart(shot.box, box) <= FARTHEST]
    if not near:
        return None
    vehicle = min(near, key=lambda box: (_apart(shot.box, box), box.vehicle)).vehicle
    time = sighting.best - ahead
    passages = [p for p in tracks.city_truth.passages if p.camera == sighting.camera and p.vehicle == vehicle]
    passage = next((p for p in passages if p.first <= time <= p.last), None)
    return _track(sighting, vehicle, tracks.boxes_of[passage.passage], tracks) if passage else None


def _apart(box: Box, true: TrueBox) -> float:
    """Return the distance of two boxes' middles in widths or heights of the true one, whichever is more."""
    across = abs(box.x + box.width / 2 - true.x - true.w / 2) / max(true.w, 1)
    return max(across, abs(box.y + box.height / 2 - true.y - true.h / 2) / max(true.h, 1))


def _error(box: Box, true: TrueBox) -> BoxError:
    right, bottom = box.x + box.width, box.y + box.height
    return (
        (box.x - true.x) / true.w,
        (box.y - true.y) / true.h,
        (right - true.x - true.w) / true.w,
        (bottom - true.y - true.h) / true.h,
    )
