"""Draw the contact sheets of `docs/city/`: every body, plate, weather and camera.

`python -m reid.render.sheets FOLDER` writes them all, always the same.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from reid.images import crop
from reid.render.crops import RenderedCropOptions, draw_crop
from reid.render.foreign.vehicles import make_foreign_model, make_foreign_vehicle
from reid.render.frames import FrameRenderer
from reid.render.light.glare import lamp_light
from reid.render.light.lens import aimed
from reid.render.light.sensor import draw_sensor
from reid.render.light.shading import Scenery, Surface
from reid.render.light.shadows import cast_shadow
from reid.render.light.weather import WEATHERS, environment_map, make_light
from reid.render.number_plates.layouts import LAYOUTS
from reid.render.number_plates.plates import draw, make_plate
from reid.render.scene import Placement, SiteOptions, make_site
from reid.render.vehicles.bodies import TYPE_OF_BODY, Vehicle, make_model, make_vehicle
from reid.render.vehicles.build import build
from reid.render.vehicles.layers import draw_layer
from reid.vehicle import Image

_FOREIGN_SITES = (("dust", 20.0), ("snow", -25.0), ("last sun", 50.0), ("snow", 150.0))
_TURNS_DEG = (25, 155, 180, 205, 270, 0)
_PAPER = 168
_JPEG_QUALITY = 80


def write_sheets(folder: Path) -> list[Path]:
    """Write every sheet into a folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    sheets = {
        "bodies": bodies_sheet(),
        "plates": plates_sheet(),
        "weather": weather_sheet(),
        "cameras": cameras_sheet(),
        "crops": crops_sheet(),
        "twins": twins_sheet(),
        "foreign": foreign_sheet(),
    }
    paths = []
    for name, sheet in sheets.items():
        path = folder / f"{name}.jpg"
        _, packed = cv2.imencode(".jpg", sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        path.write_bytes(packed.tobytes())
        paths.append(path)
    return paths


def bodies_sheet() -> Image:
    """Return every body, a row each, from six sides."""
    rows = []
    for number, body in enumerate(TYPE_OF_BODY):
        vehicle = make_vehicle(40 + number, make_model(60 + number, body))
        rows.append([_portrait(vehicle, turn) for turn in _TURNS_DEG])
    return _grid(rows)


def plates_sheet() -> Image:
    """Return every layout: four clean plates and a dirty one."""
    rows = []
    for number, layout in enumerate(LAYOUTS):
        states = ("clean", "clean", "clean", "clean", "dirty")
        plates = [make_plate(10 * number + i, layout, state=state) for i, state in enumerate(states)]
        rows.append([_on_paper(draw(plate, px_per_m=330), 180, 62) for plate in plates])
    return _grid(rows)


def weather_sheet() -> Image:
    """Return one street in every weather."""
    tiles = [_street(SiteOptions(weather=weather, heading_deg=200.0), 31) for weather in WEATHERS]
    return _grid([tiles[i : i + 2] for i in range(0, len(tiles), 2)])


def cameras_sheet() -> Image:
    """Return overview and plate cameras with front, rear, side and oblique views."""
    overview = [_street(SiteOptions(heading_deg=turn), 40 + i) for i, turn in enumerate((0, 180, 90, 40))]
    narrow = [_street(SiteOptions(heading_deg=turn, kind="plate"), 50 + i) for i, turn in enumerate((0, 180, 25, 205))]
    return _grid([overview[i : i + 2] for i in (0, 2)] + [narrow[i : i + 2] for i in (0, 2)])


def crops_sheet() -> Image:
    """Return training crops, a vehicle a row."""
    options = RenderedCropOptions(seed=4, size_px=112)
    return _grid([[draw_crop(options, 8 * row + shot).image for shot in range(8)] for row in range(10)])


def twins_sheet() -> Image:
    """Return vehicles of one model and colour, two views each, which differ only in plate and marks."""
    model = make_model(905, "suv")
    twins = [make_vehicle(seed, model, colour="silver") for seed in range(12)]
    tiles = [[_portrait(twin, turn) for turn in (200, 25)] for twin in twins]
    return _grid([[*tiles[i], *tiles[i + 1], *tiles[i + 2]] for i in range(0, 12, 3)])


def foreign_sheet() -> Image:
    """Return vehicles of the foreign town, cut from the pictures of its cameras."""
    tiles = []
    for number, (weather, heading_deg) in enumerate(_FOREIGN_SITES):
        site = make_site(40 + number, SiteOptions(weather=weather, heading_deg=heading_deg, foreign=True))
        models = [make_foreign_model(10 * number + i) for i in range(4)]
        places = ((1, 0.0), (-1, 1.0), (1, 13.0), (-1, 14.0))
        traffic = [
            Placement(make_foreign_vehicle(100 * number + i, model), *place)
            for i, (model, place) in enumerate(zip(models, places, strict=True))
        ]
        frame = FrameRenderer(site).frame(traffic, 1.0)
        whole = [seen for seen in frame.boxes if seen.index >= 0 and seen.visible > 0.95]
        largest = sorted(whole, key=lambda seen: -seen.box.height)[:2]
        tiles += [_fitted(crop(frame.image, seen.box), 200, 170) for seen in largest]
    return _grid([tiles[:4], tiles[4:]])


def _fitted(picture: Image, width: int, height: int) -> Image:
    """Return a picture as large as a grey tile allows, in its middle."""
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = (max(1, int(picture.shape[1] * scale)), max(1, int(picture.shape[0] * scale)))
    return _on_paper(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8), width, height)


def _portrait(vehicle: Vehicle, turn_deg: float, width: int = 240, height: int = 180) -> Image:
    """Return a vehicle alone on grey paper, driving `turn_deg` in the picture."""
    light, solid = make_light(2, "sun"), build(vehicle)
    turn, away = np.radians(turn_deg), 2.0 * solid.length_m + 6.0
    eye = (-away * np.cos(turn), -away * np.sin(turn), 3.2 + 0.25 * solid.length_m)
    wide = abs(np.sin(turn)) * solid.length_m + abs(np.cos(turn)) * solid.width_m + 0.4 * solid.height_m
    high = solid.height_m + 0.25 * solid.length_m
    focal = away * min(0.86 * width / wide, 0.74 * height / high)
    lens = aimed(eye, (0, 0, solid.height_m * 0.42), focal, width, height)
    paper = np.full((height, width, 3), _PAPER, np.uint8)
    cast_shadow(paper, solid, 0.0, 0.0, 0.0, lens, light)
    scenery = Scenery(light, environment_map(light, 2), lens.eye)
    sensor = replace(draw_sensor(2, light.exposure, dark=False), softness_px=0.4)
    surface = Surface(solid.texture, solid.plate_faces, lamp_light(light, braking=False))
    layer = draw_layer(solid.mesh, surface, lens, scenery, sensor, scale=2)
    if layer is not None:
        layer.over(paper, sensor)
    return paper


def _street(options: SiteOptions, seed: int) -> Image:
    """Return a frame of a street with some traffic, at half its size."""
    site = make_site(seed, options)
    rng = np.random.default_rng(seed)
    traffic = []
    for direction in (1, -1):
        first, last = site.visible_range_m(direction)
        for share in (0.35, 0.7):
            vehicle = make_vehicle(int(rng.integers(2**31)), make_model(int(rng.integers(2**31))))
            along = max(first, -16) + share * (min(last, 22) - max(first, -16))
            is_braking, speed_mps = bool(rng.random() < 0.3), float(rng.uniform(3, 15))
            traffic.append(Placement(vehicle, direction, float(along), braking=is_braking, speed_mps=speed_mps))
    image = FrameRenderer(site).frame(traffic, 1.0).image
    return np.asarray(cv2.resize(image, (640, 360), interpolation=cv2.INTER_AREA), np.uint8)


def _on_paper(picture: Image, width: int, height: int) -> Image:
    """Return a picture in the middle of a grey tile."""
    tile = np.full((height, width, 3), _PAPER, np.uint8)
    x, y = (width - picture.shape[1]) // 2, (height - picture.shape[0]) // 2
    tile[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    return tile


def _grid(rows: Sequence[Sequence[Image]]) -> Image:
    """Return tiles of one size in rows; a short row is filled up with paper."""
    columns = max(len(row) for row in rows)
    blank = np.full_like(rows[0][0], _PAPER)
    return np.vstack([np.hstack([*row, *[blank] * (columns - len(row))]) for row in rows])


if __name__ == "__main__":
    write_sheets(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/city"))
