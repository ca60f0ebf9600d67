"""Write times, durations, probabilities and llrs in words."""

import math
from datetime import datetime, timedelta, tzinfo

from reid.vehicle import Attributes

MANY = 1000
"""A likelihood ratio above this is written as "more than 1,000"."""


def percent(probability: float) -> str:
    """Return a probability in whole per cent; it is never rounded to 0 or 100."""
    if probability < 0.01:
        return "<1 %"
    if probability > 0.99:
        return ">99 %"
    return f"{probability * 100:.0f} %"


def clock(time: datetime, zone: tzinfo) -> str:
    """Return the time of day in the zone."""
    return time.astimezone(zone).strftime("%H:%M:%S")


def day(time: datetime, zone: tzinfo) -> str:
    """Return the date in the zone, with the month as a word."""
    local = time.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def zone_name(time: datetime, zone: tzinfo) -> str:
    """Return the name of the zone and its offset at that time, as in "CEST, UTC+02:00"."""
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
    """Return a duration in words: 48 s, 7 min 12 s, 1 h 5 min."""
    seconds = round(length.total_seconds() if isinstance(length, timedelta) else length)
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def time_apart(time: datetime, other: datetime) -> str:
    """Return how much earlier or later than `other` a time is, in words."""
    if time == other:
        return "at the same time"
    return f"{span(abs(time - other))} {'later' if time > other else 'earlier'}"


def llr_words(llr: float | None) -> str:
    """Return what an llr (natural logarithm) means, in words."""
    if llr is None:
        return "nothing to compare"
    times = math.exp(min(abs(llr), math.log(MANY) + 1))
    if times < 1.25:
        return "says nothing either way"
    size = "more than 1,000" if times > MANY else f"{times:.1f}" if times < 3 else f"{times:.0f}"
    return f"{size} times {'likelier' if llr > 0 else 'less likely'} if it is the same vehicle"


def vehicle_words(look: Attributes) -> str:
    """Return colour and type, as in "silver car"; "vehicle" where neither is known."""
    parts = [word for word in (look.colour, look.type) if word]
    return " ".join(parts) if parts else "vehicle"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun: "1 camera", "12,345 sightings"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
