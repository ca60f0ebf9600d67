"""Find the true vehicle and passage of each tracked sighting, and the frames that IDF1 counts."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from scipy.optimize import linear_sum_assignment

from index.simulation.truth import SCENERY, TrueBox, TruePassage
from reid.boxes import iou, to_array
from reid.vehicle import TrackPoint

OVERLAP = 0.5
"""The least intersection over union of a tracked and a true box of the same vehicle."""
LEAST_HEIGHT_PX = 32
LEAST_VISIBLE = 0.5


@dataclass(frozen=True, slots=True)
class SightingTrack:
    """The track of a sighting through a video."""

    sighting: str
    video: str
    points: tuple[TrackPoint, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The true vehicle and passage of a sighting; both are None for a phantom, the passage is None for scenery."""

    sighting: str
    vehicle: str | None
    passage: str | None

    @property
    def is_scenery(self) -> bool:
        """Return whether it shows a parked vehicle."""
        return self.vehicle is not None and self.vehicle.startswith(SCENERY)


@dataclass(frozen=True, slots=True)
class TruthFrames:
    """True boxes by video and frame, passages by camera and vehicle, and the analysed frames by video."""

    boxes: Mapping[tuple[str, int], Sequence[TrueBox]]
    passages: Mapping[tuple[str, str], Sequence[TruePassage]]
    camera_of_video: Mapping[str, str]
    analysed: Mapping[str, Collection[int]]

    @classmethod
    def of(
        cls,
        boxes: Iterable[TrueBox],
        passages: Iterable[TruePassage],
        camera_of_video: Mapping[str, str],
        analysed: Mapping[str, Collection[int]] | None = None,
    ) -> "TruthFrames":
        """Index the truth; a video that is not in `analysed` was analysed in every frame."""
        by_frame: dict[tuple[str, int], list[TrueBox]] = defaultdict(list)
        for box in boxes:
            by_frame[box.video, box.frame].append(box)
        by_vehicle: dict[tuple[str, str], list[TruePassage]] = defaultdict(list)
        for passage in passages:
            by_vehicle[passage.camera, passage.vehicle].append(passage)
        return cls(by_frame, by_vehicle, camera_of_video, analysed or {})

    def box_at(self, video: str, point: TrackPoint) -> TrueBox | None:
        """Return the true box that overlaps a tracked box the most, if enough."""
        candidates = self.boxes.get((video, point.frame), ())
        if not candidates:
            return None
        overlaps = iou(to_array([point.box]), to_array([true.box for true in candidates]))[0]
        best = int(overlaps.argmax())
        return candidates[best] if overlaps[best] >= OVERLAP else None

    def passage_at(self, video: str, vehicle: str, time: datetime) -> TruePassage | None:
        """Return the passage of a vehicle at a moment of a video."""
        passages = self.passages.get((self.camera_of_video[video], vehicle), ())
        return next((passage for passage in passages if passage.first <= time <= passage.last), None)

    def counted_passage(self, box: TrueBox) -> str | None:
        """Return the passage of a box that IDF1 counts: large and visible enough, of a passage that counts."""
        if box.h < LEAST_HEIGHT_PX or box.visible < LEAST_VISIBLE:
            return None
        passage = self.passage_at(box.video, box.vehicle, box.time)
        return passage.passage if passage is not None and passage.counts else None


@dataclass(frozen=True, slots=True)
class IdentityFrames:
    """Frames of one passage, or of one unassigned track, for IDF1: rightly kept, true and tracked ones."""

    group: str
    kept: int
    true: int
    tracked: int


def match_track(track: SightingTrack, truth: TruthFrames) -> Match:
    """Return the vehicle that more than half of the track's frames show, and its passage."""
    boxes = [true for point in track.points if (true := truth.box_at(track.video, point)) is not None]
    votes = Counter(true.vehicle for true in boxes)
    vehicle, count = min(votes.items(), key=lambda vote: (-vote[1], vote[0]), default=("", 0))
    if 2 * count <= len(track.points):
        return Match(track.sighting, None, None)
    times = sorted(true.time for true in boxes if true.vehicle == vehicle)
    passage = truth.passage_at(track.video, vehicle, times[len(times) // 2])
    return Match(track.sighting, vehicle, passage.passage if passage else None)


def identity_frames(tracks: Sequence[SightingTrack], truth: TruthFrames) -> list[IdentityFrames]:
    """Return the counts behind IDF1: each passage is assigned the one track that keeps most of its frames.

    Only boxes that are large and visible enough, of passages that count, are counted. Tracked boxes over other true
    boxes are ignored on both sides, as MOT challenges do with their ignored regions (for the measure see Ristani et
    al. 2016, section 4).
    """
    by_video: dict[str, list[SightingTrack]] = defaultdict(list)
    for track in tracks:
        by_video[track.video].append(track)
    return [part for video in sorted(truth.camera_of_video) for part in _of_video(video, by_video[video], truth)]


def _of_video(video: str, tracks: Sequence[SightingTrack], truth: TruthFrames) -> list[IdentityFrames]:
    true_frames = _true_frames(video, truth)
    passages = sorted(true_frames)
    shared = np.zeros((len(tracks), len(passages)), int)
    tracked = np.zeros(len(tracks), int)
    column = {passage: i for i, passage in enumerate(passages)}
    for row, track in enumerate(tracks):
        for point in track.points:
            true = truth.box_at(video, point)
            passage = truth.counted_passage(true) if true else None
            tracked[row] += true is None or passage is not None
            if passage is not None:
                shared[row, column[passage]] += 1
    rows, columns = linear_sum_assignment(-shared)
    row_of = {int(c): int(r) for r, c in zip(rows, columns, strict=True) if shared[r, c] > 0}
    vehicle_of = {p.passage: p.vehicle for ps in truth.passages.values() for p in ps}
    kept = [
        IdentityFrames(
            vehicle_of[passage],
            int(shared[row_of[i], i]) if i in row_of else 0,
            true_frames[passage],
            int(tracked[row_of[i]]) if i in row_of else 0,
        )
        for i, passage in enumerate(passages)
    ]
    assigned = set(row_of.values())
    unassigned = [IdentityFrames(t.sighting, 0, 0, int(tracked[i])) for i, t in enumerate(tracks) if i not in assigned]
    return kept + unassigned


def _true_frames(video: str, truth: TruthFrames) -> dict[str, int]:
    """Count each passage's boxes in the analysed frames."""
    analysed = truth.analysed.get(video)
    counts: Counter[str] = Counter()
    for (of_video, frame), boxes in truth.boxes.items():
        if of_video == video and (analysed is None or frame in analysed):
            counts.update(passage for box in boxes if (passage := truth.counted_passage(box)) is not None)
    return dict(counts)
