"""Keep the foreign town's look out of whatever trains, tunes or calibrates."""

import ast
from pathlib import Path

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.plates.formats import SYNTAXES
from reid.render import crops
from reid.render.foreign.layouts import FOREIGN_LAYOUTS
from reid.render.foreign.street import mount_foreign_camera, tint_foreign_sensor
from reid.render.foreign.vehicles import FOREIGN_BODIES, FOREIGN_SHAPES, FOREIGN_TINTS
from reid.render.foreign.weathers import FOREIGN_WEATHERS
from reid.render.light.sensor import draw_sensor
from reid.render.light.weather import WEATHERS, make_light
from reid.render.number_plates.glyphs import draw_typeface
from reid.render.number_plates.layouts import LAYOUTS
from reid.render.number_plates.plates import make_plate
from reid.render.scene import SiteOptions
from reid.render.street.street import OVERVIEW, PLATE, draw_street, place_camera
from reid.render.vehicles.bodies import MARK_SHARES, TINTS, TYPE_OF_BODY, make_model, make_vehicle
from reid.render.vehicles.painted_marks import LIVERY
from reid.render.vehicles.shapes import SHAPES, Shape
from reid.training.plates.texts import PATTERN_FAMILIES

ROOT = Path(__file__).parents[4]
MAY_DRAW = {
    "reid/render/scene.py", "reid/render/sheets.py", "reid/render/number_plates/plates.py",
    "index/simulation/fleet.py",
}  # fmt: skip
"""The files that may import the foreign town: what draws on being told so, and the simulated city that tells it."""
MAY_ASK = MAY_DRAW | {"index/simulation/cameras.py", "index/simulation/options.py", "ui/cli/city.py"}
"""Those that may name it besides: the preset and its switch."""
NAMES = {"foreign", LIVERY, *FOREIGN_LAYOUTS, *FOREIGN_WEATHERS} - {"snow"}
"""Snow is a word of stored weather too; `make_light` refuses it wherever the town is not foreign."""


def sources() -> list[Path]:
    rooms = ("reid", "index", "ui", "benchmarks")
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def names(path: Path) -> set[str]:
    """Return the modules, arguments, attributes and strings that a file names, none if no foreign one can be there."""
    found: set[str] = set()
    text = path.read_text(encoding="utf-8")
    if not any(name in text for name in NAMES):
        return found
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def test_only_the_simulated_city_asks_for_the_foreign_town() -> None:
    own = "reid/render/foreign/"
    for path in sources():
        place, named = path.relative_to(ROOT).as_posix(), names(path)
        if place.startswith(own):
            continue
        if any(name.startswith("reid.render.foreign") for name in named):
            assert place in MAY_DRAW, f"{place} imports the foreign town, which is for measuring alone"
        if named & NAMES and place not in MAY_ASK:
            known = {"reid/render/vehicles/painted_marks.py", "index/simulation/crops/tracking_samples.py"}
            assert place in known, f"{place} names {sorted(named & NAMES)}, which is for measuring alone"


def test_no_training_names_it_or_takes_vehicles_from_a_city() -> None:
    rooms = ("reid/training", "reid/evaluation", "index/learning")
    for path in (path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))):
        text = path.read_text(encoding="utf-8")
        assert "foreign" not in text.lower(), path
        assert "simulation.fleet" not in text, path


def test_what_nobody_asked_for_is_at_home() -> None:
    assert not SiteOptions().foreign
    assert not set(crops.RenderedCropOptions().weathers) & set(FOREIGN_WEATHERS)
    assert not set(WEATHERS) & set(FOREIGN_WEATHERS)
    assert not set(LAYOUTS) & set(FOREIGN_LAYOUTS)
    assert LIVERY not in MARK_SHARES
    drawn = [make_vehicle(seed, make_model(seed)) for seed in range(200)]
    assert not {vehicle.plate.layout for vehicle in drawn} & set(FOREIGN_LAYOUTS)
    assert not any(LIVERY in vehicle.marks for vehicle in drawn)
    bikes = {make_plate(seed, vehicle_type="motorcycle").layout for seed in range(50)}
    assert not bikes & set(FOREIGN_LAYOUTS)


@pytest.mark.parametrize("weather", FOREIGN_WEATHERS)
def test_a_camera_at_home_has_no_foreign_weather(weather: str) -> None:
    with pytest.raises(SeeingError, match="choose one of sun"):
        make_light(1, weather)


def _span(shape: Shape) -> np.ndarray:
    return np.array([shape.length_m, shape.width_m, shape.height_m])


@pytest.mark.parametrize("name", FOREIGN_SHAPES)
def test_every_foreign_shape_has_a_side_that_no_shape_of_its_type_at_home_has(name: str) -> None:
    kinds = {TYPE_OF_BODY[one.body] for one in FOREIGN_BODIES if one.shape == name}
    at_home = [SHAPES[body] for body, kind in TYPE_OF_BODY.items() if kind in kinds and body in SHAPES]
    at_home = at_home or [SHAPES["cab"], SHAPES["highcab"]]
    low, high = _span(FOREIGN_SHAPES[name]).T
    apart = [(low > _span(shape)[:, 1]) | (high < _span(shape)[:, 0]) for shape in at_home]
    assert np.all(apart, axis=0).any()


def test_foreign_tints_lie_apart_from_those_at_home_and_nearest_to_their_own_colour_or_far_from_all() -> None:
    at_home = [(colour, np.array(tint)) for colour, tints in TINTS.items() for tint in tints]
    assert set(FOREIGN_TINTS) == set(TINTS)
    for colour, tints in FOREIGN_TINTS.items():
        for tint in tints:
            distance, nearest = min((float(np.linalg.norm(np.array(tint) - other)), name) for name, other in at_home)
            assert distance >= (24 if colour not in ("white", "black") else 13)
            assert nearest == colour or distance > 44


def test_no_country_and_no_training_has_the_foreign_texts() -> None:
    trained = {pattern for family in PATTERN_FAMILIES for pattern in family.patterns}
    known = {pattern for syntax in SYNTAXES.values() for pattern in syntax.patterns.split()}
    for layout in FOREIGN_LAYOUTS.values():
        for pattern in layout.patterns:
            bare = "".join(sign for sign in pattern if sign not in "-.~|")
            assert pattern not in trained
            assert bare not in known
            free = pattern.replace("|", "")
            has_other_break = "|" in pattern and pattern.index("|") != len(free) // 2
            assert has_other_break or sum(sign in "-.~" for sign in pattern) > 2, "a free text may be written so"


def test_no_typeface_at_home_is_as_wide_and_square_as_the_foreign_one() -> None:
    at_home = [draw_typeface(np.random.default_rng(seed)) for seed in range(300)]
    for layout in FOREIGN_LAYOUTS.values():
        assert layout.typeface is not None
        assert layout.typeface.width > max(typeface.width for typeface in at_home)
        assert layout.typeface.square > max(typeface.square for typeface in at_home)


@pytest.mark.parametrize("kind", [OVERVIEW, PLATE])
def test_foreign_cameras_hang_higher_and_bend_and_sharpen_more(kind: str) -> None:
    for seed in range(40):
        street = draw_street(seed)
        lenses = [place(seed, street, 20.0, kind, 1280, 720) for place in (mount_foreign_camera, place_camera)]
        sensor = draw_sensor(seed, 1.0, dark=False)
        foreign = tint_foreign_sensor(seed, sensor)
        assert lenses[0].eye[2] > 6.5
        assert lenses[0].eye[2] > lenses[1].eye[2]
        assert lenses[0].barrel > lenses[1].barrel
        assert foreign.sharpening > 1.0 > sensor.sharpening
        assert foreign.noise > 2.9
