"""Film what one camera sees: the video, and what is true of each frame of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.simulation.motion import AWAY, TOWARDS, Approach, Drive, drives
from index.simulation.stations import Shift, Station
from index.simulation.truth import SCENERY, TrueBox, TruePassage
from reid.render.frames import FrameRenderer
from reid.render.scene import Placement, Site, make_site
from reid.render.truth import SeenBox
from reid.render.vehicles.bodies import Vehicle
from reid.video_writer import FilmOptions, film

Floats = npt.NDArray[np.float64]

COUNTS_PX = 32
COUNTS_S = 1.0
COUNTS_VISIBLE = 0.5
BRAKING_MPS2 = 0.6
"""Brake lights are lit where speed falls faster than this."""


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """All that one camera's process needs: the camera, who drives past it, and how they look and are called."""

    station: Station
    folder: Path
    fps: float
    start: datetime
    approaches: tuple[Approach, ...]
    looks: Mapping[int, Vehicle]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Filmed:
    """What is true of one camera's videos; the passages are not numbered yet."""

    boxes: tuple[TrueBox, ...]
    passages: tuple[TruePassage, ...]


@dataclass(frozen=True, slots=True)
class _Sight:
    """One box, the number of the drive it is part of (None for scenery), and what only passages keep."""

    box: TrueBox
    drive: int | None
    plate_height_px: float
    heading_deg: float


def film_camera(plan: FilmPlan) -> Filmed:
    """Write every video of a camera and return its truth."""
    station = plan.station
    site = make_site(station.site_seed, station.site)
    renderer = FrameRenderer(site)
    boxes: list[TrueBox] = []
    passages: list[TruePassage] = []
    for shift in station.shifts:
        times_s = shift.frame_times_s(plan.fps, station.site_seed)
        drives = _drives(plan, site, times_s)
        sights = _film_shift(plan, shift, times_s, drives, renderer)
        boxes += [sight.box for sight in sights]
        passages += _passages(plan, drives, sights)
    return Filmed(tuple(boxes), tuple(passages))


def _drives(plan: FilmPlan, site: Site, times_s: Floats) -> list[Drive]:
    """Return who is in the picture in which frames."""
    near_m = {direction: site.visible_range_m(direction) for direction in (AWAY, TOWARDS)}
    return drives(plan.approaches, times_s, near_m, lanes=site.street.lanes_each_way)


def _film_shift(
    plan: FilmPlan, shift: Shift, times_s: Floats, drives: Sequence[Drive], renderer: FrameRenderer
) -> list[_Sight]:
    by_frame = _placements(drives, plan.looks, times_s)
    options = FilmOptions(plan.station.site.width, plan.station.site.height, plan.fps)
    station = plan.station.camera.id
    sights: list[_Sight] = []
    with film(plan.folder / shift.video, options) as writing:
        for number, (present, time_s) in enumerate(zip(by_frame, times_s.tolist(), strict=True)):
            frame = renderer.frame([placement for _, placement in present], time_s)
            writing.add(frame.image, time_s - shift.from_s)
            time = plan.start + timedelta(seconds=time_s)
            for box in frame.boxes:
                drive = present[box.index][0] if box.index >= 0 else None
                name = (
                    f"{SCENERY}{station}-{box.name.removeprefix(SCENERY)}"
                    if drive is None
                    else plan.names[drives[drive].vehicle]
                )
                sights.append(_sight(shift.video, number, time, box, drive, name))
    return sights


def _placements(
    drives: Sequence[Drive], looks: Mapping[int, Vehicle], times_s: Floats
) -> list[list[tuple[int, Placement]]]:
    """Return who is where in each frame, by the number of the drive."""
    by_frame: list[list[tuple[int, Placement]]] = [[] for _ in times_s]
    for number, drive in enumerate(drives):
        look, moments = looks[drive.vehicle], (drive.frames, drive.along_m, drive.speed_mps, _braking(drive, times_s))
        for frame, along_m, speed_mps, braking in zip(*(values.tolist() for values in moments), strict=True):
            placement = Placement(
                look, drive.direction, along_m, drive.lane, braking=braking, speed_mps=max(speed_mps, 0.0)
            )
            by_frame[frame].append((number, placement))
    return by_frame


def _braking(drive: Drive, times_s: Floats) -> npt.NDArray[np.bool_]:
    """Return in which of its frames it slows down."""
    if drive.frames.size < 3:
        return np.zeros(drive.frames.size, bool)
    return np.asarray(np.gradient(drive.speed_mps, times_s[drive.frames]) < -BRAKING_MPS2)


def _sight(video: str, number: int, time: datetime, seen: SeenBox, drive: int | None, vehicle: str) -> _Sight:
    x, y, w, h = (round(value) for value in (seen.box.x, seen.box.y, seen.box.width, seen.box.height))
    box = TrueBox(video, number, time, vehicle, x, y, w, h, round(seen.visible, 3))
    return _Sight(box, drive, seen.plate_height_px or 0.0, seen.heading_deg)


def _passages(plan: FilmPlan, drives: Sequence[Drive], sights: Sequence[_Sight]) -> list[TruePassage]:
    """Join the boxes of each drive into a passage."""
    by_drive: dict[int, list[_Sight]] = {}
    for sight in sights:
        if sight.drive is not None:
            by_drive.setdefault(sight.drive, []).append(sight)
    return [_passage(plan, plan.looks[drives[drive].vehicle], seen) for drive, seen in sorted(by_drive.items())]


def _passage(plan: FilmPlan, look: Vehicle, sights: Sequence[_Sight]) -> TruePassage:
    largest = max(sights, key=lambda sight: (sight.box.h, -sight.box.frame))
    is_covered = look.plate.state == "covered"
    plate_height_px = 0.0 if is_covered else max(sight.plate_height_px for sight in sights)
    return TruePassage(
        passage="",
        vehicle=largest.box.vehicle,
        camera=plan.station.camera.id,
        first=sights[0].box.time,
        last=sights[-1].box.time,
        height_px=largest.box.h,
        plate_height_px=round(plate_height_px, 1),
        heading=round(largest.heading_deg % 360, 1),
        counts=counts([sight.box for sight in sights], plan.fps),
    )


def counts(boxes: Sequence[TrueBox], fps: float) -> bool:
    """Return whether missing the passage is a fault: high for long enough, and not always half hidden."""
    high = sum(box.h >= COUNTS_PX for box in boxes)
    return high >= COUNTS_S * fps and any(box.visible >= COUNTS_VISIBLE for box in boxes if box.h >= COUNTS_PX)
