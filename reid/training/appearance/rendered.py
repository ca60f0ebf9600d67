"""Render vehicles past simulated cameras, to train the appearance network on and to score embedders on."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from reid.appearance.embedders import Embedder
from reid.arrays import Floats
from reid.evaluation.intervals import Figure, as_json, figure
from reid.evaluation.protocols import Labelled, Ranks, rank_gallery
from reid.render.frames import FrameRenderer
from reid.render.light.weather import WEATHERS
from reid.render.scene import Placement, Site, SiteOptions, make_site
from reid.render.vehicles.bodies import TYPE_OF_BODY, Vehicle, make_model, make_vehicle
from reid.training.appearance.datasets import BOX_SIDE_PX, MARGIN_PX, Crops, stack
from reid.vehicle import COLOURS, VEHICLE_TYPES, Box, Image

RENDER_VERSION = 3
"""Increase it when these pictures change, so that cached older ones are not used."""

FASTEST_MPS = 17.0
BODY_SHARES = {"car": 0.52, "van": 0.13, "truck": 0.14, "bus": 0.05, "motorcycle": 0.16}
"""Trucks, buses and motorcycles are over-represented compared with traffic, so that they are found as reliably."""

SAME_VIEW_DEG, OTHER_VIEW_DEG = 60.0, 120.0


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What to render; each model has `of_model` vehicles, two of them in one colour."""

    seed: int = 1
    vehicles: int = 1600
    of_model: int = 4
    cameras: int = 64
    cameras_of_vehicle: int = 6
    frames_of_camera: int = 4
    min_height_px: float = 22.0
    min_visible: float = 0.45


def rendered_crops(options: RenderOptions, cache: Path, report: Callable[[int, int], None]) -> Crops:
    """Return the pictures of all vehicles; each model is rendered once and kept in `cache`.

    `report` gets how many models are done, of how many. An interruption loses only the current model.
    """
    folder = cache / _key(options)
    folder.mkdir(parents=True, exist_ok=True)
    models = options.vehicles // options.of_model
    cameras: list[RenderedCamera] = []
    parts = []
    for model in range(models):
        path = folder / f"{model:06d}.npz"
        if not path.exists():
            cameras = cameras or [make_camera(options.seed, number) for number in range(options.cameras)]
            render_model(options, model, cameras).save(path)
        parts.append(Crops.load(path))
        report(model + 1, models)
    return stack(parts)


class RenderedCamera:
    """A simulated camera with the visible range of each of its lanes."""

    def __init__(self, site: Site) -> None:
        self.renderer = FrameRenderer(site)
        lanes = range(site.street.lanes_each_way)
        self.seen_m = {(way, lane): site.visible_range_m(way, lane) for way in (1, -1) for lane in lanes}

    def place(self, vehicle: Vehicle, direction: int, rng: np.random.Generator) -> Placement:
        """Place a vehicle at a random point of its lane, more often near the camera than far."""
        lane = int(rng.integers(self.renderer.site.street.lanes_each_way))
        first_m, last_m = self.seen_m[direction, lane]
        near_m, far_m = (first_m, last_m) if abs(first_m) < abs(last_m) else (last_m, first_m)
        along_m = near_m + (far_m - near_m) * (0.04 + 0.75 * float(rng.random()) ** 1.5)
        lateral_m, is_braking = float(rng.normal(0, 0.25)), bool(rng.random() < 0.2)
        speed_mps = float(rng.uniform(0, FASTEST_MPS))
        return Placement(vehicle, direction, along_m, lane, lateral_m, braking=is_braking, speed_mps=speed_mps)


def make_camera(seed: int, number: int) -> RenderedCamera:
    """Set up camera `number` of a seed: most look along the road, some across it, at any hour and in any weather."""
    rng = np.random.default_rng([seed, 31, number])
    spread_deg = float(rng.choice([15.0, 35.0, 60.0], p=[0.4, 0.4, 0.2]))
    heading_deg = (float(rng.choice([0.0, 90.0, 270.0], p=[0.84, 0.08, 0.08])) + rng.normal(0, spread_deg)) % 360
    height = int(rng.choice([540, 720], p=[0.4, 0.6]))
    options = SiteOptions(
        width=height * 16 // 9,
        height=height,
        heading_deg=heading_deg,
        weather=str(rng.choice(list(WEATHERS))),
        keeps_left=bool(rng.random() < 0.3),
    )
    return RenderedCamera(make_site(int(rng.integers(2**31)), options))


def make_siblings(options: RenderOptions, model: int) -> list[Vehicle]:
    """Return the vehicles of a model; the second has the colour of the first."""
    rng = np.random.default_rng([options.seed, 32, model])
    kind = str(rng.choice(list(BODY_SHARES), p=list(BODY_SHARES.values())))
    body = str(rng.choice([body for body, of_kind in TYPE_OF_BODY.items() if of_kind == kind]))
    built = make_model(int(rng.integers(2**31)), body)
    seeds = rng.integers(2**31, size=options.of_model).tolist()
    siblings = [make_vehicle(seed, built) for seed in seeds]
    if len(siblings) > 1:
        siblings[1] = make_vehicle(seeds[1], built, colour=siblings[0].colour)
    return siblings


def render_model(options: RenderOptions, model: int, cameras: list[RenderedCamera]) -> Crops:
    """Return the pictures of all vehicles of a model, which drive together past some of the cameras."""
    siblings = make_siblings(options, model)
    rng = np.random.default_rng([options.seed, 33, model])
    first = model * options.of_model
    parts = []
    for camera in rng.choice(len(cameras), options.cameras_of_vehicle, replace=False).tolist():
        ways = rng.permutation([1, -1] * len(siblings))[: len(siblings)].tolist()
        for _ in range(options.frames_of_camera):
            traffic = [cameras[camera].place(*pair, rng) for pair in zip(siblings, ways, strict=True)]
            frame = cameras[camera].renderer.frame(traffic, float(rng.uniform(0, 60)))
            for found in frame.boxes:
                large = found.box.height >= options.min_height_px and found.visible >= options.min_visible
                if large and found.index >= 0:
                    labels = (first + found.index, model, camera)
                    parts.append(
                        _labelled(cut_crop(frame.image, found.box), siblings[found.index], found.heading_deg, labels)
                    )
    return stack(parts)


def cut_crop(image: Image, box: Box) -> Image:
    """Return the box at BOX_SIDE_PX squared with its margin; the picture's border is replicated outside it."""
    side = BOX_SIDE_PX + 2 * MARGIN_PX
    scale_x, scale_y = box.width / BOX_SIDE_PX, box.height / BOX_SIDE_PX
    margin_x, margin_y = scale_x * MARGIN_PX, scale_y * MARGIN_PX
    height, width = image.shape[:2]
    columns = np.clip(np.arange(round(box.x - margin_x), round(box.x + box.width + margin_x)), 0, width - 1)
    rows = np.clip(np.arange(round(box.y - margin_y), round(box.y + box.height + margin_y)), 0, height - 1)
    shrinks = min(len(rows), len(columns)) > side
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image[rows][:, columns], (side, side), interpolation=how), dtype=np.uint8)


PUBLISHED = RenderOptions(seed=10_001, vehicles=160, cameras=20)
"""The held-out vehicles of the published figures; seeds below 10,000 are for training and tuning."""


def score_rendered(crops: Crops, embedder: Embedder) -> dict[str, object]:
    """Score an embedder: each picture is a query for its vehicle on all other cameras; intervals are over vehicles.

    `same_view` counts only right answers whose heading is within 60 degrees, `other_view` only those 120 or more away.
    """
    embedded = Labelled(embedder.embed(list(crops.boxes)), crops.vehicle, crops.camera)
    turn = np.abs((crops.heading_deg[:, None] - crops.heading_deg[None] + 180) % 360 - 180)
    own = crops.vehicle[:, None] == crops.vehicle[None]
    every = rank_gallery(embedded, embedded, own_camera="junk")
    same = rank_gallery(embedded, embedded, own_camera="junk", also_junk=own & (turn > SAME_VIEW_DEG))
    other = rank_gallery(embedded, embedded, own_camera="junk", also_junk=own & (turn < OTHER_VIEW_DEG))
    return {
        **as_json(rank1=_rank1(every, crops), map=_precision(every, crops)),
        **as_json(same_view_rank1=_rank1(same, crops), same_view_map=_precision(same, crops)),
        **as_json(other_view_rank1=_rank1(other, crops), other_view_map=_precision(other, crops)),
        "queries": len(every.rows),
        "gallery": len(crops),
    }


def _labelled(picture: Image, vehicle: Vehicle, heading_deg: float, labels: tuple[int, int, int]) -> Crops:
    """Return one labelled picture; `labels` are the numbers of its vehicle, model and camera."""
    number, model, camera = labels
    return Crops(
        pictures=picture[None],
        vehicle=np.array([number]),
        model=np.array([model]),
        camera=np.array([camera]),
        type=np.array([VEHICLE_TYPES.index(vehicle.type)]),
        colour=np.array([COLOURS.index(vehicle.colour)]),
        heading_deg=np.array([heading_deg], dtype=np.float32),
        source=np.zeros(1, dtype=np.int64),
    )


def _key(options: RenderOptions) -> str:
    """Return the cache key of a model's pictures, which do not depend on the number of vehicles."""
    document = {**asdict(options), "vehicles": 0, "look": RENDER_VERSION}
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def _rank1(ranks: Ranks, crops: Crops) -> Figure:
    return _mean((ranks.first_right == 1).astype(float), ranks, crops)


def _precision(ranks: Ranks, crops: Crops) -> Figure:
    return _mean(ranks.precision, ranks, crops)


def _mean(values: Floats, ranks: Ranks, crops: Crops) -> Figure:
    vehicles = [str(vehicle) for vehicle in crops.vehicle[ranks.rows].tolist()]
    return figure(vehicles, lambda drawn: float(values[drawn].mean()))
