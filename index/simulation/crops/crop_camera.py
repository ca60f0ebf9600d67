"""Make the sightings of one camera from crops: plan their tracks, render their pictures, and describe these."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np

from index.ingest.describing import PACKAGED_WEIGHTS, Describer, weights_for
from index.map.stored_places import road_driven
from index.records import NewChunk, NewSighting
from index.simulation.cameras import Recording
from index.simulation.crops.pictures import CameraScene
from index.simulation.crops.planned_tracks import PlannedTrack, ShownPassage, plan_tracks
from index.simulation.crops.tracking_samples import TrackingSamples
from index.simulation.csv_rows import read_rows, write_rows
from index.simulation.filming import (
    FilmedBox,
    FilmPlan,
    drives_in_view,
    filmed_box_of,
    placements_by_frame,
    true_passages,
)
from index.simulation.motion import LaneDrive
from index.simulation.truth import TrueBox, TruePassage, TrueSighting
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from reid.appearance.embedders import Embedder, make_embedder
from reid.arrays import Floats
from reid.passages import ObservedPassage, WatchOptions
from reid.render.frames import FrameRenderer
from reid.render.scene import Placement, make_site
from reid.vehicle import Box
from reid.video.timeline import Timeline

SPAN_S = 60.0
"""The passages that begin in a span of this length are made together and enter the archive in one transaction."""


@dataclass(frozen=True, slots=True)
class CropTask:
    """One camera to make sightings for; what its finished spans gave is kept in the `scratch` folder."""

    archive: Path
    scratch: Path
    plan: FilmPlan
    samples: TrackingSamples
    seed: int


@dataclass(frozen=True, slots=True)
class CropTruth:
    """The true passages of a camera, named by it, and the passage of each of its sightings."""

    camera: str
    passages: tuple[TruePassage, ...]
    sightings: tuple[TrueSighting, ...]


@dataclass(frozen=True, slots=True)
class WatchedRecording:
    """A recording with what passes it: its drives, the vehicles of each frame, and which frames are analysed."""

    recording: Recording
    times_s: Floats
    drives: Sequence[LaneDrive]
    by_frame: Sequence[Sequence[tuple[int, Placement]]]
    placements: Sequence[Sequence[Placement]]
    analysed: frozenset[int]


def make_camera(task: CropTask) -> CropTruth:
    """Add the camera's sightings to the archive and return their truth; spans that are done are not done again."""
    plan, station = task.plan, task.plan.station
    renderer = FrameRenderer(make_site(station.site_seed, station.site))
    passages: list[TruePassage] = []
    sightings: list[TrueSighting] = []
    with Archive.open(task.archive) as archive:
        embedder = make_embedder(weights_for(archive, PACKAGED_WEIGHTS), threads=1)
        for recording in station.recordings:
            watched = _watched(plan, recording, renderer)
            for number, drives in enumerate(_spans(watched)):
                kept = task.scratch / f"{Path(recording.video).stem}-{number:05d}"
                if not _is_done(kept):
                    made = _CropSpan(task, watched, renderer, embedder, drives).make(archive)
                    _keep(kept, *made)
                passages += read_rows(kept.with_suffix(".passages"), TruePassage)
                sightings += read_rows(kept.with_suffix(".sightings"), TrueSighting)
    return CropTruth(station.camera.id, tuple(passages), tuple(sightings))


def _watched(plan: FilmPlan, recording: Recording, renderer: FrameRenderer) -> WatchedRecording:
    times_s = recording.frame_times_s(plan.fps, plan.station.site_seed)
    drives = drives_in_view(plan, renderer.site, times_s)
    by_frame = placements_by_frame(drives, plan.bodies, times_s)
    lens = renderer.site.lens
    shown_s = times_s - recording.from_s
    timeline = Timeline(Path(recording.video), lens.width, lens.height, "", shown_s, None, np.zeros(0, int))
    analysed = timeline.select(0.0, np.inf, WatchOptions().every_s)
    placements = [[placement for _, placement in present] for present in by_frame]
    return WatchedRecording(recording, times_s, drives, by_frame, placements, frozenset(analysed.tolist()))


def _spans(watched: WatchedRecording) -> Iterator[list[int]]:
    """Yield the numbers of the drives that begin in each span of the recording."""
    began_s = np.array([watched.times_s[drive.frames[0]] for drive in watched.drives]) - watched.recording.from_s
    spans = (began_s / SPAN_S).astype(int)
    for number in range(int(spans.max(initial=-1)) + 1):
        yield np.flatnonzero(spans == number).tolist()


def _is_done(kept: Path) -> bool:
    return kept.with_suffix(".passages").exists()


def _keep(kept: Path, passages: Sequence[TruePassage], sightings: Sequence[TrueSighting]) -> None:
    """Write the truth of a span; it is done once the file of its passages exists."""
    write_rows(kept.with_suffix(".sightings"), TrueSighting, sightings)
    write_rows(kept.with_suffix(".unfinished"), TruePassage, passages)
    kept.with_suffix(".unfinished").rename(kept.with_suffix(".passages"))


@dataclass(frozen=True, slots=True)
class _CropSpan:
    """The drives that begin in one span of a recording, with what is needed to make their sightings."""

    task: CropTask
    watched: WatchedRecording
    renderer: FrameRenderer
    embedder: Embedder
    drives: Sequence[int]

    def make(self, archive: Archive) -> tuple[list[TruePassage], list[TrueSighting]]:
        """Add the span's sightings to the archive, and return their truth."""
        filmed, scene = self._outlined()
        shown = [drive for drive in self.drives if filmed[drive]]
        boxes = [box for drive in shown for box in filmed[drive]]
        stem = Path(self.watched.recording.video).stem
        passages = [
            replace(passage, passage=f"{stem}:{drive}")
            for drive, passage in zip(shown, true_passages(self.task.plan, self.watched.drives, boxes), strict=True)
        ]
        new: dict[str, NewSighting] = {}
        rows = []
        for drive, passage in zip(shown, passages, strict=True):
            for planned, sighting in self._sightings(drive, [box.box for box in filmed[drive]], scene, archive):
                if sighting.id not in new:
                    new[sighting.id] = sighting
                    rows.append(TrueSighting(sighting.id, None if planned.is_phantom else passage.passage))
        archive.add(NewChunk(None, None, tuple(new.values())))
        return passages, rows

    def _outlined(self) -> tuple[Mapping[int, list[FilmedBox]], CameraScene]:
        """Return the true boxes of each drive of the span, and the scene with every vehicle near."""
        plan, watched = self.task.plan, self.watched
        filmed: dict[int, list[FilmedBox]] = {drive: [] for drive in self.drives}
        boxes: dict[int, list[Box | None]] = {}
        for frame in sorted({int(frame) for drive in self.drives for frame in watched.drives[drive].frames}):
            time_s, present = float(watched.times_s[frame]), watched.by_frame[frame]
            boxes[frame] = [None] * len(present)
            for outline in self.renderer.outlined(watched.placements[frame], time_s):
                drive = present[outline.index][0]
                boxes[frame][outline.index] = outline.box
                if drive in filmed:
                    name, time = plan.names[watched.drives[drive].vehicle], plan.start + timedelta(seconds=time_s)
                    filmed[drive].append(filmed_box_of(watched.recording.video, frame, time, outline, drive, name))
        return filmed, CameraScene(self.renderer, watched.times_s, watched.placements, boxes)

    def _sightings(
        self, drive: int, boxes: Sequence[TrueBox], scene: CameraScene, archive: Archive
    ) -> Iterator[tuple[PlannedTrack, NewSighting]]:
        """Yield the sightings of a drive, each with its plan."""
        site, plan = self.task.plan.station.site, self.task.plan
        analysed = tuple(box for box in boxes if box.frame in self.watched.analysed)
        passage = ShownPassage(analysed, site.weather, site.width, site.height)
        moved = self.watched.drives[drive]
        rng = np.random.default_rng([self.task.seed, plan.station.site_seed, 12, moved.vehicle, int(moved.frames[0])])
        shown_s = self.watched.times_s - self.watched.recording.from_s
        for planned in plan_tracks(passage, shown_s, self.task.samples, rng):
            sighting = self._describer.sighting(ObservedPassage(planned.track, scene.shots(planned.shots)))
            edge = road_driven(_stored_camera(archive, plan), sighting.attributes.heading_deg)
            yield planned, replace(sighting, edge=edge)

    @property
    def _describer(self) -> Describer:
        station, recording = self.task.plan.station, self.watched.recording
        footage = sha256(f"{self.task.seed} {station.site_seed} {recording.video}".encode()).hexdigest()
        start = self.task.plan.start + timedelta(seconds=station.clock_s + recording.from_s)
        site = station.site
        return Describer(footage, station.camera.id, start, site.width, site.height, self.embedder, reads_plates=True)


def _stored_camera(archive: Archive, plan: FilmPlan) -> StoredCamera:
    with archive.catalogue.reading() as connection:
        return next(row for row in cameras.listing(connection) if row.id == plan.station.camera.id)
