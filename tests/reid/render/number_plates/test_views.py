import importlib.util
import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from reid.plates.rectify import rectified
from reid.render.number_plates.plates import draw, make_plate
from reid.render.number_plates.views import SEVERITIES, Wear, draw_wear, view, worn
from reid.vehicle import Image

HEIGHTS_PX = (12, 24, 40)
VIEWS = 200


def drawn(seed: int = 1, layout: str = "eu-de") -> Image:
    return draw(make_plate(seed, layout, state="clean"))


@pytest.mark.parametrize("severity", range(len(SEVERITIES)))
@pytest.mark.parametrize("height_px", [4, 8, 17, 48, 120])
def test_a_view_has_about_the_requested_height(height_px: int, severity: int) -> None:
    seen = view(drawn(), np.random.default_rng(height_px), height_px, severity)
    assert seen.image.dtype == np.uint8
    assert height_px <= seen.image.shape[0] <= 1.5 * height_px + 1
    assert np.linalg.norm(seen.corners[3] - seen.corners[0]) == pytest.approx(height_px, rel=0.3)


def test_the_same_generator_gives_the_same_view() -> None:
    first, second = (view(drawn(), np.random.default_rng(5), 20, 2) for _ in range(2))
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.corners, second.corners)


def test_the_corners_are_where_the_plate_ends() -> None:
    """A white plate before something else: the strongest edges lie along the corners, but for a shadow's edge."""
    white = np.full((55, 260, 3), 255, np.uint8)
    along = []
    for seed in range(30):
        seen = view(white, np.random.default_rng(seed), 60, 0)
        inside = cv2.fillConvexPoly(np.zeros(seen.image.shape[:2], np.uint8), np.round(seen.corners).astype(int), 1)
        rim = cv2.dilate(inside, np.ones((5, 5), np.uint8)) > cv2.erode(inside, np.ones((5, 5), np.uint8))
        edges = np.hypot(*np.gradient(seen.image.astype(float).mean(2)))
        along.append(rim[edges > 0.5 * edges.max()].mean())
    assert np.mean(np.array(along) > 0.9) > 0.7


def test_dirt_belongs_to_the_plate() -> None:
    wear = Wear(6, 3, (90, 75, 60))
    assert np.array_equal(worn(drawn(), wear), worn(drawn(), wear))
    assert not np.array_equal(worn(drawn(), wear), worn(drawn(), Wear(6, 4, (90, 75, 60))))


def test_a_plate_without_spots_stays_as_it_is() -> None:
    assert np.array_equal(worn(drawn(), Wear(0, 3, (90, 75, 60))), drawn())


def test_half_of_the_plates_are_clean() -> None:
    rng = np.random.default_rng(0)
    assert np.mean([draw_wear(rng).spots == 0 for _ in range(1000)]) == pytest.approx(0.5, abs=0.05)


def test_worse_cameras_show_less_of_the_plate() -> None:
    kept = [np.mean([likeness(24, severity, seed) for seed in range(40)]) for severity in range(len(SEVERITIES))]
    assert kept == sorted(kept, reverse=True)
    assert kept[0] > 0.85
    assert kept[3] < kept[0] - 0.1


def test_small_views_show_less_of_the_plate() -> None:
    assert np.mean([likeness(8, 0, n) for n in range(40)]) < np.mean([likeness(32, 0, n) for n in range(40)]) - 0.1


@pytest.mark.parametrize("severity", range(len(SEVERITIES)))
def test_views_have_the_statistics_of_the_prototype(material: Path, severity: int) -> None:
    """Means and spreads of the views must match those of the prototype for each severity."""
    degrade = sketch(material).degrade
    plates = [drawn(seed, layout) for seed, layout in enumerate(("eu-de", "us", "cn-blue", "br", "eu-bike") * 4)]
    rng, theirs_rng = np.random.default_rng(severity), random.Random(severity)
    np.random.seed(severity)
    for height_px in HEIGHTS_PX:
        ours = looks_of(plates, lambda plate, px=height_px: view(plate, rng, px, severity).image)
        theirs = looks_of(plates, lambda plate, px=height_px: degrade(plate, theirs_rng, px, severity))
        noise = np.sqrt((ours.var(0) + theirs.var(0)) / VIEWS)
        assert (np.abs(ours.mean(0) - theirs.mean(0)) < 4 * noise).all(), (height_px, ours.mean(0), theirs.mean(0))
        assert (np.abs(np.log(ours.std(0) / theirs.std(0))) < 0.3).all(), (height_px, ours.std(0), theirs.std(0))


def likeness(height_px: float, severity: int, seed: int) -> float:
    """Return the correlation of a rectified view with its plate."""
    seen = view(drawn(), np.random.default_rng(seed), height_px, severity)
    flat = rectified(seen.image, seen.corners, 260, 55).astype(float).mean(2)
    return float(np.corrcoef(flat.ravel(), drawn().astype(float).mean(2).ravel())[0, 1])


def sketch(material: Path) -> ModuleType:
    path = material.parent / "sketches" / "plates.py"
    if not path.exists():
        pytest.skip(f"{path} is not there: the measured sketch lies beside the real material")
    spec = importlib.util.spec_from_file_location("sketch_of_plates", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def looks_of(plates: list[Image], show: Callable[[Image], Image]) -> npt.NDArray[np.float64]:
    """Return (VIEWS, 7): sharpness, grain, brightness, contrast, colour, height and shape of views."""
    rows = []
    for number in range(VIEWS):
        image = show(plates[number % len(plates)])
        grey = image.astype(np.float64).mean(2)
        grain = np.log1p(np.median(np.abs(cv2.Laplacian(grey, cv2.CV_64F))))
        colour = np.abs(image - grey[..., None]).mean()
        height, width = grey.shape
        rows.append(
            (np.log(sharpness(image)), grain, grey.mean(), grey.std(), colour, np.log(height), np.log(width / height))
        )
    return np.array(rows)


def sharpness(image: Image) -> float:
    grey = image.astype(np.float64).mean(2)
    return float(cv2.Laplacian(grey, cv2.CV_64F).std() / max(1.0, grey.std()))
