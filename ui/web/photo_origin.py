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
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        note(say("By the photograph itself: {when}", when=" · ".join(parts)))
        key = f"origin {number}"
        st.button(say("Use this"), key=key, type="tertiary", on_click=_use, args=(origin, zone))


def of_the_calendar(origin: PhotoOrigin, zone: tzinfo) -> PhotoOrigin:
    """Return an origin, without its time where that is of no year of footage in UTC: no question can have it."""
    if origin.time is None or true_time(origin.time, zone).year in YEARS:
        return origin
    return replace(origin, time=None)


def origin_words(origin: PhotoOrigin, zone: tzinfo) -> list[str]:
    """Return time and place in words, as far as they are known."""
    time = [] if origin.time is None else [words.moment(true_time(origin.time, zone), zone)]
    place = [] if origin.place is None else ["{:.5f}, {:.5f}".format(*origin.place)]
    return time + place


def true_time(time: datetime, zone: tzinfo) -> datetime:
    """Return the time of a photograph in UTC; one without a zone is in that of the reader."""
    return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)


def _use(origin: PhotoOrigin, zone: tzinfo) -> None:
    changes: dict[str, object] = {}
    if origin.time is not None:
        changes["time"] = true_time(origin.time, zone)
    if origin.place is not None:
        changes |= {"point": origin.place, "camera": None}
    visit.change(**changes)
