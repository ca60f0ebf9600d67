"""Score a plate locator on crops of rendered traffic, where every plate's corners are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.plates.candidates import Located, box_iou, corner_error
from reid.render.frames import Frame, FrameRenderer
from reid.render.light.weather import WEATHERS
from reid.render.plate_truth import plate_corners
from reid.render.scene import Placement, Site, SiteOptions, make_site
from reid.render.street.street import OVERVIEW, PLATE
from reid.render.truth import SeenBox
from reid.render.vehicles.bodies import make_model, make_vehicle
from reid.render.vehicles.build import build
from reid.vehicle import Image

NEAR_ENOUGH = 0.25
"""A plate is located if its corners are off by less than this share of its height, on average."""

ENOUGH_COMMON = 0.7
"""... or, in the coarser way of counting, if the boxes have this intersection over union."""

FASTEST_MPS = 17.0

_LEAST_WIDTH_PX = 48
_WHOLLY_SEEN = 0.97


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is filmed to judge by: cameras of a seed that nothing was trained on, some of them narrow ones."""

    seed: int = 12_061
    cameras: int = 12
    frames: int = 12
    vehicles: int = 3
    narrow_share: float = 0.5


@dataclass(frozen=True, slots=True)
class VehicleCrop:
    """A vehicle as a detector cuts it out; `corners` (4, 2) are those of its plate, None where it shows none.

    `text` is what stands on the plate, None where it is covered.
    """

    image: Image
    camera: str
    corners: npt.NDArray[np.float32] | None
    text: str | None

    @property
    def plate_height_px(self) -> float:
        """Return the height of the plate, 0 where there is none."""
        if self.corners is None:
            return 0.0
        sides = np.linalg.norm(self.corners[[3, 2]] - self.corners[[0, 1]], axis=1)
        return float(sides.mean())


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well the best plate of a crop was found: `error` in heights of the plate, `iou` of the boxes."""

    error: float
    iou: float

    @property
    def near(self) -> bool:
        """Return whether the corners are right."""
        return self.error < NEAR_ENOUGH

    @property
    def overlaps(self) -> bool:
        """Return whether the boxes agree."""
        return self.iou > ENOUGH_COMMON


@dataclass(frozen=True, slots=True)
class Filmed:
    """A frame of a camera with the traffic in it; `chance` is where whatever is drawn for it comes from."""

    camera: str
    frame: Frame
    placements: tuple[Placement, ...]
    site: Site
    chance: np.random.Generator

    def plate(self, seen: SeenBox) -> tuple[npt.NDArray[np.float32], str] | None:
        """Return corners (4, 2) and text of a vehicle's plate that is wholly in the frame; None where none is seen."""
        placement = self.placements[seen.index]
        plate = placement.vehicle.plate
        if seen.plate_height_px is None or plate.state == "covered":
            return None
        corners = plate_corners(build(placement.vehicle), *self.site.place(placement), self.site.lens)
        return None if corners is None else (corners, plate.text)


def film(traffic: Traffic) -> Iterator[Filmed]:
    """Yield the frames of all cameras."""
    for number in range(traffic.cameras):
        rng = np.random.default_rng([traffic.seed, 61, number])
        narrow = number < traffic.cameras * traffic.narrow_share
        heading = float(rng.choice([0.0, 180.0])) + float(rng.normal(0, 18))
        options = SiteOptions(
            kind=PLATE if narrow else OVERVIEW,
            heading_deg=heading % 360,
            weather=str(rng.choice(list(WEATHERS))),
        )
        renderer = FrameRenderer(make_site(int(rng.integers(2**31)), options))
        for _ in range(traffic.frames):
            placements = tuple(_placed(renderer, way, rng) for way in rng.choice([1, -1], traffic.vehicles).tolist())
            frame = renderer.frame(placements, float(rng.uniform(0, 60)))
            yield Filmed(f"{traffic.seed}-{number}", frame, placements, renderer.site, rng)


def vehicle_crops(traffic: Traffic) -> Iterator[VehicleCrop]:
    """Yield the vehicles of all cameras that are wholly seen; plates at the edge of the frame are left out."""
    for filmed in film(traffic):
        image = filmed.frame.image
        for seen in wholly_seen(filmed.frame):
            plate = filmed.plate(seen)
            if plate is not None and not is_inside(plate[0], image):
                continue
            cut, left_top = _cut(image, seen, filmed.chance)
            corners = None if plate is None else plate[0] - left_top
            yield VehicleCrop(cut, filmed.camera, corners, None if plate is None else plate[1])


def wholly_seen(frame: Frame) -> Iterator[SeenBox]:
    """Yield the boxes of the vehicles of the traffic that nothing hides and that are not small."""
    for seen in frame.boxes:
        if seen.index >= 0 and seen.visible >= _WHOLLY_SEEN and seen.box.width >= _LEAST_WIDTH_PX:
            yield seen


def judge(crop: VehicleCrop, found: Sequence[Located]) -> Verdict | None:
    """Return how well the best one fits the plate; None where nothing was found."""
    if crop.corners is None or not found:
        return None
    best = found[0].corners
    return Verdict(corner_error(best, crop.corners), box_iou(best, crop.corners))


def _placed(renderer: FrameRenderer, way: int, rng: np.random.Generator) -> Placement:
    """Put a new vehicle somewhere on its way, more often near the camera than far."""
    vehicle = make_vehicle(int(rng.integers(2**31)), make_model(int(rng.integers(2**31))))
    lane = int(rng.integers(renderer.site.street.lanes_each_way))
    first_m, last_m = renderer.site.visible_range_m(way, lane)
    near_m, far_m = (first_m, last_m) if abs(first_m) < abs(last_m) else (last_m, first_m)
    along_m = near_m + (far_m - near_m) * (0.04 + 0.75 * float(rng.random()) ** 1.5)
    lateral_m, is_braking = float(rng.normal(0, 0.25)), bool(rng.random() < 0.2)
    speed_mps = float(rng.uniform(0, FASTEST_MPS))
    return Placement(vehicle, way, along_m, lane, lateral_m, braking=is_braking, speed_mps=speed_mps)


def _cut(image: Image, seen: SeenBox, rng: np.random.Generator) -> tuple[Image, npt.NDArray[np.float32]]:
    """Return the box as carelessly as detectors cut it, and where its left top corner was."""
    box = seen.box
    slack = np.maximum(rng.normal(0.02, 0.03, 4), -0.01) * np.tile([box.width, box.height], 2)
    left, top = max(0, round(box.x - slack[0])), max(0, round(box.y - slack[1]))
    right, bottom = round(box.x + box.width + slack[2]), round(box.y + box.height + slack[3])
    return image[top:bottom, left:right].copy(), np.array([left, top], np.float32)


def is_inside(corners: npt.NDArray[np.float32], image: Image) -> bool:
    """Return whether a picture shows all of a plate."""
    height, width = image.shape[:2]
    return bool((corners >= 0).all() and (corners <= (width, height)).all())
