"""Draw training samples of the verifier: twin plates, views of them as networks take them, and held-out pairs."""

from dataclasses import dataclass, replace

import numpy as np

from reid.arrays import Flags, Floats, Rows
from reid.evaluation.plate_pairs import TWIN_SHARE
from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.plates.rectify import MARGIN, Quad, quad_size, rectified
from reid.render.number_plates.glyphs import draw_typeface
from reid.render.number_plates.plates import PlateDesign, draw, make_plate, twin
from reid.render.number_plates.views import SEVERITIES, PlateView, draw_wear, view, worn
from reid.training.plates.degradation import HARSH_CHANCE, degraded
from reid.training.plates.printed import print_plate, printed_plate
from reid.vehicle import Image

LOWEST_PX, HIGHEST_PX = 7.5, 48.0
_LOOSE_CHANCE = 0.06
_CHANGES = (1, 2, 3, 12)
"""Numbers of successive character changes; the last changes nearly the whole text."""

_CHANGES_SHARES = (0.55, 0.18, 0.07, 0.2)
_CITY_SHARE = 0.35
"""Share of the plates with layouts of the simulated cities."""

_BIKE_SHARE = 0.2
_TWIN_EACH = 3
"""Every third group holds twins of one character, the others plates of one layout with different texts."""


def draw_plate_view(picture: Image, rng: np.random.Generator) -> PlateView:
    """Return a drawn plate at a random height and severity."""
    height_px = float(np.exp(rng.uniform(np.log(LOWEST_PX), np.log(HIGHEST_PX))))
    severity = int(np.clip(rng.normal(1.2, 1.0), 0, len(SEVERITIES) - 1))
    return view(picture, rng, height_px, severity)


def network_picture(seen: PlateView, rng: np.random.Generator, *, careless: bool, harsh: bool) -> Image:
    """Return the plate as network input, (HEIGHT_PX, WIDTH_PX, 3).

    `careless` moves the corners as a locator's errors do, `harsh` degrades some pictures further.
    """
    corners = located_corners(seen, rng) if careless else seen.corners
    picture = rectified(seen.image, corners, WIDTH_PX, HEIGHT_PX, MARGIN)
    return degraded(picture, rng) if harsh and rng.random() < HARSH_CHANCE else picture


def located_corners(seen: PlateView, rng: np.random.Generator) -> Quad:
    """Return corners with a locator's usual errors, seldom those of the whole picture."""
    height, width = seen.image.shape[:2]
    if rng.random() < _LOOSE_CHANCE:
        return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    size = np.array(quad_size(seen.corners))
    middle = seen.corners.mean(axis=0)
    grown = middle + (seen.corners - middle) * rng.normal(1.01, 0.03, 2)
    shift = rng.normal(0, 0.02, 2) * size
    return np.asarray(grown + shift + rng.normal(0, 0.15 + 0.015 * size.min(), (4, 2)), np.float32)


@dataclass(frozen=True, slots=True)
class TwinPlates:
    """Two frontal plates of one layout with their dirt, and their texts, which differ."""

    pictures: tuple[Image, Image]
    texts: tuple[str, str]


def draw_twins(rng: np.random.Generator, *, changes: int | None = None) -> TwinPlates:
    """Draw two plates whose texts differ in one to all characters; half of the time their dirt is the same."""
    changes = changes or int(rng.choice(_CHANGES, p=_CHANGES_SHARES))
    clean, texts = (_city_twins if rng.random() < _CITY_SHARE else _printed_twins)(changes, rng)
    wear = draw_wear(rng)
    other_wear = wear if rng.random() < 0.5 else draw_wear(rng)
    return TwinPlates((worn(clean[0], wear), worn(clean[1], other_wear)), texts)


@dataclass(frozen=True, slots=True)
class HeldOutPlatePairs:
    """Views with located corners, and their pairs: view first[k] with view second[k].

    `weights` give same and different pairs equal weight in total, and twins TWIN_SHARE of the different ones.
    """

    shown: tuple[tuple[Image, Quad], ...]
    first: Rows
    second: Rows
    same: Flags
    twins: Flags
    weights: Floats


def draw_held_out_pairs(groups: int, *, seed: int) -> HeldOutPlatePairs:
    """Return pairs of the same plate, of one layout, of twins and of unrelated plates; a group has two plates."""
    rng = np.random.default_rng([seed, 72])
    changes = np.where(np.arange(groups) % _TWIN_EACH == 0, 1, 12)
    shown = tuple(one for count in changes.tolist() for one in _group(count, rng))
    a1, a2, b1, b2 = np.arange(4 * groups).reshape(groups, 4).T
    first = np.concatenate([a1, b1, a1, a2, a1, b1])
    second = np.concatenate([a2, b2, b1, b2, np.roll(b2, 1), np.roll(a2, 1)])
    same = np.arange(len(first)) < 2 * groups
    twins = np.concatenate([np.zeros(2 * groups), np.tile(changes == 1, 2), np.zeros(2 * groups)]).astype(bool)
    return HeldOutPlatePairs(shown, first, second, same, twins, _weights(same, twins))


def _printed_twins(changes: int, rng: np.random.Generator) -> tuple[tuple[Image, Image], tuple[str, str]]:
    plate = printed_plate(_seed(rng))
    other = plate
    while other.text == plate.text:
        for _ in range(changes):
            other = other.twin(_seed(rng))
    return (print_plate(plate).image, print_plate(other).image), (plate.text, other.text)


def _city_twins(changes: int, rng: np.random.Generator) -> tuple[tuple[Image, Image], tuple[str, str]]:
    """Draw plates of the cities' layouts; half of the time bolts and holder are the same."""
    plate = _city_plate(rng)
    other = plate
    while other.text == plate.text:
        for _ in range(changes):
            other = twin(other, _seed(rng))
    if rng.random() < 0.5:
        other = replace(other, seed=plate.seed)
    rear, px_per_m = bool(rng.random() < 0.5), float(rng.uniform(420, 620))
    pictures = draw(plate, rear=rear, px_per_m=px_per_m), draw(other, rear=rear, px_per_m=px_per_m)
    return pictures, (plate.text, other.text)


def _city_plate(rng: np.random.Generator) -> PlateDesign:
    """Draw a plate, half of the time in a random typeface instead of its country's."""
    vehicle_type = "motorcycle" if rng.random() < _BIKE_SHARE else "car"
    plate = make_plate(_seed(rng), vehicle_type=vehicle_type, state="clean")
    return replace(plate, typeface=draw_typeface(rng)) if rng.random() < 0.5 else plate


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**40))


def _group(changes: int, rng: np.random.Generator) -> list[tuple[Image, Quad]]:
    views = [draw_plate_view(drawn, rng) for drawn in draw_twins(rng, changes=changes).pictures for _ in range(2)]
    return [(seen.image, located_corners(seen, rng)) for seen in views]


def _weights(same: Flags, twins: Flags) -> Floats:
    weights = np.where(same, 0.5 / same.sum(), 0.0)
    weights[twins] = 0.5 * TWIN_SHARE / twins.sum()
    others = ~same & ~twins
    weights[others] = 0.5 * (1 - TWIN_SHARE) / others.sum()
    return weights
