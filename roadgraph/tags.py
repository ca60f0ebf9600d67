"""Interpret OpenStreetMap's tags of a road: access for cars, directions, speed limits and names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from roadgraph.network import FERRY, ROAD_CLASSES

KMH_OF_UNIT = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}
WALK_KMH = 7.0
NO_LIMIT_KMH = 150.0
FASTEST_KMH = 200.0

CLASS_KMH = {
    "motorway": 120.0,
    "trunk": 100.0,
    "primary": 80.0,
    "secondary": 70.0,
    "tertiary": 60.0,
    "unclassified": 50.0,
    "residential": 50.0,
    "living_street": 15.0,
    "service": 30.0,
}
"""The speed where no limit is tagged, rather too fast than too slow: an earliest time too early loses nothing."""

SLOW_CLASSES = frozenset({"living_street", "service", "residential"})
LEAST_LIMIT_KMH = 10.0
"""No other road has a lower limit; one that is tagged is a mistake, and would make cameras behind it unreachable."""

FERRY_KMH = 25.0
"""The speed of a ferry that does not say how long it takes, rather too fast than too slow."""
TOLL_KEYS = ("toll:motorcar", "toll:motor_vehicle", "toll")
LONGEST_DURATION = 3
PART = re.compile(r"[0-9]{1,6}")
"""A part of a duration: hours, minutes or seconds."""

LINK_SHARE = 0.7
"""The speed of a ramp as a share of that of its road."""

COUNTRY_KMH = {
    "DE": {"urban": 50.0, "rural": 100.0, "motorway": NO_LIMIT_KMH},
    "AT": {"urban": 50.0, "rural": 100.0, "motorway": 130.0, "trunk": 100.0},
    "CH": {"urban": 50.0, "rural": 80.0, "motorway": 120.0, "trunk": 100.0},
    "FR": {"urban": 50.0, "rural": 80.0, "motorway": 130.0, "trunk": 110.0},
    "ES": {"urban": 50.0, "rural": 90.0, "motorway": 120.0, "trunk": 90.0},
    "IT": {"urban": 50.0, "rural": 90.0, "motorway": 130.0, "trunk": 110.0},
    "GB": {
        "urban": 48.3,
        "rural": 96.6,
        "motorway": 112.7,
        "nsl_single": 96.6,
        "nsl_dual": 112.7,
        "nsl_restricted": 48.3,
    },
    "AD": {"urban": 50.0, "rural": 90.0},
}
ANY_COUNTRY_KMH = {"urban": 50.0, "rural": 90.0, "trunk": 100.0, "motorway": 130.0, "living_street": 15.0}

ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
"""The first of these tags that a road has decides."""
CLOSED = {"no", "private", "agricultural", "forestry", "emergency", "delivery", "military", "use_sidepath"}

LIMIT_TYPE_KEYS = ("maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic")
NUMBER = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([a-z/]*)\s*$")
ZONE = re.compile(r"^([A-Z]{2}):(?:zone:?)?(\w+)$")


@dataclass(frozen=True, slots=True)
class TagOptions:
    """Which ways count as drivable: ferries that take cars, and roads and tunnels with a toll."""

    ferries: bool = True
    tolls: bool = True


ALL_WAYS = TagOptions()


@dataclass(frozen=True, slots=True)
class RoadTags:
    """The meaning of the tags of one way; a direction that is closed to cars has no speed.

    `duration_s` is how long a ferry takes, where that is tagged.
    """

    road_class: int
    forward_kmh: float | None
    backward_kmh: float | None
    name: str
    duration_s: float | None = None


def read_tags(tags: Mapping[str, str], options: TagOptions = ALL_WAYS) -> RoadTags | None:
    """Return the meaning of the tags, None where no car may drive or the options leave the way out."""
    if not options.tolls and has_toll(tags):
        return None
    if is_ferry(tags):
        return _ferry(tags) if options.ferries else None
    road_class, is_link = class_of(tags.get("highway", ""))
    if road_class is None or not _is_open(tags) or tags.get("area") == "yes":
        return None
    forward, backward = directions(tags)
    if not forward and not backward:
        return None
    usual_kmh = CLASS_KMH[road_class] * (LINK_SHARE if is_link else 1.0)
    both_kmh = _as_plausible(limit_kmh(tags), road_class) or usual_kmh
    forward_kmh = _as_plausible(speed_kmh(tags.get("maxspeed:forward", "")), road_class) or both_kmh
    backward_kmh = _as_plausible(speed_kmh(tags.get("maxspeed:backward", "")), road_class) or both_kmh
    return RoadTags(
        road_class=ROAD_CLASSES.index(road_class),
        forward_kmh=forward_kmh if forward else None,
        backward_kmh=backward_kmh if backward else None,
        name=" ".join((tags.get("name") or tags.get("ref") or "").split()),
    )


def is_ferry(tags: Mapping[str, str]) -> bool:
    """Tell whether a way is the route of a ferry."""
    return tags.get("route") == "ferry" or tags.get("highway") == "ferry"


def has_toll(tags: Mapping[str, str]) -> bool:
    """Tell whether cars pay on a way."""
    return next((tags[key] for key in TOLL_KEYS if key in tags), "no") not in ("no", "none")


def duration_s(text: str) -> float | None:
    """Return the seconds of a duration such as "00:20", "1:05:00" or "20" minutes; None if it says nothing."""
    parts = text.strip().split(":")
    if not all(PART.fullmatch(part) for part in parts) or len(parts) > LONGEST_DURATION:
        return None
    hours, minutes, seconds = (["0", *parts, "0"] if len(parts) == 1 else [*parts, "0"])[:3]
    return float(3600 * int(hours) + 60 * int(minutes) + int(seconds)) or None


def _ferry(tags: Mapping[str, str]) -> RoadTags | None:
    """Return a ferry, None if it does not say that it takes cars."""
    access = next((tags[key] for key in ACCESS_KEYS if key in tags), "no")
    forward, backward = directions(tags)
    if access in CLOSED or not (forward or backward):
        return None
    kmh = speed_kmh(tags.get("maxspeed", "")) or FERRY_KMH
    name = " ".join((tags.get("name") or tags.get("ref") or "").split())
    takes_s = duration_s(tags.get("duration", ""))
    return RoadTags(FERRY, kmh if forward else None, kmh if backward else None, name, takes_s)


def class_of(highway: str) -> tuple[str | None, bool]:
    """Return the road class of a highway tag, None if it is no road for cars, and whether it is a ramp."""
    is_link = highway.endswith("_link")
    road_class = highway.removesuffix("_link")
    road_class = "unclassified" if road_class == "road" else road_class
    return (road_class if road_class in CLASS_KMH else None), is_link


def directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Return whether a car may drive along the way and against it."""
    oneway = (tags.get("oneway:motor_vehicle") or tags.get("oneway") or "").strip().lower()
    if oneway in ("-1", "-1.0", "reverse"):
        return False, True
    # Other programs than OpenStreetMap's write True, YES or 1.0.
    if oneway in ("yes", "true", "1", "1.0"):
        return True, False
    if oneway in ("reversible", "alternating"):
        return (True, True) if oneway == "alternating" else (False, False)
    round_about = tags.get("junction") in ("roundabout", "circular")
    implied = oneway not in ("no", "false", "0", "0.0") and (
        round_about or tags.get("highway") in ("motorway", "motorway_link")
    )
    return True, not implied


def limit_kmh(tags: Mapping[str, str]) -> float | None:
    """Return the limit for both directions, tagged as a number or as a kind of limit."""
    limit = speed_kmh(tags.get("maxspeed", ""))
    if limit is not None:
        return limit
    kinds = (speed_kmh(tags.get(key, "")) for key in LIMIT_TYPE_KEYS)
    return next((kmh for kmh in kinds if kmh is not None), None)


def speed_kmh(text: str) -> float | None:
    """Return the km/h of a maxspeed value such as "50", "30 mph", "none" or "AT:urban"; None if it is unknown."""
    first = text.split(";")[0].strip()
    if first in ("none", "unlimited"):
        return NO_LIMIT_KMH
    if first == "walk":
        return WALK_KMH
    zone = ZONE.match(first)
    if zone:
        return _zone_kmh(zone[1], zone[2])
    number = NUMBER.match(first.lower())
    if not number or number[2] not in KMH_OF_UNIT:
        return None
    kmh = float(number[1]) * KMH_OF_UNIT[number[2]]
    return min(kmh, FASTEST_KMH) if kmh >= 1 else None


def _as_plausible(kmh: float | None, road_class: str) -> float | None:
    """Return a limit; None for one that no road of its class has, as 5 where 50 was meant."""
    is_slow = road_class in SLOW_CLASSES
    return kmh if kmh is None or is_slow or kmh >= LEAST_LIMIT_KMH else None


def _zone_kmh(country: str, kind: str) -> float | None:
    if PART.fullmatch(kind):
        unit = KMH_OF_UNIT["mph"] if country == "GB" else 1.0
        return min(float(kind) * unit, FASTEST_KMH) or None
    if kind in ("walk", "living_street", "bicycle_road"):
        return ANY_COUNTRY_KMH["living_street"]
    return COUNTRY_KMH.get(country, {}).get(kind, ANY_COUNTRY_KMH.get(kind))


def _is_open(tags: Mapping[str, str]) -> bool:
    access = next((tags[key] for key in ACCESS_KEYS if key in tags), "yes")
    return access not in CLOSED


def place_kind(tags: Mapping[str, str]) -> str | None:
    """Return the kind of place, one of PLACE_KINDS, that attracts trips; None if the tags describe no such place."""
    if tags.get("amenity") == "parking":
        return None if tags.get("access") in CLOSED else "parking"
    if "shop" in tags or tags.get("landuse") == "retail":
        return "shop"
    if tags.get("amenity") in ("school", "hospital", "restaurant", "cinema", "bank", "fuel", "place_of_worship"):
        return "shop"
    if "office" in tags or tags.get("landuse") in ("commercial", "industrial"):
        return "work"
    return "home" if tags.get("landuse") == "residential" else None
