"""Show an answer as a board: wall, map, inspector and time strip, drawn by one component from plain values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import streamlit as st

from index.access.browse import best_shot
from index.access.footage_view import LEAD_S
from index.answers import Candidate, Evidence, Gap, Itinerary, Ranking, Searched
from index.records import Sighting
from index.store.catalogue.footage import Footage
from reid.vehicle import Plate
from ui.web import words
from ui.web.board_words import board_words
from ui.web.language import say, say_count
from ui.web.map_base import MapBase, Place

FOLDER = Path(__file__).with_name("components")
PARTS = ("elements", "map", "wall", "strip", "inspector", "board")
TICK_STEPS_S = (1, 5, 15, 60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 86400, 7 * 86400)
MOST_TICKS = 12
STAGE_NAMES = {
    "hypothesis": "reach",
    "appearance": "looks",
    "plate": "plates",
    "travel": "travel",
    "fusion": "together",
    "itinerary": "story",
}
GAPS_SHOWN = 12

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AskedVehicle:
    """How the board shows the question: its picture's address, words, place and time; what is not known is None."""

    picture: str | None = None
    label: str = ""
    described: str = ""
    place_name: str = ""
    place: Place | None = None
    time: datetime | None = None
    sighting: str | None = None


@dataclass(frozen=True, slots=True)
class BoardSetting:
    """What a board needs beside the answer: map, zone, question, footage by id, marks by sighting, and why it is asked.

    `open` is the sighting to open first.
    """

    key: str
    base: MapBase
    zone: tzinfo
    asked: AskedVehicle = field(default_factory=AskedVehicle)
    films: Mapping[str, Footage] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    marks: Mapping[str, str] = field(default_factory=dict)
    case: str | None = None
    reason: str | None = None
    open: str | None = None
    busy: bool = False


def show_board(data: Row, *, on_mark: Callable[[], None], on_go_on: Callable[[], None], key: str = "board") -> None:
    """Show the board; `st.session_state[key]` holds what was clicked while a callback runs."""
    _component()(key=key, data=data, on_mark_change=on_mark, on_goon_change=on_go_on)


def board_data(ranking: Ranking, setting: BoardSetting) -> Row:
    """Return what the board shows, as plain values for JSON."""
    zone = setting.zone
    hits = [hit_row(rank, candidate, setting) for rank, candidate in enumerate(ranking.candidates, start=1)]
    times = [candidate.time for candidate in ranking.candidates] + ([setting.asked.time] if setting.asked.time else [])
    span = _span(times, ranking.searched.gaps)
    lanes = sorted({hit["cam"] for hit in hits} | {gap.camera for gap in ranking.searched.gaps})
    route = ranking.itinerary.route if ranking.itinerary else ()
    return {
        "key": setting.key,
        "busy": setting.busy,
        "words": board_words(),
        "hits": hits,
        "of": len(hits) if ranking.fitting is None else ranking.fitting,
        "sort": "likelihood" if ranking.fitting is None else "time",
        "open": setting.open,
        "canMark": setting.case is not None,
        "cameras": camera_rows(setting.base),
        "lanes": [{"id": id_} for id_ in lanes],
        "roads": setting.base.roads,
        "route": [list(point) for point in route],
        "stops": _map_stops(ranking.itinerary, zone),
        "area": ranking.area_now,
        "place": _place_row(setting.asked),
        "time": _milliseconds(setting.asked.time) if setting.asked.time else None,
        "asked": {"pic": setting.asked.picture, "label": setting.asked.label, "described": setting.asked.described},
        "gaps": [_gap_row(gap) for gap in ranking.searched.gaps],
        "windows": [],
        "span": [_milliseconds(span[0]), _milliseconds(span[1])],
        "ticks": ticks(*span, zone),
        "stories": _stories(ranking, setting),
        "rest": _rest(ranking),
        "searched": searched_rows(ranking, zone),
    }


def hit_row(rank: int, candidate: Candidate, setting: BoardSetting) -> Row:
    """Return one hit; in a listing nothing was compared, and no probability is shown."""
    sighting, zone = candidate.sighting, setting.zone
    shots = [picture_url(sighting.id, shot.number, setting) for shot in sighting.shots]
    best = best_shot(sighting)
    film = setting.films.get(sighting.footage or "")
    asked = setting.asked.time
    return {
        "id": sighting.id,
        "rank": rank,
        "cam": sighting.camera,
        "t": _milliseconds(candidate.time),
        "day": words.day(candidate.time, zone),
        "clock": words.clock(candidate.time, zone),
        "moment": words.moment(candidate.time, zone),
        "distance": words.time_apart(candidate.time, asked) if asked else "",
        "p": candidate.probability or 0.0,
        "pct": "" if candidate.probability is None else words.percent(candidate.probability),
        "why": candidate.why,
        "look": words.vehicle_words(sighting.attributes),
        "plate": sighting.plate.text if sighting.plate else None,
        "plateSure": _plate_sure(sighting.plate),
        "evidence": [] if candidate.probability is None else evidence_rows(candidate.evidence),
        "pic": picture_url(sighting.id, best.number, setting) if best else None,
        "shots": shots,
        "mark": setting.marks.get(sighting.id),
        **_footage_row(sighting, film, setting),
    }


def evidence_rows(evidence: Evidence) -> list[Row]:
    """Return the four kinds of evidence in words and numbers; nothing where none was weighed."""
    kinds = (
        (say("Looks"), evidence.appearance),
        (say("Plate"), evidence.plate),
        (say("Travel time"), evidence.travel),
        (say("Direction"), evidence.direction),
    )
    return [{"label": label, "llr": llr, "words": words.llr_words(llr)} for label, llr in kinds]


def camera_rows(base: MapBase) -> list[Row]:
    """Return the cameras of the map."""
    return [
        {"id": id_, "lat": lat, "lon": lon, "bearing": base.bearings.get(id_)}
        for id_, (lat, lon) in sorted(base.cameras.items())
    ]


def picture_url(sighting: str, shot: int, setting: BoardSetting) -> str:
    """Return the address of a picture; case and reason go with it into the audit."""
    return f"/archive/picture/{quote(sighting, safe='')}/{shot}{_why(setting)}"


def ticks(start: datetime, end: datetime, zone: tzinfo) -> list[Row]:
    """Return the marks of the time axis, at round times of the reader's zone."""
    long_s = (end - start).total_seconds()
    step_s = next((step for step in TICK_STEPS_S if long_s / step <= MOST_TICKS), TICK_STEPS_S[-1])
    offset_s = (start.astimezone(zone).utcoffset() or timedelta()).total_seconds()
    first = (start.timestamp() + offset_s) // step_s * step_s + step_s - offset_s
    found = []
    for number in range(int(long_s // step_s) + 1):
        time = datetime.fromtimestamp(first + number * step_s, zone)
        if time <= end:
            found.append({"t": _milliseconds(time), "label": _tick_label(time, zone, step_s)})
    return found


def searched_rows(ranking: Ranking, zone: tzinfo) -> Row:
    """Return what was and was not searched."""
    extent = ranking.searched
    gaps = [
        {"cam": camera, "why": say(why), "times": ", ".join(_stretch(gap, zone) for gap in list(found)[:4])}
        for (camera, why), found in groupby(extent.gaps, lambda gap: (gap.camera, gap.why))
    ]
    stages = [f"{say(STAGE_NAMES.get(stage.name, stage.name))} {stage.seconds:.2f} s" for stage in ranking.stages]
    return {"lines": _searched_lines(extent), "gaps": gaps[:GAPS_SHOWN], "stages": " · ".join(stages)}


def _searched_lines(extent: Searched) -> list[str]:
    cameras = say_count(extent.cameras, "{n} camera", "{n} cameras")
    sightings = say_count(extent.inside, "{n} sighting", "{n} sightings")
    first = say(
        "{sightings} on {cameras} could have been the vehicle, of {of} in the archive.",
        sightings=sightings,
        cameras=cameras,
        of=f"{extent.of:,}",
    )
    if extent.gaps:
        return [first, say("Not seen does not mean not there: footage is missing on these cameras.")]
    return [first, say("There is footage of every camera for all of the time it could have passed there.")]


def _stories(ranking: Ranking, setting: BoardSetting) -> list[Row]:
    told = [story for story in (ranking.itinerary, *ranking.alternatives) if story is not None]
    return [_story(story, setting) for story in told if story.stops or story.probability > 0]


def _story(story: Itinerary, setting: BoardSetting) -> Row:
    asked, zone = setting.asked, setting.zone
    stops = [
        (stop.time, stop.camera, stop.sighting, stop.probability)
        for stop in story.stops
        if stop.sighting != asked.sighting
    ]
    entries = [(time, camera, id_, words.percent(p), False) for time, camera, id_, p in stops]
    if asked.time is not None and stops:
        entries.append((asked.time, asked.place_name, "", "", True))
    entries.sort(key=lambda entry: entry[0])
    rows = [
        {
            "id": id_,
            "cam": camera,
            "when": words.clock(time, zone),
            "pct": percent,
            "asked": is_question,
            "note": say("your question") if is_question else "",
            "leg": words.span(time - entries[number - 1][0]) if number else "",
        }
        for number, (time, camera, id_, percent, is_question) in enumerate(entries)
    ]
    return {"p": story.probability, "pct": words.percent(story.probability), "stops": rows}


def _rest(ranking: Ranking) -> str:
    """Return what is left of the probability when the stories shown are counted."""
    told = [story.probability for story in (ranking.itinerary, *ranking.alternatives) if story is not None]
    left = 1.0 - sum(told)
    return say("All other stories together: {percent}", percent=words.percent(left)) if told and left > 0.005 else ""


def _map_stops(story: Itinerary | None, zone: tzinfo) -> list[Row]:
    return [{"cam": stop.camera, "clock": words.clock(stop.time, zone)} for stop in (story.stops if story else ())]


def _place_row(asked: AskedVehicle) -> Row | None:
    return {"lat": asked.place[0], "lon": asked.place[1], "cam": asked.place_name} if asked.place else None


def _footage_row(sighting: Sighting, film: Footage | None, setting: BoardSetting) -> Row:
    id_ = quote(sighting.id, safe="")
    if film is None:
        return {"frame": None, "clip": None, "box": None, "noFrame": say("Imported without footage.")}
    if film.id in setting.gone:
        return {"frame": None, "clip": None, "box": None, "noFrame": say("The footage is no longer on this machine.")}
    first_s, last_s = ((time - film.start).total_seconds() for time in (sighting.first, sighting.last))
    clip = {
        "url": f"/archive/clip/{id_}{_why(setting)}",
        "from": max(0.0, first_s - LEAD_S),
        "to": min(film.duration_s, last_s + LEAD_S),
    }
    shot = best_shot(sighting)
    box = shot.box if shot else sighting.box
    shares = None
    if film.width and film.height:
        shares = [box.x / film.width, box.y / film.height, box.width / film.width, box.height / film.height]
    return {"frame": f"/archive/frame/{id_}{_why(setting)}", "clip": clip, "box": shares, "noFrame": ""}


def _why(setting: BoardSetting) -> str:
    named = {name: text for name, text in (("case", setting.case), ("reason", setting.reason)) if text}
    return f"?{urlencode(named)}" if named else ""


def _plate_sure(plate: Plate | None) -> str:
    if plate is None or not plate.text:
        return ""
    return say("read with {percent} confidence", percent=words.percent(plate.confidence))


def _gap_row(gap: Gap) -> Row:
    return {"cam": gap.camera, "from": _milliseconds(gap.start), "to": _milliseconds(gap.end), "why": gap.why}


def _stretch(gap: Gap, zone: tzinfo) -> str:
    end = words.clock(gap.end, zone) if gap.end - gap.start < timedelta(hours=20) else words.stamp(gap.end, zone)
    return f"{words.stamp(gap.start, zone)} – {end}"


def _span(times: Sequence[datetime], gaps: Sequence[Gap]) -> tuple[datetime, datetime]:
    """Return the stretch of time that the strip shows: hits and question with a margin, or else the gaps."""
    found = times or [*(gap.start for gap in gaps), *(gap.end for gap in gaps)]
    if not found:
        now = datetime.now().astimezone()
        return now - timedelta(hours=1), now
    start, end = min(found), max(found)
    margin = max((end - start) * 0.08, timedelta(seconds=30))
    return start - margin, end + margin


def _tick_label(time: datetime, zone: tzinfo, step_s: int) -> str:
    if step_s >= 86400:
        return words.day(time, zone)
    return words.clock(time, zone) if step_s < 60 else f"{time:%H:%M}"


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)


@cache
def script() -> str:
    """Return the JavaScript of the board: its parts, one after the other."""
    return "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in PARTS)


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    css = (FOLDER / "board.css").read_text(encoding="utf-8")
    return st.components.v2.component("retrace.board", html='<div class="board"></div>', css=css, js=script())
