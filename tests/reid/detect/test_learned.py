from collections.abc import Sequence

import numpy as np
import pytest

from reid.boxes import iou, to_array
from reid.detect.detectors import main_vehicle, make_detector, vehicles_in_photograph
from reid.detect.learned import NETWORK_HEIGHT_PX, NETWORK_WIDTH_PX, LearnedDetector, shrink_to_network
from reid.images import crop
from reid.render.frames import FrameRenderer, RenderedFrame
from reid.render.scene import Placement, SiteOptions, make_site
from reid.render.vehicles.bodies import make_model, make_vehicle
from reid.vehicle import Detection

CAR = make_vehicle(77, make_model(8_000_001, "sedan"))
VAN = make_vehicle(78, make_model(8_000_002, "van"))


@pytest.fixture(scope="module")
def street() -> FrameRenderer:
    return FrameRenderer(
        make_site(4711, SiteOptions(width=960, height=540, heading_deg=18.0, weather="cloud", parked=0))
    )


def traffic(street: FrameRenderer, time_s: float) -> RenderedFrame:
    """A car and a van that drive towards each other."""
    placed = [Placement(CAR, 1, -6.0 + 4 * time_s), Placement(VAN, -1, -2.0 + 3 * time_s)]
    return street.frame(placed, time_s)


def found_share(found: Sequence[Detection], frame: RenderedFrame) -> float:
    true = to_array([seen.box for seen in frame.boxes])
    sure = to_array([one.box for one in found if one.score >= 0.5])
    return float((iou(true, sure).max(axis=1, initial=0.0) >= 0.5).mean())


def test_vehicles_of_a_photograph_are_found_and_named(street: FrameRenderer) -> None:
    frame = traffic(street, 0.5)
    found = LearnedDetector().detect_in_photograph(frame.image)
    assert found_share(found, frame) == 1.0
    nearest = max(found, key=lambda one: one.box.width * one.box.height * (one.score >= 0.5))
    assert nearest.label in ("car", "van")


def test_an_empty_street_holds_no_vehicle(street: FrameRenderer) -> None:
    detector = LearnedDetector()
    for slot in range(6):
        detector.learn(street.frame([], 2.0 * slot).image, 2.0 * slot)
    assert [one for one in detector.detect(street.frame([], 12.1).image, 12.1) if one.score >= 0.5] == []


def test_detections_depend_on_the_footage_not_on_when_watching_began(street: FrameRenderer) -> None:
    early, late = LearnedDetector(), LearnedDetector()
    for slot in range(26):
        image = traffic(street, 0.02 * slot).image
        early.learn(image, 2.0 * slot)
        if slot >= 5:
            late.learn(image, 2.0 * slot)
    for number in range(3):
        frame = traffic(street, 0.6 + 0.1 * number)
        seen = [one.detect(frame.image, 52.1 + 0.1 * number) for one in (early, late)]
        assert seen[0] == seen[1]
        assert found_share(seen[0], frame) == 1.0


@pytest.mark.parametrize("size", [(40, 60), (540, 304), (1080, 1920), (300, 2000), (1, 1)])
def test_pictures_of_any_shape_are_accepted(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), 120, np.uint8)
    assert (
        shrink_to_network(picture).shape[0] * shrink_to_network(picture).shape[1]
        <= 1.05 * NETWORK_WIDTH_PX * NETWORK_HEIGHT_PX
    )
    assert all(one.box.width > 0 for one in LearnedDetector().detect_in_photograph(picture))


def test_a_photograph_is_about_its_largest_vehicle_and_a_crop_about_all_of_it(street: FrameRenderer) -> None:
    frame = street.frame([Placement(CAR, 1, -4.0), Placement(VAN, -1, -14.0)], 0.5)
    largest = max(frame.boxes, key=lambda seen: seen.box.width * seen.box.height)
    box = main_vehicle(frame.image, vehicles_in_photograph(frame.image))
    assert box is not None
    assert iou(to_array([box]), to_array([largest.box]))[0, 0] > 0.6
    closely = crop(frame.image, largest.box)
    assert main_vehicle(closely, vehicles_in_photograph(closely)) is None


def test_it_goes_by_its_name() -> None:
    assert make_detector("learned").model_id.startswith("detector-")
