"""Score a plate locator, and reading from whole photographs, on rendered traffic with known plate corners."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reid.arrays import Floats32
from reid.plates.locate import Located, box_iou, corner_error
from reid.plates.rectify import quad_size
from reid.plates.spelling import plain
from reid.render.frames import FrameRenderer, RenderedFrame
from reid.render.light.weather import WEATHERS
from reid.render.scene import Placement, Site, SiteOptions, make_site
from reid.render.street.street import OVERVIEW, PLATE
from reid.render.truth import VisibleBox, plate_corners
from reid.render.vehicles.bodies import make_model, make_vehicle
from reid.render.vehicles.build import build
from reid.vehicle import Image, Plate

NEAR_ENOUGH = 0.25
"""A plate is located if its mean corner error is less than this share of its height."""

ENOUGH_COMMON = 0.7
"""By the coarser criterion a plate is located if the boxes have this intersection over union."""

FASTEST_MPS = 17.0
_LEAST_WIDTH_PX = 48
_WHOLLY_SEEN = 0.97
LEAST_PX = 20.0
"""Plates lower than this are not scored."""


@dataclass(frozen=True, slots=True)
class PlateTraffic:
    """The rendered traffic to score on: held-out cameras, some of them with a narrow view."""

    seed: int = 12_061
    cameras: int = 12
    frames: int = 12
    vehicles: int = 3
    narrow_share: float = 0.5


@dataclass(frozen=True, slots=True)
class VehicleCrop:
    """A vehicle as a detector crops it; `corners` (4, 2) are those of its plate, None if it shows none.

    `text` is the plate's text, None if it is covered.
    """

    image: Image
    camera: str
    corners: Floats32 | None
    text: str | None

    @property
    def plate_height_px(self) -> float:
        """Return the height of the plate, 0 without one."""
        if self.corners is None:
            return 0.0
        sides = np.linalg.norm(self.corners[[3, 2]] - self.corners[[0, 1]], axis=1)
        return float(sides.mean())


@dataclass(frozen=True, slots=True)
class LocationScore:
    """The error of the best located plate of a crop: `error` in plate heights, `iou` of the boxes."""

    error: float
    iou: float

    @property
    def near(self) -> bool:
        """Return whether the plate is located by its corners."""
        return self.error < NEAR_ENOUGH

    @property
    def overlaps(self) -> bool:
        """Return whether the plate is located by its box."""
        return self.iou > ENOUGH_COMMON


@dataclass(frozen=True, slots=True)
class PlateFrame:
    """A rendered frame with its traffic; `chance` is the random generator for everything drawn from it."""

    camera: str
    frame: RenderedFrame
    placements: tuple[Placement, ...]
    site: Site
    chance: np.random.Generator

    def plate(self, seen: VisibleBox) -> tuple[Floats32, str] | None:
        """Return corners (4, 2) and text of a vehicle's plate; None if none is visible."""
        placement = self.placements[seen.index]
        plate = placement.vehicle.plate
        if seen.plate_height_px is None or plate.state == "covered":
            return None
        corners = plate_corners(build(placement.vehicle), *self.site.place(placement), self.site.lens)
        return None if corners is None else (corners, plate.text)


def film_traffic(traffic: PlateTraffic) -> Iterator[PlateFrame]:
    """Render the frames of all cameras."""
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
            yield PlateFrame(f"{traffic.seed}-{number}", frame, placements, renderer.site, rng)


def vehicle_crops(traffic: PlateTraffic) -> Iterator[VehicleCrop]:
    """Yield the unoccluded vehicles of all cameras; those with a plate at the edge of the frame are left out."""
    for filmed in film_traffic(traffic):
        image = filmed.frame.image
        for seen in wholly_seen(filmed.frame):
            plate = filmed.plate(seen)
            if plate is not None and not is_inside(plate[0], image):
                continue
            cut, left_top = _cut(image, seen, filmed.chance)
            corners = None if plate is None else plate[0] - left_top
            yield VehicleCrop(cut, filmed.camera, corners, None if plate is None else plate[1])


def wholly_seen(frame: RenderedFrame) -> Iterator[VisibleBox]:
    """Yield the boxes of vehicles in traffic that are not occluded and not small."""
    for seen in frame.boxes:
        if seen.index >= 0 and seen.visible >= _WHOLLY_SEEN and seen.box.width >= _LEAST_WIDTH_PX:
            yield seen


def score_location(crop: VehicleCrop, found: Sequence[Located]) -> LocationScore | None:
    """Return the error of the best located plate; None without a plate or a location."""
    if crop.corners is None or not found:
        return None
    best = found[0].corners
    return LocationScore(corner_error(best, crop.corners), box_iou(best, crop.corners))


def is_inside(corners: Floats32, image: Image) -> bool:
    """Return whether all corners are inside a picture."""
    height, width = image.shape[:2]
    return bool((corners >= 0).all() and (corners <= (width, height)).all())


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture of a street with the corners (4, 2) and texts of its unoccluded plates."""

    image: Image
    camera: str
    plates: tuple[tuple[Floats32, str], ...]


@dataclass(frozen=True, slots=True)
class PhotographReading:
    """Whether a plate's text was read from the whole photograph, and with its true corners."""

    camera: str
    from_whole: bool
    from_corners: bool


def photographs(traffic: PlateTraffic) -> Iterator[Photograph]:
    """Render the frames that show a plate of LEAST_PX or more."""
    for filmed in film_traffic(traffic):
        image = filmed.frame.image
        plates = (filmed.plate(seen) for seen in wholly_seen(filmed.frame))
        shown = tuple(
            plate
            for plate in plates
            if plate is not None and is_inside(plate[0], image) and quad_size(plate[0])[1] >= LEAST_PX
        )
        if shown:
            yield Photograph(image, filmed.camera, shown)


def read_photograph(
    photograph: Photograph,
    read: Callable[[Image], Sequence[Plate]],
    read_at: Callable[[Image, Floats32], str | None],
) -> list[PhotographReading]:
    """Score each plate of a photograph: read by `read` from the whole, and by `read_at` with its true corners."""
    texts = {plain(plate.text) for plate in read(photograph.image) if plate.text}
    return [
        PhotographReading(photograph.camera, plain(text) in texts, read_at(photograph.image, corners) == plain(text))
        for corners, text in photograph.plates
    ]


def _placed(renderer: FrameRenderer, way: int, rng: np.random.Generator) -> Placement:
    """Place a new vehicle at a random point of its lane, more often near the camera than far."""
    vehicle = make_vehicle(int(rng.integers(2**31)), make_model(int(rng.integers(2**31))))
    lane = int(rng.integers(renderer.site.street.lanes_each_way))
    first_m, last_m = renderer.site.visible_range_m(way, lane)
    near_m, far_m = (first_m, last_m) if abs(first_m) < abs(last_m) else (last_m, first_m)
    along_m = near_m + (far_m - near_m) * (0.04 + 0.75 * float(rng.random()) ** 1.5)
    lateral_m, is_braking = float(rng.normal(0, 0.25)), bool(rng.random() < 0.2)
    speed_mps = float(rng.uniform(0, FASTEST_MPS))
    return Placement(vehicle, way, along_m, lane, lateral_m, braking=is_braking, speed_mps=speed_mps)


def _cut(image: Image, seen: VisibleBox, rng: np.random.Generator) -> tuple[Image, Floats32]:
    """Return the box cropped as imprecisely as detectors do, and its left top corner in the frame."""
    box = seen.box
    slack = np.maximum(rng.normal(0.02, 0.03, 4), -0.01) * np.tile([box.width, box.height], 2)
    left, top = max(0, round(box.x - slack[0])), max(0, round(box.y - slack[1]))
    right, bottom = round(box.x + box.width + slack[2]), round(box.y + box.height + slack[3])
    return image[top:bottom, left:right].copy(), np.array([left, top], np.float32)
