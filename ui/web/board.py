"""Show an answer as a board: wall, map, inspector and time strip, drawn by one component from plain values."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from index.answers import Ranking
from ui.web.board_setting import AskedVehicle, BoardSetting, Row
from ui.web.board_words import board_words
from ui.web.component import Take, show_component
from ui.web.hits import hit_row
from ui.web.map_base import MapBase
from ui.web.stories import rest_words, searched_rows, stop_rows, story_rows
from ui.web.time_strip import gap_row, milliseconds, pass_rows, span_of, ticks, window_row

PARTS = ("elements", "map", "wall", "strip", "scrub", "inspector", "board")


@dataclass(frozen=True, slots=True)
class BoardMark:
    """A mark that was made on a board: in the case that the board showed, None where it showed none."""

    case: str | None
    sightings: tuple[str, ...]
    verdict: str


def show_board(
    data: Row,
    *,
    on_mark: Callable[[BoardMark], None],
    on_go_on: Callable[[str], None],
    on_cameras: Callable[[list[str]], None] | None = None,
    key: str = "board",
) -> None:
    """Show the board; it tells of marks, of the sighting to go on from, and of the cameras in an area that was drawn.

    Without `on_cameras` such an area filters the hits that are shown.
    """
    takes: dict[str, Take] = {
        "mark": lambda told: on_mark(BoardMark(told["case"], tuple(told["ids"]), told["verdict"])),
        "go_on": lambda told: on_go_on(told["id"]),
    }
    if on_cameras:
        takes["lasso"] = lambda told: on_cameras(told["ids"])
    shown = data | {"takesLasso": on_cameras is not None}
    show_component("board", PARTS, "board", key=key, data=shown, takes=takes)


def board_data(ranking: Ranking, setting: BoardSetting) -> Row:
    """Return what the board shows, as plain values for JSON."""
    zone = setting.zone
    times = [candidate.time for candidate in ranking.candidates] + ([setting.asked.time] if setting.asked.time else [])
    setting = replace(setting, names_years=len({time.astimezone(zone).year for time in times}) > 1)
    hits = [hit_row(rank, candidate, setting) for rank, candidate in enumerate(ranking.candidates, start=1)]
    span = span_of(times, ranking.searched.gaps)
    extent = ranking.searched
    lanes = {hit["cam"] for hit in hits} | {gap.camera for gap in extent.gaps}
    lanes |= {window.camera for window in extent.windows}
    route = ranking.itinerary.route if ranking.itinerary else ()
    return {
        "key": setting.key,
        "busy": setting.busy,
        "words": board_words(),
        "hits": hits,
        "of": len(hits) if ranking.fitting is None else ranking.fitting,
        "sort": "likelihood" if ranking.fitting is None else "time",
        "open": setting.open,
        "case": setting.case,
        "cameras": camera_rows(setting.base),
        "lanes": [{"id": id_} for id_ in sorted(lanes)],
        "roads": setting.base.roads,
        "route": [list(point) for point in route],
        "stops": stop_rows(ranking.itinerary, setting),
        "area": ranking.area_now,
        "place": _place_row(setting.asked),
        "zone": str(setting.zone),
        "now": milliseconds(setting.now) if setting.now else None,
        "time": milliseconds(setting.asked.time) if setting.asked.time else None,
        "asked": _asked_row(setting.asked),
        "gaps": [gap_row(gap) for gap in extent.gaps],
        "windows": [window_row(window) for window in extent.windows],
        "passes": pass_rows(ranking, setting),
        "span": [milliseconds(span[0]), milliseconds(span[1])],
        "ticks": ticks(*span, zone),
        "stories": story_rows(ranking, setting),
        "rest": rest_words(ranking),
        "searched": searched_rows(ranking, zone, len(setting.base.ids)),
    }


def camera_rows(base: MapBase) -> list[Row]:
    """Return the cameras of the map."""
    return [
        {"id": id_, "lat": lat, "lon": lon, "bearing": base.bearings.get(id_)}
        for id_, (lat, lon) in sorted(base.cameras.items())
    ]


def _asked_row(asked: AskedVehicle) -> Row:
    return {
        "pic": asked.picture,
        "label": asked.label,
        "described": asked.described,
        "platePic": asked.plate,
        "plate": asked.plate_text,
    }


def _place_row(asked: AskedVehicle) -> Row | None:
    return {"lat": asked.place[0], "lon": asked.place[1], "cam": asked.place_name} if asked.place else None
