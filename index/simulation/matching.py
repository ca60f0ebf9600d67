"""Say which true vehicle and which true passage each sighting shows."""

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
"""The least intersection over union at which a box counts as the vehicle's."""
LEAST_HEIGHT_PX = 32
LEAST_VISIBLE = 0.5


@dataclass(frozen=True, slots=True)
class SeenTrack:
    """What the archive followed through a video, by the sighting made of it."""

    sighting: str
    video: str
    points: tuple[TrackPoint, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The vehicle and the passage that a sighting shows; both None for a phantom, no passage for scenery."""

    sighting: str
    vehicle: str | None
    passage: str | None

    @property
    def is_scenery(self) -> bool:
        """Return whether it shows a parked vehicle."""
        return self.vehicle is not None and self.vehicle.startswith(SCENERY)


@dataclass(frozen=True, slots=True)
class TruthFrames:
    """True boxes by video and frame, the passages that they are part of, and the frames that seeing looked at."""

    boxes: Mapping[tuple[str, int], Sequence[TrueBox]]
    passages: Mapping[tuple[str, str], Sequence[TruePassage]]
    camera_of_video: Mapping[str, str]
    looked_at: Mapping[str, Collection[int]]

    @classmethod
    def of(
        cls,
        boxes: Iterable[TrueBox],
        passages: Iterable[TruePassage],
        camera_of_video: Mapping[str, str],
        looked_at: Mapping[str, Collection[int]] | None = None,
    ) -> "TruthFrames":
        """Arrange what is true for looking up; of a video that `looked_at` does not have, every frame was looked at."""
        by_frame: dict[tuple[str, int], list[TrueBox]] = defaultdict(list)
        for box in boxes:
            by_frame[box.video, box.frame].append(box)
        by_vehicle: dict[tuple[str, str], list[TruePassage]] = defaultdict(list)
        for passage in passages:
            by_vehicle[passage.camera, passage.vehicle].append(passage)
        return cls(by_frame, by_vehicle, camera_of_video, looked_at or {})

    def under(self, video: str, point: TrackPoint) -> TrueBox | None:
        """Return the true box that overlaps a tracked one the most, if enough."""
        candidates = self.boxes.get((video, point.frame), ())
        if not candidates:
            return None
        overlaps = iou(to_array([point.box]), to_array([true.box for true in candidates]))[0]
        best = int(overlaps.argmax())
        return candidates[best] if overlaps[best] >= OVERLAP else None

    def passage_at(self, video: str, vehicle: str, time: datetime) -> TruePassage | None:
        """Return the passage of a vehicle that a moment of a video lies in."""
        passages = self.passages.get((self.camera_of_video[video], vehicle), ())
        return next((passage for passage in passages if passage.first <= time <= passage.last), None)


def match(track: SeenTrack, truth: TruthFrames) -> Match:
    """Return the vehicle whose boxes lie under most of the track's frames, and its passage."""
    under = [true for point in track.points if (true := truth.under(track.video, point)) is not None]
    votes = Counter(true.vehicle for true in under)
    vehicle, count = min(votes.items(), key=lambda vote: (-vote[1], vote[0]), default=("", 0))
    if 2 * count <= len(track.points):
        return Match(track.sighting, None, None)
    times = sorted(true.time for true in under if true.vehicle == vehicle)
    passage = truth.passage_at(track.video, vehicle, times[len(times) // 2])
    return Match(track.sighting, vehicle, passage.passage if passage else None)


@dataclass(frozen=True, slots=True)
class Identity:
    """Frames of one vehicle (or one phantom) for the IDF1: rightly kept, true and tracked ones."""

    group: str
    kept: int
    true: int
    tracked: int


def identities(tracks: Sequence[SeenTrack], truth: TruthFrames) -> list[Identity]:
    """Return what IDF1 is made of: each passage is given the one track that keeps the most of its frames.

    Wanted are boxes high and visible enough of passages that count; tracked boxes over other true ones are left out
    on both sides, as MOT challenges do with their ignored regions (Ristani et al. 2016, section 4, for the measure).
    """
    by_video: dict[str, list[SeenTrack]] = defaultdict(list)
    for track in tracks:
        by_video[track.video].append(track)
    return [part for video in sorted(truth.camera_of_video) for part in _of_video(video, by_video[video], truth)]


def _of_video(video: str, tracks: Sequence[SeenTrack], truth: TruthFrames) -> list[Identity]:
    wanted = _wanted_frames(video, truth)
    passages = sorted(wanted)
    shared = np.zeros((len(tracks), len(passages)), int)
    tracked = np.zeros(len(tracks), int)
    column = {passage: i for i, passage in enumerate(passages)}
    for row, track in enumerate(tracks):
        for point in track.points:
            true = truth.under(video, point)
            passage = _wanted_passage(true, truth) if true else None
            tracked[row] += true is None or passage is not None
            if passage is not None:
                shared[row, column[passage]] += 1
    rows, columns = linear_sum_assignment(-shared)
    row_of = {int(c): int(r) for r, c in zip(rows, columns, strict=True) if shared[r, c] > 0}
    vehicle_of = {p.passage: p.vehicle for ps in truth.passages.values() for p in ps}
    kept = [
        Identity(
            vehicle_of[passage],
            int(shared[row_of[i], i]) if i in row_of else 0,
            wanted[passage],
            int(tracked[row_of[i]]) if i in row_of else 0,
        )
        for i, passage in enumerate(passages)
    ]
    given = set(row_of.values())
    loose = [Identity(t.sighting, 0, 0, int(tracked[i])) for i, t in enumerate(tracks) if i not in given]
    return kept + loose


def _wanted_frames(video: str, truth: TruthFrames) -> dict[str, int]:
    """Count each passage's wanted boxes in the frames that were looked at."""
    looked_at = truth.looked_at.get(video)
    counts: Counter[str] = Counter()
    for (of_video, frame), boxes in truth.boxes.items():
        if of_video == video and (looked_at is None or frame in looked_at):
            counts.update(passage for box in boxes if (passage := _wanted_passage(box, truth)) is not None)
    return dict(counts)


def _wanted_passage(true: TrueBox, truth: TruthFrames) -> str | None:
    if true.h < LEAST_HEIGHT_PX or true.visible < LEAST_VISIBLE:
        return None
    passage = truth.passage_at(true.video, true.vehicle, true.time)
    return passage.passage if passage is not None and passage.counts else None
