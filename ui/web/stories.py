"""Make the rows of what is believed: stories with their stops, what is left, and what was searched."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import groupby

from index.answers import Gap, Itinerary, Ranking, Searched
from ui.web import words
from ui.web.board_setting import BoardSetting, Row
from ui.web.language import say, say_count

STAGE_NAMES = {
    "hypothesis": "reach",
    "appearance": "looks",
    "plate": "plates",
    "travel": "travel",
    "fusion": "together",
    "itinerary": "story",
}
GAPS_SHOWN = 12
STRETCHES_SHOWN = 4


def searched_rows(ranking: Ranking, zone: tzinfo, cameras: int) -> Row:
    """Return what was and was not searched of an archive with so many cameras."""
    extent = ranking.searched
    gaps: list[Row] = [
        {"cam": camera, "why": say(why), "times": _stretches(list(found), zone)}
        for (camera, why), found in groupby(extent.gaps, lambda gap: (gap.camera, gap.why))
    ]
    if len(gaps) > GAPS_SHOWN:
        more = say("and {n} more", n=f"{len(gaps) - GAPS_SHOWN:,}")
        gaps = [*gaps[:GAPS_SHOWN], {"cam": more, "why": "", "times": ""}]
    stages = [f"{say(STAGE_NAMES.get(stage.name, stage.name))} {stage.seconds:.2f} s" for stage in ranking.stages]
    lines = [*_searched_lines(extent, cameras), *_basis_lines(ranking), *_area_lines(ranking)]
    return {"lines": lines, "gaps": gaps, "stages": " · ".join(stages)}


def _searched_lines(extent: Searched, of_cameras: int) -> list[str]:
    cameras = say_count(extent.cameras, "{n} camera", "{n} cameras")
    sightings = say_count(extent.inside, "{n} sighting", "{n} sightings")
    first = say(
        "{sightings} on {cameras} could have been the vehicle, of {of} in the archive.",
        sightings=sightings,
        cameras=cameras,
        of=f"{extent.of:,}",
    )
    return [first, *_left_out_lines(extent, of_cameras), *_footage_lines(extent)]


def _basis_lines(ranking: Ranking) -> list[str]:
    """Return of which cameras nobody knows by the roads how far they were: moved meanwhile, or behind the map."""
    basis = ranking.rests_on
    if basis is None:
        return []
    moved, no_way = ", ".join(basis.moved), ", ".join(basis.no_way)
    said = [say("Moved in this time, so that drives to them tell nothing: {cameras}.", cameras=moved)] if moved else []
    if no_way:
        said.append(say("The map knows no way to these, weighed by the straight line: {cameras}.", cameras=no_way))
    return said


def _area_lines(ranking: Ranking) -> list[str]:
    """Return what the area on the map rests on, and where it ends with the map alone."""
    if ranking.area_now is None:
        return []
    said = [say("The area on the map rests on its last sure stop at a known place, and on the clock there.")]
    if ranking.off_map:
        said.append(say("The area on the map ends where the map ends: it can have left the map by then."))
    return said


def _left_out_lines(extent: Searched, of_cameras: int) -> list[str]:
    left_out = of_cameras - extent.cameras
    if left_out <= 0 or extent.unwatched is None:
        return []
    cameras = say_count(of_cameras, "{n} camera", "{n} cameras")
    return [
        say("{n} of {cameras} could not be reached in this time and were not searched.", n=left_out, cameras=cameras)
    ]


def _footage_lines(extent: Searched) -> list[str]:
    if extent.unwatched is None:
        return []
    if extent.gaps:
        return [say("Not seen does not mean not there: footage is missing on these cameras.")]
    return [say("There is footage of every searched camera for all of the time it could have passed there.")]


def story_rows(ranking: Ranking, setting: BoardSetting) -> list[Row]:
    """Return the stories that were told, the likeliest first."""
    told = [story for story in (ranking.itinerary, *ranking.alternatives) if story is not None]
    return [_story(story, setting) for story in told if story.stops or story.probability > 0]


def _story(story: Itinerary, setting: BoardSetting) -> Row:
    asked = setting.asked
    stops = [
        (stop.time, stop.camera, stop.sighting, stop.probability)
        for stop in story.stops
        if stop.sighting != asked.sighting
    ]
    entries = [(time, camera, id_, words.percent(p), False) for time, camera, id_, p in stops]
    if asked.time is not None and stops:
        entries.append((asked.time, asked.place_name, "", "", True))
    entries.sort(key=lambda entry: entry[0])
    clock = _clock_of([entry[0] for entry in entries], setting)
    rows = [
        {
            "id": id_,
            "cam": camera,
            "when": clock(time),
            "pct": percent,
            "asked": is_question,
            "note": say("your question") if is_question else "",
            "leg": words.span(time - entries[number - 1][0]) if number else "",
        }
        for number, (time, camera, id_, percent, is_question) in enumerate(entries)
    ]
    return {"p": story.probability, "pct": words.percent(story.probability), "stops": rows}


def rest_words(ranking: Ranking) -> str:
    """Return what is left of the probability when the stories shown are counted; or that they may miss stops."""
    if ranking.may_miss_stops:
        compared = say_count(ranking.searched.compared, "{n} sighting", "{n} sightings")
        return say("Of {compared} that were compared: it may have passed others, too.", compared=compared)
    told = [story.probability for story in (ranking.itinerary, *ranking.alternatives) if story is not None]
    left = 1.0 - sum(told)
    return say("All other stories together: {percent}", percent=words.percent(left)) if told and left > 0.005 else ""


def stop_rows(story: Itinerary | None, setting: BoardSetting) -> list[Row]:
    """Return the stops of a story as the map shows them."""
    stops = story.stops if story else ()
    clock = _clock_of([stop.time for stop in stops], setting)
    return [{"cam": stop.camera, "clock": clock(stop.time)} for stop in stops]


def _clock_of(times: Sequence[datetime], setting: BoardSetting) -> Callable[[datetime], str]:
    """Return how times of one story are told: with their days where they are of several."""
    zone = setting.zone
    if len({time.astimezone(zone).date() for time in times}) < 2:
        return lambda time: words.clock(time, zone)
    day = words.short_date if setting.names_years else words.day
    return lambda time: f"{day(time, zone)} {words.clock(time, zone)}"


def _stretches(gaps: Sequence[Gap], zone: tzinfo) -> str:
    shown = [_stretch(gap, zone) for gap in gaps[:STRETCHES_SHOWN]]
    more = len(gaps) - len(shown)
    return ", ".join([*shown, *([say("and {n} more", n=f"{more:,}")] if more else [])])


def _stretch(gap: Gap, zone: tzinfo) -> str:
    end = words.clock(gap.end, zone) if gap.end - gap.start < timedelta(hours=20) else words.stamp(gap.end, zone)
    return f"{words.stamp(gap.start, zone)} – {end}"
