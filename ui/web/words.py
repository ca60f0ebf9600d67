"""Put times, probabilities and ratios into words that mean the same to every reader."""

import math
from datetime import datetime, timedelta, tzinfo

from index.sighting import Look

MANY = 1000
"""A ratio beyond this is only called "more than a thousand": its size says nothing any more."""


def percent(probability: float) -> str:
    """Return a probability as whole per cent, never rounded to certainty."""
    if probability < 0.01:
        return "<1 %"
    if probability > 0.99:
        return ">99 %"
    return f"{probability * 100:.0f} %"


def clock(time: datetime, zone: tzinfo) -> str:
    """Return the time of day in the zone."""
    return time.astimezone(zone).strftime("%H:%M:%S")


def day(time: datetime, zone: tzinfo) -> str:
    """Return the date in the zone, the month by name so that nobody reads it backwards."""
    local = time.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def zone_name(time: datetime, zone: tzinfo) -> str:
    """Return the zone with its distance to UTC at that time, as in "CEST, UTC+02:00"."""
    local = time.astimezone(zone)
    distance = f"UTC{local:%z}"[:6] + ":" + f"{local:%z}"[3:5]
    name = local.tzname() or ""
    if not name.isalpha():
        return distance
    return "UTC" if name == "UTC" else f"{name}, {distance}"


def moment(time: datetime, zone: tzinfo) -> str:
    """Return date, time of day and zone."""
    return f"{day(time, zone)}, {clock(time, zone)} {zone_name(time, zone)}"


def span(length: timedelta | float) -> str:
    """Return a duration as people say it: 48 s, 7 min 12 s, 1 h 5 min."""
    seconds = round(length.total_seconds() if isinstance(length, timedelta) else length)
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def apart(time: datetime, other: datetime) -> str:
    """Say how long before or after another time a time is."""
    if time == other:
        return "at the same time"
    return f"{span(abs(time - other))} {'later' if time > other else 'earlier'}"


def weight(ratio: float | None) -> str:
    """Say in words what a log-likelihood ratio (natural) means for "the same vehicle"."""
    if ratio is None:
        return "nothing to compare"
    times = math.exp(min(abs(ratio), math.log(MANY) + 1))
    if times < 1.25:
        return "says nothing either way"
    size = "more than 1,000" if times > MANY else f"{times:.1f}" if times < 3 else f"{times:.0f}"
    return f"{size} times {'likelier' if ratio > 0 else 'less likely'} if it is the same vehicle"


def look_of(look: Look) -> str:
    """Return "silver car", or what is known of it."""
    known = [word for word in (look.colour, look.type) if word]
    return " ".join(known) if known else "vehicle"


def count(number: int, one: str, many: str | None = None) -> str:
    """Return "1 camera", "12,345 sightings"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
