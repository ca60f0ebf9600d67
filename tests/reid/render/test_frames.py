"""Frames are the same for the same seed, and their boxes match what is drawn."""

from dataclasses import replace

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.render.frames import FrameRenderer, RenderedFrame
from reid.render.light.weather import WEATHERS
from reid.render.scene import Placement, Site, SiteOptions, make_site
from reid.render.vehicles.bodies import Vehicle, make_model, make_vehicle
from reid.render.vehicles.layers import PixelWindow

SMALL = SiteOptions(width=480, height=270, parked=1)


def car(seed: int = 1, body: str = "hatch") -> Vehicle:
    return make_vehicle(seed, make_model(seed, body), marks=())


@pytest.fixture(scope="module")
def site() -> Site:
    return make_site(12, SMALL)


def alone(site: Site, placement: Placement) -> RenderedFrame:
    return FrameRenderer(site).frame([placement], 0.0)


def test_same_seed_same_bytes(site: Site) -> None:
    placements = [Placement(car(1), 1, 2.0), Placement(car(2, "bus"), -1, -6.0, braking=True)]
    one = FrameRenderer(site).frame(placements, 3.25)
    other = FrameRenderer(make_site(12, SMALL)).frame(placements, 3.25)
    assert (one.image == other.image).all()
    assert one.boxes == other.boxes


def test_another_seed_gives_another_site(site: Site) -> None:
    assert (make_site(13, SMALL).background != site.background).mean() > 0.5


@pytest.mark.parametrize("body", ["hatch", "articulated", "scooter"])
def test_the_box_is_where_the_picture_changed(site: Site, body: str) -> None:
    still = replace(site, sensor=replace(site.sensor, noise=0.0, shake_px=0.0), parked=())
    lit = replace(still, light=replace(still.light, sun_direction=np.array([0, 0, 1], np.float32)))
    renderer = FrameRenderer(lit)
    with_car, without = renderer.frame([Placement(car(5, body), 1, 0.0)], 0.0), renderer.frame([], 0.0)
    changed = np.abs(with_car.image.astype(int) - without.image).max(axis=2) > 24
    box = with_car.boxes[0].box
    x, y = int(box.x), int(box.y)
    inside = changed[y : y + int(box.height), x : x + int(box.width)]
    assert inside.mean() > 0.3
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert abs(rows[0] - box.y) <= 4
    assert columns[0] >= box.x - 0.35 * box.width - 4, "only its shadow reaches out of its box"
    assert columns[-1] <= box.x + 1.35 * box.width + 4


def test_parked_scenery_is_named(site: Site) -> None:
    names = [box.name for box in FrameRenderer(site).frame([], 0.0).boxes]
    assert all(name.startswith("scenery-") for name in names)
    assert len(names) == len(set(names)) == len(site.parked)


@pytest.mark.parametrize(
    ("heading_deg", "right", "up"), [(0, 0, 1), (90, 1, 0), (180, 0, -1), (270, -1, 0), (45, 1, 1)]
)
def test_traffic_drives_in_the_direction_of_its_lane(heading_deg: float, right: int, up: int) -> None:
    site = make_site(21, replace(SMALL, heading_deg=heading_deg, parked=0))
    start, end = (alone(site, Placement(car(), 1, along)).boxes[0].box for along in (-1.5, 1.5))
    moved_right = (end.x + end.width / 2) - (start.x + start.width / 2)
    moved_up = (start.y + start.height) - (end.y + end.height)
    assert site.heading_deg(1) == heading_deg
    assert site.heading_deg(-1) == (heading_deg + 180) % 360
    if right:
        assert moved_right * right > 8
    if up:
        assert moved_up * up > 4


def test_right_hand_traffic_keeps_right(site: Site) -> None:
    away = alone(site, Placement(car(), 1, 0.0)).boxes[0].box
    towards = alone(site, Placement(car(), -1, 0.0)).boxes[0].box
    assert away.x > towards.x
    left = make_site(12, replace(SMALL, keeps_left=True))
    assert alone(left, Placement(car(), 1, 0.0)).boxes[0].box.x < alone(left, Placement(car(), -1, 0.0)).boxes[0].box.x


def test_a_nearer_vehicle_hides_a_farther_one() -> None:
    site = make_site(12, replace(SMALL, parked=0))
    near, far = Placement(car(1, "bus"), 1, 0.0), Placement(car(2), 1, 10.5)
    boxes = {box.index: box for box in FrameRenderer(site).frame([far, near], 0.0).boxes}
    assert boxes[1].visible > 0.9
    assert boxes[0].visible < 0.8
    assert boxes[0].box == alone(site, far).boxes[0].box, "the box is the whole vehicle's"


def test_the_plate_grows_as_it_comes_nearer() -> None:
    site = make_site(9, SiteOptions(kind="plate", heading_deg=180, parked=0))
    vehicle = make_vehicle(4, make_model(4, "sedan"), plate=None, marks=())
    vehicle = replace(vehicle, plate=replace(vehicle.plate, state="clean", layout="eu-fr", marking="AB-123-CD"))
    heights = [alone(site, Placement(vehicle, 1, along)).boxes[0].plate_height_px for along in (-6.0, -3.0, 0.0)]
    assert None not in heights
    assert heights == sorted(heights, key=lambda height: height or 0)
    assert (heights[2] or 0) >= 20, "a plate camera sees plates large enough to read"


def test_absent_plates_have_no_height(site: Site) -> None:
    bare = replace(car(), plate=replace(car().plate, state="absent"))
    assert alone(site, Placement(bare, -1, 0.0)).boxes[0].plate_height_px is None


@pytest.mark.parametrize("direction", [1, -1])
def test_vehicles_are_seen_in_the_visible_range(site: Site, direction: int) -> None:
    first, last = site.visible_range_m(direction)
    assert first < last
    for along in np.linspace(first + 3.5, last - 3.5, 5):
        assert any(box.index == 0 for box in alone(site, Placement(car(), direction, float(along))).boxes)
    behind = Placement(car(), direction, -60.0 * direction)
    assert not any(box.index == 0 for box in alone(site, behind).boxes)


@pytest.mark.parametrize("weather", WEATHERS)
def test_every_weather_is_drawn(weather: str) -> None:
    site = make_site(30, SiteOptions(width=320, height=180, weather=weather, parked=0))
    image = alone(site, Placement(car(), -1, 0.0)).image
    assert image.shape == (180, 320, 3)
    assert image.std() > 8
    assert image.mean() < 105 if weather == "night" else image.mean() > 60


def test_unknown_names_are_refused() -> None:
    with pytest.raises(SeeingError, match="'snow' is not known"):
        make_site(1, SiteOptions(weather="snow"))
    with pytest.raises(SeeingError, match="'drone' is not known"):
        make_site(1, SiteOptions(kind="drone"))


def test_foreground_objects_are_not_painted_over() -> None:
    site = make_site(23, replace(SMALL, heading_deg=90, parked=3))
    still = replace(site, sensor=replace(site.sensor, noise=0.0))
    traffic = [Placement(car(3, "bus"), direction, 0.0) for direction in (1, -1)]
    image = FrameRenderer(still).frame(traffic, 0.0).image
    margin = (site.before.shape[0] - 270) // 2
    kept = site.before[margin:-margin, margin:-margin] == 255
    background = site.background[margin:-margin, margin:-margin]
    assert (image[kept] == background[kept]).all()


def test_the_wind_moves_picture_and_boxes_together() -> None:
    site = make_site(12, replace(SMALL, shakes=True, parked=0))
    strong = replace(site, sensor=replace(site.sensor, shake_px=3.0))
    placement = Placement(car(4, "van"), 1, 0.0)
    tops = {FrameRenderer(strong).frame([placement], time_s).boxes[0].box.y for time_s in (0.0, 0.3, 0.6, 0.9)}
    assert len(tops) > 1


def test_the_shutter_blurs_fast_vehicles_and_leaves_their_boxes() -> None:
    site = make_site(12, replace(SMALL, heading_deg=90, weather="night", parked=0))
    still = replace(site, sensor=replace(site.sensor, noise=0.0))
    resting, driving = (
        alone(still, replace(Placement(car(4), 1, 0.0), speed_mps=speed_mps)) for speed_mps in (0.0, 15.0)
    )
    assert resting.boxes == driving.boxes
    box = resting.boxes[0].box
    rows, columns = slice(int(box.y), int(box.y + box.height)), slice(int(box.x), int(box.x + box.width))
    steps = [np.abs(np.diff(frame.image[rows, columns].astype(int), axis=1)).mean() for frame in (resting, driving)]
    assert steps[1] < 0.7 * steps[0]


def test_plate_cameras_have_a_short_shutter() -> None:
    night = replace(SMALL, weather="night", parked=0)
    assert make_site(12, night).sensor.shutter_s >= 1 / 50
    assert make_site(12, replace(night, kind="plate")).sensor.shutter_s <= 1 / 400


def test_a_bus_hides_the_lamps_behind_it() -> None:
    site = make_site(12, replace(SMALL, weather="night", heading_deg=0, parked=0))
    still = replace(site, sensor=replace(site.sensor, noise=0.0, shutter_s=0.0))
    bus = Placement(car(1, "bus"), 1, 0.0)
    hidden = Placement(car(2), 1, 10.0)
    behind, bus_alone = (FrameRenderer(still).frame(traffic, 0.0) for traffic in ([bus, hidden], [bus]))
    box = bus_alone.boxes[0].box
    inner = (slice(int(box.y) + 25, int(box.y + box.height) - 8), slice(int(box.x) + 8, int(box.x + box.width) - 8))
    assert np.abs(behind.image[inner].astype(int) - bus_alone.image[inner]).max() <= 2


@pytest.mark.parametrize("weather", ["sun", "rain", "night"])
def test_a_part_of_a_frame_has_the_pixels_of_the_frame(weather: str) -> None:
    renderer = FrameRenderer(make_site(12, SiteOptions(width=480, height=270, weather=weather, shakes=True)))
    placements = [Placement(car(1), 1, 0.0, speed_mps=9.0), Placement(car(2, "bus"), -1, 3.0)]
    whole = renderer.frame(placements, 1.5)
    box = next(box.box for box in whole.boxes if box.index == 0)
    window = PixelWindow(max(0, int(box.x) - 30), max(0, int(box.y) - 30), int(box.width) + 60, int(box.height) + 60)
    part = renderer.part(placements, 1.5, window)
    expected = whole.image[window.slices]
    off = np.abs(part[20:-20, 20:-20].astype(int) - expected[20 : part.shape[0] - 20, 20 : part.shape[1] - 20])
    assert off.mean() < 0.7
    assert np.percentile(off, 99) <= 4
