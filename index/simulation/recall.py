"""Read what an archive remembers of a city, and lay what is true beside it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from index.archive import Archive
from index.catalogue import sightings as catalogue_sightings
from index.catalogue.sightings import SightingFilter
from index.errors import ArchiveError
from index.intake.registration import sha256_of
from index.sighting import Sighting
from index.simulation import truth
from index.simulation.matching import Identity, Match, SeenTrack, TruthFrames, identities, match
from index.simulation.questions import KnownSighting
from index.simulation.truth import FootageRow, TrueBox, TrueClock, TruePassage, TrueSighting, TrueVehicle
from reid.timeline import read_timeline

PACES_S = (1.0, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05)
"""Seconds from one analysed frame to the next, as `ingest --every` may have been told."""


@dataclass(frozen=True, slots=True)
class CityTruth:
    """What is true of a city, apart from the boxes; `clocks` maps a camera to how many seconds its clock is ahead."""

    vehicles: Mapping[str, TrueVehicle]
    passages: tuple[TruePassage, ...]
    clocks: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Remembered:
    """The archive's sightings of a city with their matches by id; `identities` is None for a city without video."""

    sightings: tuple[Sighting, ...]
    matches: Mapping[str, Match]
    identities: tuple[Identity, ...] | None

    def known(self, clocks: Mapping[str, float]) -> list[KnownSighting]:
        """Return the sightings with what they show, at true time."""
        return [
            KnownSighting(self.matches[s.id], s.camera, s.best - timedelta(seconds=clocks[s.camera]))
            for s in self.sightings
        ]


def read_truth(city: Path) -> CityTruth:
    """Read a city's truth, apart from the boxes."""
    return CityTruth(
        {vehicle.vehicle: vehicle for vehicle in truth.read(city, TrueVehicle)},
        tuple(truth.read(city, TruePassage)),
        {clock.camera: clock.offset_s for clock in truth.read(city, TrueClock)},
    )


def remember(archive: Archive, city: Path, true: CityTruth) -> Remembered:
    """Match every sighting that the archive made from the city's footage."""
    with archive.catalogue.reading() as connection:
        sightings = list(catalogue_sightings.listing(connection, SightingFilter()))
        tracks = catalogue_sightings.tracks(connection, [sighting.id for sighting in sightings])
    if truth.has(city, TrueSighting):
        return _by_name(sightings, city, true)
    footage = truth.read(city, FootageRow)
    video_of_hash = {_sha256(city / row.path): row.path for row in footage}
    ours = [sighting for sighting in sightings if sighting.footage in video_of_hash]
    if not ours:
        raise ArchiveError(
            f"the archive has no sighting from the footage of {city}: "
            f"ingest it first, 'retrace ingest --manifest {city / 'footage.csv'}'"
        )
    seen = [SeenTrack(s.id, video_of_hash[s.footage], tracks[s.id]) for s in ours if s.footage is not None]
    looked_at = {row.path: frames_looked_at(city / row.path, row.path, seen) for row in footage}
    cameras = {row.path: row.camera for row in footage}
    frames = TruthFrames.of(truth.read(city, TrueBox), true.passages, cameras, looked_at)
    return Remembered(
        tuple(ours), {track.sighting: match(track, frames) for track in seen}, tuple(identities(seen, frames))
    )


def frames_looked_at(path: Path, video: str, tracks: Sequence[SeenTrack]) -> frozenset[int]:
    """Return the frames of a video that were analysed: by the slowest usual pace that has every tracked one."""
    timeline, followed = (
        read_timeline(path),
        {p.frame for track in tracks if track.video == video for p in track.points},
    )
    for every_s in PACES_S:
        chosen = frozenset(timeline.select(0.0, math.inf, every_s).tolist())
        if followed <= chosen:
            return chosen
    return frozenset(range(timeline.frames))


def _by_name(sightings: Sequence[Sighting], city: Path, true: CityTruth) -> Remembered:
    """Match the sightings of a city without video, whose truth says what each shows."""
    passage_of = {row.sighting: row.passage for row in truth.read(city, TrueSighting)}
    vehicle_of = {passage.passage: passage.vehicle for passage in true.passages}
    ours = [sighting for sighting in sightings if sighting.id in passage_of]
    if not ours:
        raise ArchiveError(f"the archive has no sighting of {city}: make the city with --no-video and this --archive")
    matches = {}
    for sighting in ours:
        passage = passage_of[sighting.id]
        matches[sighting.id] = Match(sighting.id, vehicle_of[passage] if passage else None, passage)
    return Remembered(tuple(ours), matches, None)


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise ArchiveError(f"{path} is named in footage.csv but is not there: make the city again")
    return sha256_of(path)
