"""Film the traffic past one camera, and note the true boxes and passages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from index.simulation.cameras import Recording, Station
from index.simulation.motion import AWAY, TOWARDS, Approach, LaneDrive, lane_drives
from index.simulation.truth import SCENERY, TrueBox, TruePassage
from reid.arrays import Flags, Floats
from reid.render.frames import FrameRenderer
from reid.render.scene import Placement, Site, make_site
from reid.render.truth import VisibleBox
from reid.render.vehicles.bodies import Vehicle
from reid.video.writer import FilmOptions, film

COUNTS_PX = 32
COUNTS_S = 1.0
COUNTS_VISIBLE = 0.5
BRAKING_MPS2 = 0.6
"""Brake lights are on where a vehicle slows down faster than this."""


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """All that one camera's process needs: the station, the approaching vehicles, their bodies and names by number."""

    station: Station
    folder: Path
    fps: float
    start: datetime
    approaches: tuple[Approach, ...]
    bodies: Mapping[int, Vehicle]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class CameraTruth:
    """The true boxes and passages of one camera's videos; the passages have no names yet."""

    boxes: tuple[TrueBox, ...]
    passages: tuple[TruePassage, ...]


@dataclass(frozen=True, slots=True)
class FilmedBox:
    """One box, the number of its drive (None for scenery), and what its passage needs besides."""

    box: TrueBox
    drive: int | None
    plate_height_px: float
    heading_deg: float


def film_camera(plan: FilmPlan) -> CameraTruth:
    """Write every video of a camera and return its truth."""
    station = plan.station
    site = make_site(station.site_seed, station.site)
    renderer = FrameRenderer(site)
    boxes: list[TrueBox] = []
    passages: list[TruePassage] = []
    for recording in station.recordings:
        times_s = recording.frame_times_s(plan.fps, station.site_seed)
        drives = drives_in_view(plan, site, times_s)
        filmed = _film_recording(plan, recording, times_s, drives, renderer)
        boxes += [filmed_box.box for filmed_box in filmed]
        passages += true_passages(plan, drives, filmed)
    return CameraTruth(tuple(boxes), tuple(passages))


def passage_counts(boxes: Sequence[TrueBox], fps: float) -> bool:
    """Return whether missing the passage is a fault: large for long enough, and at least once half visible."""
    large = sum(box.h >= COUNTS_PX for box in boxes)
    return large >= COUNTS_S * fps and any(box.visible >= COUNTS_VISIBLE for box in boxes if box.h >= COUNTS_PX)


def drives_in_view(plan: FilmPlan, site: Site, times_s: Floats) -> list[LaneDrive]:
    """Return the drives that are in view, with their frames."""
    near_m = {direction: site.visible_range_m(direction) for direction in (AWAY, TOWARDS)}
    return lane_drives(plan.approaches, times_s, near_m, lanes=site.street.lanes_each_way)


def _film_recording(
    plan: FilmPlan, recording: Recording, times_s: Floats, drives: Sequence[LaneDrive], renderer: FrameRenderer
) -> list[FilmedBox]:
    by_frame = placements_by_frame(drives, plan.bodies, times_s)
    options = FilmOptions(plan.station.site.width, plan.station.site.height, plan.fps)
    station = plan.station.camera.id
    filmed: list[FilmedBox] = []
    with film(plan.folder / recording.video, options) as writing:
        for number, (present, time_s) in enumerate(zip(by_frame, times_s.tolist(), strict=True)):
            frame = renderer.frame([placement for _, placement in present], time_s)
            writing.add(frame.image, time_s - recording.from_s)
            time = plan.start + timedelta(seconds=time_s)
            for box in frame.boxes:
                drive = present[box.index][0] if box.index >= 0 else None
                name = (
                    f"{SCENERY}{station}-{box.name.removeprefix(SCENERY)}"
                    if drive is None
                    else plan.names[drives[drive].vehicle]
                )
                filmed.append(filmed_box_of(recording.video, number, time, box, drive, name))
    return filmed


def placements_by_frame(
    drives: Sequence[LaneDrive], bodies: Mapping[int, Vehicle], times_s: Floats
) -> list[list[tuple[int, Placement]]]:
    """Return the vehicles of each frame with their placements, by the number of the drive."""
    by_frame: list[list[tuple[int, Placement]]] = [[] for _ in times_s]
    for number, drive in enumerate(drives):
        moments = drive.frames, drive.along_m, drive.speed_mps, _braking(drive, times_s)
        for frame, along_m, speed_mps, braking in zip(*(values.tolist() for values in moments), strict=True):
            placement = Placement(
                bodies[drive.vehicle],
                drive.direction,
                along_m,
                drive.lane,
                braking=braking,
                speed_mps=max(speed_mps, 0.0),
            )
            by_frame[frame].append((number, placement))
    return by_frame


def _braking(drive: LaneDrive, times_s: Floats) -> Flags:
    """Return whether the vehicle slows down in each frame of its drive."""
    if drive.frames.size < 3:
        return np.zeros(drive.frames.size, bool)
    return np.asarray(np.gradient(drive.speed_mps, times_s[drive.frames]) < -BRAKING_MPS2)


def filmed_box_of(
    video: str, number: int, time: datetime, rendered: VisibleBox, drive: int | None, vehicle: str
) -> FilmedBox:
    """Return a rendered box as a row of the truth, with its drive (None for scenery)."""
    sides = rendered.box.x, rendered.box.y, rendered.box.width, rendered.box.height
    x, y, w, h = (round(value) for value in sides)
    box = TrueBox(video, number, time, vehicle, x, y, w, h, round(rendered.visible, 3))
    return FilmedBox(box, drive, rendered.plate_height_px or 0.0, rendered.heading_deg)


def true_passages(plan: FilmPlan, drives: Sequence[LaneDrive], filmed: Sequence[FilmedBox]) -> list[TruePassage]:
    """Join the boxes of each drive into a passage."""
    by_drive: dict[int, list[FilmedBox]] = {}
    for filmed_box in filmed:
        if filmed_box.drive is not None:
            by_drive.setdefault(filmed_box.drive, []).append(filmed_box)
    return [_passage(plan, plan.bodies[drives[drive].vehicle], boxes) for drive, boxes in sorted(by_drive.items())]


def _passage(plan: FilmPlan, body: Vehicle, filmed: Sequence[FilmedBox]) -> TruePassage:
    largest = max(filmed, key=lambda filmed_box: (filmed_box.box.h, -filmed_box.box.frame))
    is_covered = body.plate.state == "covered"
    plate_height_px = 0.0 if is_covered else max(filmed_box.plate_height_px for filmed_box in filmed)
    return TruePassage(
        passage="",
        vehicle=largest.box.vehicle,
        camera=plan.station.camera.id,
        first=filmed[0].box.time,
        last=filmed[-1].box.time,
        height_px=largest.box.h,
        plate_height_px=round(plate_height_px, 1),
        heading=round(largest.heading_deg % 360, 1),
        counts=passage_counts([filmed_box.box for filmed_box in filmed], plan.fps),
    )
