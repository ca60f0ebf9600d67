"""Make the time strip: its stretch of time, ticks, gaps and windows, and the passes that an area starts from."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from index.answers import Gap, Ranking
from index.records import Window
from index.search.question import SearchOptions
from ui.web import words
from ui.web.board_setting import BoardSetting, Row

TICK_STEPS_S = (1, 5, 15, 60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 86400, 7 * 86400)
MOST_TICKS = 12


def ticks(start: datetime, end: datetime, zone: tzinfo) -> list[Row]:
    """Return the marks of the time axis, at round times of the reader's zone."""
    long_s = (end - start).total_seconds()
    step_s = next((step for step in TICK_STEPS_S if long_s / step <= MOST_TICKS), TICK_STEPS_S[-1])
    offset_s = (start.astimezone(zone).utcoffset() or timedelta()).total_seconds()
    first = (start.timestamp() + offset_s) // step_s * step_s + step_s - offset_s
    several_years = start.astimezone(zone).year != end.astimezone(zone).year
    found = []
    for number in range(int(long_s // step_s) + 1):
        time = datetime.fromtimestamp(first + number * step_s, zone)
        if time <= end:
            found.append({"t": milliseconds(time), "label": _tick_label(time, zone, step_s, several_years)})
    return found


def gap_row(gap: Gap) -> Row:
    """Return a stretch of a window without usable footage."""
    return {"cam": gap.camera, "from": milliseconds(gap.start), "to": milliseconds(gap.end), "why": gap.why}


def window_row(window: Window) -> Row:
    """Return a stretch of time in which the vehicle can have passed a camera."""
    return {"cam": window.camera, "from": milliseconds(window.start), "to": milliseconds(window.end)}


def pass_rows(ranking: Ranking, setting: BoardSetting) -> list[Row]:
    """Return the passes that are sure, in order of time: from the last before a moment the vehicle drove on."""
    least = SearchOptions().area_probability
    stops = ranking.itinerary.stops if ranking.itinerary else ()
    found = [(stop.time, stop.camera, stop.sighting) for stop in stops if stop.probability >= least]
    asked = setting.asked
    if asked.time is not None and asked.place_name in setting.base.cameras:
        found.append((asked.time, asked.place_name, asked.sighting or ""))
    return [{"t": milliseconds(time), "cam": camera, "id": id_} for time, camera, id_ in sorted(found)]


def span_of(times: Sequence[datetime], gaps: Sequence[Gap]) -> tuple[datetime, datetime]:
    """Return the stretch of time that the strip shows: hits and question with a margin, or else the gaps."""
    found = times or [*(gap.start for gap in gaps), *(gap.end for gap in gaps)]
    if not found:
        now = datetime.now().astimezone()
        return now - timedelta(hours=1), now
    start, end = min(found), max(found)
    margin = max((end - start) * 0.08, timedelta(seconds=30))
    return start - margin, end + margin


def _tick_label(time: datetime, zone: tzinfo, step_s: int, several_years: bool) -> str:
    if step_s >= 86400 or f"{time:%H:%M:%S}" == "00:00:00":
        return (words.short_date if several_years else words.day)(time, zone)
    return words.clock(time, zone) if step_s < 60 else f"{time:%H:%M}"


def milliseconds(time: datetime) -> int:
    """Return a time as browsers count it."""
    return round(time.timestamp() * 1000)
