from pathlib import Path

import numpy as np
import pytest

from reid.appearance import marks
from reid.appearance.attributes import colour_probabilities, describe, heading_deg, type_probabilities
from reid.appearance.embedders import Appearance, HistogramEmbedder, embedder_names, make_embedder
from reid.errors import SeeingError
from reid.images import read_image
from reid.vehicle import COLOURS, VEHICLE_TYPES, Box, Shot, TrackPoint


def slow_histogram(picture: np.ndarray) -> np.ndarray:
    """The same counts, one pixel after the other."""
    import cv2

    small = cv2.resize(picture, (96, 96), interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV).astype(int)
    shade, light = np.zeros((4, 4, 8, 4)), np.zeros((4, 4, 8))
    for y in range(96):
        for x in range(96):
            h, s, v = hsv[y, x]
            shade[y // 24, x // 24, min(h * 8 // 180, 7), s // 64] += 1
            light[y // 24, x // 24, v // 32] += 1
    roots = np.sqrt(np.concatenate([shade.ravel(), light.ravel()]))
    return np.asarray(roots / np.linalg.norm(roots))


def test_the_histogram_is_that_of_the_slow_way_and_keeps_the_order() -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (h, w, 3)).astype(np.uint8) for h, w in [(40, 70), (200, 90), (8, 8)]]
    vectors = HistogramEmbedder().embed(pictures)
    assert vectors.shape == (3, 640)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    for vector, picture in zip(vectors, pictures, strict=True):
        assert vector == pytest.approx(slow_histogram(picture), abs=1e-6)


def test_no_pictures_give_no_vectors() -> None:
    assert HistogramEmbedder().embed([]).shape == (0, 640)


def test_unknown_weights_are_refused_with_those_known() -> None:
    with pytest.raises(SeeingError, match="histogram"):
        make_embedder("no-such-weights")
    assert "histogram" in embedder_names()


@pytest.mark.slow
def test_the_baseline_reaches_its_known_figures_on_two_real_cameras(material: Path) -> None:
    names = sorted(path.name.removesuffix("_cam1.jpg") for path in (material / "two-camera").glob("*_cam1.jpg"))
    first, second = (
        HistogramEmbedder().embed([read_image(material / "two-camera" / f"{name}_{cam}.jpg") for name in names])
        for cam in ("cam1", "cam2")
    )
    two_wheels = np.array([name.startswith("motorcycle") for name in names])

    def rank_1(which: np.ndarray) -> float:
        return float(((second[which] @ first[which].T).argmax(axis=1) == np.arange(which.sum())).mean())

    assert len(names) == 253
    assert rank_1(np.ones(253, bool)) == pytest.approx(0.43, abs=0.01)
    assert rank_1(~two_wheels) == pytest.approx(0.71, abs=0.015)
    assert rank_1(two_wheels) == pytest.approx(0.27, abs=0.015)


PAINT = {
    "white": (236, 236, 234),
    "black": (22, 22, 24),
    "red": (170, 25, 30),
    "blue": (30, 60, 150),
    "green": (30, 100, 50),
    "yellow": (225, 190, 30),
    "silver": (172, 174, 178),
}


def painted(name: str) -> np.ndarray:
    """Draw a vehicle of that colour on a grey road, with dark windows."""
    picture = np.full((90, 140, 3), 105, np.uint8)
    picture[8:80, 12:128] = PAINT[name]
    picture[16:34, 25:115] = 35
    return picture


@pytest.mark.parametrize("name", PAINT)
def test_the_colour_of_a_painted_vehicle_is_named(name: str) -> None:
    colours = colour_probabilities([painted(name)])
    assert max(colours, key=colours.__getitem__) == name
    assert sum(colours.values()) == pytest.approx(1.0, abs=0.01)
    assert tuple(colours) == COLOURS


def drive(heading: float, *, x: float = 2.0, z: float = 25.0, speed: float = 10.0) -> list[TrackPoint]:
    """Film a vehicle 1.5 m high that drives on the ground in front of a level camera 6 m up."""
    focal, points = 0.9 * 1280, []
    for frame in range(25):
        t = frame * 0.08
        at_x = x + speed * t * np.sin(np.radians(heading))
        at_z = z + speed * t * np.cos(np.radians(heading))
        height, width = focal * 1.5 / at_z, focal * 2.5 / at_z
        centre_x, bottom = 640 + focal * at_x / at_z, 300 + focal * 6 / at_z
        points.append(TrackPoint(frame, t, Box(centre_x - width / 2, bottom - height, width, height), 1.0))
    return points


@pytest.mark.parametrize(("heading", "x", "z"), [(0, 2, 20), (180, -3, 45), (90, -8, 30), (270, 8, 30), (150, -4, 45)])
def test_heading_is_the_way_on_the_ground_not_in_the_picture(heading: float, x: float, z: float) -> None:
    found = heading_deg(drive(heading, x=x, z=z), 1280, 720)
    assert found is not None
    assert (found - heading + 180) % 360 - 180 == pytest.approx(0.0, abs=15.0)


def test_a_standing_vehicle_has_no_heading() -> None:
    assert heading_deg(drive(0.0, speed=0.0), 1280, 720) is None


def test_types_are_probabilities_and_a_detectors_label_weighs_more_than_shape() -> None:
    by_shape = type_probabilities([TrackPoint(0, 0.0, Box(0, 0, 120, 100), 1.0)])
    assert set(by_shape) == set(VEHICLE_TYPES)
    assert sum(by_shape.values()) == pytest.approx(1.0, abs=0.01)
    by_label = type_probabilities([TrackPoint(0, 0.0, Box(0, 0, 120, 100), 1.0, "bus")])
    assert by_label["bus"] > 0.7 > by_shape["bus"]


NOTHING_MORE = Appearance(np.zeros((0, 4), np.float32))


def opinions(names: tuple[str, ...], favourite: str) -> np.ndarray:
    row = np.array([[0.9 if name == favourite else 0.1 / (len(names) - 1) for name in names]], dtype=np.float32)
    return row / row.sum()


def test_a_whole_description_holds_all_three() -> None:
    look = describe([], drive(0.0), NOTHING_MORE, width_px=1280, height_px=720)
    assert look.heading_deg is not None
    assert look.colours == {}
    assert look.types


def test_a_network_sure_of_a_type_is_believed_over_shape_and_detector_and_an_unsure_one_is_not() -> None:
    shots = [Shot(0, 0.0, Box(0, 0, 140, 90), painted("red"), 1.0)]
    seen = Appearance(np.zeros((1, 4), np.float32), opinions(VEHICLE_TYPES, "bus"), opinions(COLOURS, "red"))
    plain = [TrackPoint(0, 0.0, Box(0, 0, 120, 100), 1.0)]
    labelled = [TrackPoint(0, 0.0, Box(0, 0, 120, 100), 1.0, "truck")]
    told = describe(shots, plain, seen, width_px=1280, height_px=720)
    assert max(told.types, key=told.types.__getitem__) == "bus"
    assert max(told.colours, key=told.colours.__getitem__) == "red"
    assert sum(told.colours.values()) == pytest.approx(1.0, abs=0.01)
    by_both = describe(shots, labelled, seen, width_px=1280, height_px=720)
    assert max(by_both.types, key=by_both.types.__getitem__) == "bus"
    unsure = Appearance(seen.vectors, opinions(VEHICLE_TYPES, "bus") * np.float32(0.5) + np.float32(0.1), seen.colours)
    by_most = describe(shots, labelled, unsure, width_px=1280, height_px=720)
    assert max(by_most.types, key=by_most.types.__getitem__) == "truck"
    assert sum(by_most.types.values()) == pytest.approx(1.0, abs=0.01)
    by_detector = describe(shots, labelled, Appearance(seen.vectors), width_px=1280, height_px=720)
    assert max(by_detector.types, key=by_detector.types.__getitem__) == "truck"


def test_types_are_told_by_the_network_of_attributes_where_it_knows_the_vectors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pictures = [np.random.default_rng(seed).integers(0, 255, (60, 90, 3)).astype(np.uint8) for seed in range(3)]
    embedder, network = make_embedder("appearance", threads=1), marks.installed_attributes()
    assert network is not None
    seen = embedder.appearance(pictures)
    assert seen.types is not None
    assert seen.types == pytest.approx(network.types(seen.vectors, marks.side_px([(90, 60)] * 3)))
    assert seen.types.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert marks.types_told("another-model", seen.vectors, np.full(3, 60.0)) is None
    monkeypatch.setattr(marks, "installed_attributes", lambda: None)
    own = embedder.appearance(pictures).types
    assert own is not None
    assert np.abs(own - seen.types).max() > 0.01
    assert embedder.appearance([]).types is not None
