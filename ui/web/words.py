"""Write times, durations, probabilities and llrs in words."""

import math
from datetime import datetime, timedelta, tzinfo

from reid.vehicle import Attributes
from ui.web.language import say

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

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
    """Return the time of day in the zone, with the zone's name in the hour that comes twice."""
    local = time.astimezone(zone)
    return f"{local:%H:%M:%S} {local.tzname()}" if comes_twice(local) else f"{local:%H:%M:%S}"


def comes_twice(local: datetime) -> bool:
    """Tell whether clocks were set back over a time of day, so that it came twice that day."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def day(time: datetime, zone: tzinfo) -> str:
    """Return weekday, day and month in the zone, as in "Mon 4 May"."""
    local = time.astimezone(zone)
    weekday, month = say(WEEKDAYS[local.weekday()]), say(MONTHS[local.month - 1])
    return say("{weekday} {day} {month}", weekday=weekday, day=local.day, month=month)


def date(time: datetime, zone: tzinfo) -> str:
    """Return the day with its year, as in "Mon 4 May 2026"."""
    return say("{day} {year}", day=day(time, zone), year=time.astimezone(zone).year)


def short_date(time: datetime, zone: tzinfo) -> str:
    """Return the day with its year and without the weekday, as in "4 May 2026"."""
    local = time.astimezone(zone)
    return say("{day} {month} {year}", day=local.day, month=say(MONTHS[local.month - 1]), year=local.year)


def stamp(time: datetime, zone: tzinfo) -> str:
    """Return weekday, date and time of day in the zone, as in "Mon 4 May 2026 10:01:34"."""
    return f"{date(time, zone)} {clock(time, zone)}"


def zone_name(time: datetime, zone: tzinfo) -> str:
    """Return the name of the zone and its offset at that time, as in "CEST, UTC+02:00"."""
    local = time.astimezone(zone)
    distance = f"UTC{local:%z}"[:6] + ":" + f"{local:%z}"[3:5]
    name = local.tzname() or ""
    if not name.isalpha():
        return distance
    return "UTC" if name == "UTC" else f"{name}, {distance}"


def moment(time: datetime, zone: tzinfo) -> str:
    """Return date with its year, time of day and zone."""
    local = time.astimezone(zone)
    return f"{date(time, zone)}, {local:%H:%M:%S} {zone_name(time, zone)}"


def span(length: timedelta | float) -> str:
    """Return a duration in words: 48 s, 7 min 12 s, 1 h 5 min."""
    seconds = round(length.total_seconds() if isinstance(length, timedelta) else length)
    if seconds < 60:
        return say("{s} s", s=seconds)
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return say("{m} min {s} s", m=minutes, s=seconds) if seconds else say("{m} min", m=minutes)
    hours, minutes = divmod(minutes, 60)
    return say("{h} h {m} min", h=hours, m=minutes) if minutes else say("{h} h", h=hours)


def time_apart(time: datetime, other: datetime) -> str:
    """Return how much earlier or later than `other` a time is, in words."""
    if time == other:
        return say("at the same time")
    return say("{span} later" if time > other else "{span} earlier", span=span(abs(time - other)))


def llr_words(llr: float | None) -> str:
    """Return what an llr (natural logarithm) means, in words."""
    if llr is None:
        return say("nothing to compare")
    times = math.exp(min(abs(llr), math.log(MANY) + 1))
    if times < 1.25:
        return say("says nothing either way")
    size = say("more than 1,000") if times > MANY else f"{times:.1f}" if times < 3 else f"{times:.0f}"
    if llr > 0:
        return say("{size} times likelier if it is the same vehicle", size=size)
    return say("{size} times less likely if it is the same vehicle", size=size)


def vehicle_words(look: Attributes) -> str:
    """Return colour and type, as in "silver car"; "vehicle" where neither is known."""
    parts = [say(word) for word in (look.colour, look.type) if word]
    return " ".join(parts) if parts else say("vehicle")
