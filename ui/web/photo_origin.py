"""Offer the place and time that a photograph tells by itself; nothing of it is taken without a click."""

from dataclasses import replace
from datetime import UTC, datetime, tzinfo

import streamlit as st

from index.dates import YEARS
from reid.photo_origin import PhotoOrigin
from ui.web import visit, words
from ui.web.fields import note
from ui.web.language import say


def offer_origin(number: int, origin: PhotoOrigin, zone: tzinfo) -> None:
    """Show when and where a photograph was taken, and a button that makes it the time and place of the question."""
    origin = of_the_calendar(origin, zone)
    parts = origin_words(origin, zone)
    if not parts:
        return
    usable = replace(origin, time=None) if is_in_changed_hour(origin.time, zone) else origin
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        note(say("By the photograph itself: {when}", when=" · ".join(parts)))
        if usable != PhotoOrigin():
            key = f"origin {number}"
            st.button(say("Use this"), key=key, type="tertiary", on_click=_use, args=(usable, zone))


def of_the_calendar(origin: PhotoOrigin, zone: tzinfo) -> PhotoOrigin:
    """Return an origin, without its time where that is of no year of footage in UTC: no question can have it."""
    if origin.time is None or true_time(origin.time, zone).year in YEARS:
        return origin
    return replace(origin, time=None)


def origin_words(origin: PhotoOrigin, zone: tzinfo) -> list[str]:
    """Return time and place in words, as far as they are known."""
    time = [] if origin.time is None else [_time_words(origin.time, zone)]
    place = [] if origin.place is None else ["{:.5f}, {:.5f}".format(*origin.place)]
    return time + place


def is_in_changed_hour(time: datetime | None, zone: tzinfo) -> bool:
    """Tell whether a time that names no zone comes twice that day, or never: clocks are changed."""
    return time is not None and time.tzinfo is None and words.comes_twice(time.replace(tzinfo=zone))


def true_time(time: datetime, zone: tzinfo) -> datetime:
    """Return the time of a photograph in UTC; one without a zone is in that of the reader."""
    return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)


def _time_words(time: datetime, zone: tzinfo) -> str:
    """Return a time in words; one whose zone the photograph does not name is told as no more than that."""
    if time.tzinfo is not None:
        return words.moment(true_time(time, zone), zone)
    if is_in_changed_hour(time, zone):
        shown = f"{words.date(time.replace(tzinfo=UTC), UTC)}, {time:%H:%M:%S}"
        return say("{time}, in the hour when clocks change: it names no time zone", time=shown)
    shown = words.moment(true_time(time, zone), zone)
    return say("{time}, if its clock was in this time zone: it names none", time=shown)


def _use(origin: PhotoOrigin, zone: tzinfo) -> None:
    changes: dict[str, object] = {}
    if origin.time is not None:
        changes["time"] = true_time(origin.time, zone)
    if origin.place is not None:
        changes |= {"point": origin.place, "camera": None}
    visit.change(**changes)
