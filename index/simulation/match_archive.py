"""Match an archive's sightings of a city with the city's truth."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from index.errors import ArchiveError
from index.ingest.file_identity import sha256_of
from index.records import Sighting
from index.simulation import truth
from index.simulation.matching import (
    IdentityFrames,
    Match,
    SightingTrack,
    TruthFrames,
    identity_frames,
    match_track,
)
from index.simulation.questions import KnownSighting
from index.simulation.truth import (
    FootageRow,
    TrueBox,
    TrueClock,
    TrueDrift,
    TrueMiss,
    TruePassage,
    TrueSighting,
    TrueVehicle,
)
from index.store.archive import Archive
from index.store.catalogue import sightings as catalogue_sightings
from index.store.catalogue.sightings import SightingFilter
from reid.video.timeline import read_timeline

FRAME_STEPS_S = (1.0, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05)
"""Usual values of `ingest --every`: seconds from one analysed frame to the next."""


@dataclass(frozen=True, slots=True)
class CityTruth:
    """A city's truth without the boxes; `clocks` maps a camera to the seconds its clock is ahead at the start.

    `drifts` has what clocks gain from there on, in a city where some do; `missed` who passed while a camera was off.
    """

    vehicles: Mapping[str, TrueVehicle]
    passages: tuple[TruePassage, ...]
    clocks: Mapping[str, float]
    drifts: Mapping[str, TrueDrift] = field(default_factory=dict)
    missed: tuple[TrueMiss, ...] = ()

    def true_time(self, camera: str, shown: datetime) -> datetime:
        """Return the true time when a camera's clock shows a time."""
        gained = self.drifts[camera].gained(shown) if camera in self.drifts else timedelta(0)
        return shown - timedelta(seconds=self.clocks[camera]) - gained


@dataclass(frozen=True, slots=True)
class MatchedArchive:
    """The archive's sightings of a city with their matches by id; `identities` is None for a city without video."""

    sightings: tuple[Sighting, ...]
    matches: Mapping[str, Match]
    identities: tuple[IdentityFrames, ...] | None

    def known_sightings(self, city_truth: CityTruth) -> list[KnownSighting]:
        """Return the sightings with their matches, at true time."""
        return [
            KnownSighting(self.matches[s.id], s.camera, city_truth.true_time(s.camera, s.best)) for s in self.sightings
        ]


def read_truth(city: Path) -> CityTruth:
    """Read a city's truth without the boxes."""
    return CityTruth(
        {vehicle.vehicle: vehicle for vehicle in truth.read(city, TrueVehicle)},
        tuple(truth.read(city, TruePassage)),
        {clock.camera: clock.offset_s for clock in truth.read(city, TrueClock)},
        {drift.camera: drift for drift in truth.read(city, TrueDrift)} if truth.has(city, TrueDrift) else {},
        tuple(truth.read(city, TrueMiss)) if truth.has(city, TrueMiss) else (),
    )


def match_archive(archive: Archive, city: Path, city_truth: CityTruth) -> MatchedArchive:
    """Match every sighting that the archive has from the city's footage."""
    with archive.catalogue.reading() as connection:
        sightings = list(catalogue_sightings.listing(connection, SightingFilter()))
        points = catalogue_sightings.tracks(connection, [sighting.id for sighting in sightings])
    if truth.has(city, TrueSighting):
        return _match_by_id(sightings, city, city_truth)
    footage = truth.read(city, FootageRow)
    video_of_hash = {_sha256(city / row.path): row.path for row in footage}
    ours = [sighting for sighting in sightings if sighting.footage in video_of_hash]
    if not ours:
        raise ArchiveError(
            f"the archive has no sighting from the footage of {city}: "
            f"ingest it first, 'retrace ingest --manifest {city / 'footage.csv'}'"
        )
    tracks = [SightingTrack(s.id, video_of_hash[s.footage], points[s.id]) for s in ours if s.footage is not None]
    analysed = {row.path: analysed_frames(city / row.path, row.path, tracks) for row in footage}
    cameras = {row.path: row.camera for row in footage}
    frames = TruthFrames.of(truth.read(city, TrueBox), city_truth.passages, cameras, analysed)
    matches = {track.sighting: match_track(track, frames) for track in tracks}
    return MatchedArchive(tuple(ours), matches, tuple(identity_frames(tracks, frames)))


def analysed_frames(path: Path, video: str, tracks: Sequence[SightingTrack]) -> frozenset[int]:
    """Return the frames of a video that were analysed, assuming the longest usual step that explains all tracks."""
    timeline = read_timeline(path)
    tracked = {point.frame for track in tracks if track.video == video for point in track.points}
    for every_s in FRAME_STEPS_S:
        chosen = frozenset(timeline.select(0.0, math.inf, every_s).tolist())
        if tracked <= chosen:
            return chosen
    return frozenset(range(timeline.frames))


def _match_by_id(sightings: Sequence[Sighting], city: Path, city_truth: CityTruth) -> MatchedArchive:
    """Match the sightings of a city without video, whose truth names the passage of each."""
    passage_of = {row.sighting: row.passage for row in truth.read(city, TrueSighting)}
    vehicle_of = {passage.passage: passage.vehicle for passage in city_truth.passages}
    ours = [sighting for sighting in sightings if sighting.id in passage_of]
    if not ours:
        raise ArchiveError(f"the archive has no sighting of {city}: make the city with --no-video and this --archive")
    matches = {}
    for sighting in ours:
        passage = passage_of[sighting.id]
        matches[sighting.id] = Match(sighting.id, vehicle_of[passage] if passage else None, passage)
    return MatchedArchive(tuple(ours), matches, None)


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise ArchiveError(f"{path} is named in footage.csv but is not there: make the city again")
    return sha256_of(path)
