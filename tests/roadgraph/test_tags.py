import pytest

from roadgraph.network import ROAD_CLASSES
from roadgraph.tags import CLASS_KMH, NO_LIMIT_KMH, TagOptions, directions, duration_s, place_kind, read_tags, speed_kmh


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50.0),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("10 knots", 18.52),
        ("none", NO_LIMIT_KMH),
        ("walk", 7.0),
        ("AT:urban", 50.0),
        ("AT:zone:30", 30.0),
        ("DE:motorway", NO_LIMIT_KMH),
        ("XX:rural", 90.0),
        ("GB:nsl_single", 96.6),
        ("50;30", 50.0),
        ("", None),
        ("signals", None),
        ("0", None),
        ("fast", None),
    ],
)
def test_a_limit_is_read_with_its_unit(text: str, kmh: float | None) -> None:
    assert speed_kmh(text) == (None if kmh is None else pytest.approx(kmh))


@pytest.mark.parametrize(
    ("tags", "both"),
    [
        ({}, (True, True)),
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "-1"}, (False, True)),
        ({"oneway": "True"}, (True, False)),
        ({"oneway": "1.0"}, (True, False)),
        ({"oneway": "-1.0"}, (False, True)),
        ({"oneway": "False", "highway": "motorway"}, (True, True)),
        ({"junction": "roundabout"}, (True, False)),
        ({"junction": "roundabout", "oneway": "no"}, (True, True)),
        ({"highway": "motorway"}, (True, False)),
        ({"oneway": "reversible"}, (False, False)),
    ],
)
def test_which_way_a_car_may_drive(tags: dict[str, str], both: tuple[bool, bool]) -> None:
    assert directions(tags) == both


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "footway"},
        {"highway": "residential", "access": "private"},
        {"highway": "residential", "motor_vehicle": "no"},
        {"route": "ferry"},
        {"route": "ferry", "motor_vehicle": "no"},
        {"highway": "service", "area": "yes"},
        {},
    ],
)
def test_no_car_drives_there(tags: dict[str, str]) -> None:
    assert read_tags(tags) is None


def test_a_ferry_takes_cars_if_it_says_so_and_is_wanted() -> None:
    tags = {"route": "ferry", "motor_vehicle": "yes", "duration": "00:20", "name": "Fähre"}
    ferry = read_tags(tags)
    assert ferry is not None
    assert (ROAD_CLASSES[ferry.road_class], ferry.duration_s, ferry.name) == ("ferry", 1200.0, "Fähre")
    assert read_tags(tags, TagOptions(ferries=False)) is None


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:20", 1200), ("1:05:30", 3930), ("20", 1200), ("", None), ("soon", None), ("0", None)]
)
def test_durations_are_hours_and_minutes_or_minutes(text: str, seconds: float | None) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    ("tags", "paid"),
    [({"toll": "yes"}, True), ({"toll": "no"}, False), ({"toll": "yes", "toll:motorcar": "no"}, False), ({}, False)],
)
def test_roads_with_a_toll_are_left_out_on_request(tags: dict[str, str], paid: bool) -> None:
    road = {"highway": "primary"} | tags
    assert read_tags(road) is not None
    assert (read_tags(road, TagOptions(tolls=False)) is None) == paid


def test_the_most_particular_access_decides() -> None:
    assert read_tags({"highway": "residential", "access": "no", "motor_vehicle": "yes"}) is not None


def test_each_direction_has_its_own_limit() -> None:
    read = read_tags({"highway": "primary", "maxspeed": "80", "maxspeed:backward": "50", "name": " High  Street "})
    assert read is not None
    assert (read.forward_kmh, read.backward_kmh, read.name) == (80.0, 50.0, "High Street")


@pytest.mark.parametrize("limit", ["1", "5", "walk", "5 mph"])
def test_a_limit_that_no_such_road_has_is_a_mistake(limit: str) -> None:
    """A main road of 5 km/h made what lies behind it unreachable, and the sightings there were not searched."""
    fast, slow = (read_tags({"highway": kind, "maxspeed": limit}) for kind in ("primary", "living_street"))
    assert fast is not None
    assert fast.forward_kmh == CLASS_KMH["primary"]
    assert slow is not None
    assert slow.forward_kmh == speed_kmh(limit)


def test_a_ramp_is_of_the_class_of_its_road_and_slower() -> None:
    ramp, road = read_tags({"highway": "trunk_link"}), read_tags({"highway": "trunk"})
    assert ramp is not None
    assert road is not None
    assert ROAD_CLASSES[ramp.road_class] == "trunk"
    assert (ramp.forward_kmh or 0) < (road.forward_kmh or 0)


def test_car_parks_shops_and_homes_draw_trips() -> None:
    assert place_kind({"amenity": "parking"}) == "parking"
    assert place_kind({"amenity": "parking", "access": "private"}) is None
    assert place_kind({"shop": "bakery"}) == "shop"
    assert place_kind({"landuse": "industrial"}) == "work"
    assert place_kind({"landuse": "forest"}) is None


@pytest.mark.parametrize("text", ["²", "00:²", "9" * 400 + ":00", "-1:00", "nan:00"])
def test_a_duration_that_is_no_number_of_minutes_says_nothing(text: str) -> None:
    assert duration_s(text) is None


@pytest.mark.parametrize("text", ["DE:²", "DE:zone:²", "DE:" + "9" * 400])
def test_a_zone_of_a_hostile_map_says_nothing(text: str) -> None:
    assert speed_kmh("DE:zone:30") == 30
    assert speed_kmh(text) is None
