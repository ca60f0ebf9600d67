"""Draw a story as a timeline, the steps of the search, and what was and was not searched, as HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from html import escape
from itertools import groupby

from index.answers import Gap, Itinerary, Searched, Stage, Stop
from ui.web import words

GAPS_SHOWN = 6
STEPS = {
    "hypothesis": "Reach",
    "appearance": "Looks",
    "plate": "Plates",
    "travel": "Travel",
    "fusion": "Together",
    "itinerary": "Story",
}
"""Names of the search steps for a reader."""


@dataclass(frozen=True, slots=True)
class QuestionStop:
    """The question's own entry on the timeline: its place, its time, and its sighting if it has one."""

    place: str
    time: datetime
    sighting: str | None = None


def timeline(itinerary: Itinerary, question: QuestionStop | None, ranks: Mapping[str, int], zone: tzinfo) -> str:
    """Return the stops in order of time as HTML; `ranks` gives the number of a stop's card by sighting id."""
    stops = [
        (stop.time, _stop(stop, ranks.get(stop.sighting), zone))
        for stop in itinerary.stops
        if not _is_question(stop, question)
    ]
    if question is not None:
        stops.append((question.time, _question(question, zone)))
    stops.sort(key=lambda entry: entry[0])
    rows: list[str] = []
    for number, (time, row) in enumerate(stops):
        if number:
            rows.append(f'<li class="rt-leg">{words.span(time - stops[number - 1][0])}</li>')
        rows.append(row)
    return f'<ol class="rt-timeline">{"".join(rows)}</ol>'


def other_story(itinerary: Itinerary, zone: tzinfo) -> str:
    """Return an alternative in one line of HTML."""
    stops = " → ".join(f"{escape(stop.camera)} {words.clock(stop.time, zone)}" for stop in itinerary.stops)
    text = stops or "not seen on any other camera"
    return f'<p class="rt-other"><b>{words.percent(itinerary.probability)}</b> {text}</p>'


def stages(done: Sequence[Stage], *, finished: bool) -> str:
    """Return the steps of the search so far as HTML."""
    chips = [_step(stage) for stage in done]
    if not finished:
        chips.append('<li class="rt-busy"><b>searching</b></li>')
    return f'<ol class="rt-stages" aria-label="Steps of the search">{"".join(chips)}</ol>'


def searched(extent: Searched, zone: tzinfo) -> str:
    """Return how much was searched, and each gap without footage, as HTML."""
    share = (
        f"{words.count(extent.inside, 'sighting')} on {words.count(extent.cameras, 'camera')} compared, "
        f"of {extent.of:,} in the archive."
    )
    if not extent.gaps:
        return f'<p class="rt-searched">{share} Footage covers every place and time that could be reached.</p>'
    rows = [_gaps(camera, why, list(gaps), zone) for (camera, why), gaps in groupby(extent.gaps, _camera_and_reason)]
    more = len(rows) - GAPS_SHOWN
    rest = f"<li>and on {words.count(more, 'more camera')}</li>" if more > 0 else ""
    times = f"times in {escape(words.zone_name(extent.gaps[0].start, zone))}"
    return (
        f'<p class="rt-searched">{share} <strong>Not seen does not mean not there</strong> where footage is missing, '
        f'{times}:</p><ul class="rt-gaps">{"".join(rows[:GAPS_SHOWN])}{rest}</ul>'
    )


def _step(stage: Stage) -> str:
    left = f"{words.count(stage.sightings, 'sighting')} on {words.count(stage.cameras, 'camera')}"
    name = STEPS.get(stage.name, stage.name)
    return f'<li title="{left} after {stage.seconds:.2f} s"><b>{escape(name)}</b> <span>{left}</span></li>'


def _is_question(stop: Stop, question: QuestionStop | None) -> bool:
    return question is not None and question.sighting == stop.sighting


def _stop(stop: Stop, rank: int | None, zone: tzinfo) -> str:
    number = f'<span class="rt-dot">{rank}</span>' if rank else '<span class="rt-dot"></span>'
    return (
        f"<li>{number}<b>{escape(stop.camera)}</b> <time>{words.clock(stop.time, zone)}</time>"
        f"<small>{words.percent(stop.probability)}</small></li>"
    )


def _question(question: QuestionStop, zone: tzinfo) -> str:
    return (
        f'<li class="rt-asked"><span class="rt-dot"></span><b>{escape(question.place)}</b> '
        f"<time>{words.clock(question.time, zone)}</time><small>your question</small></li>"
    )


def _camera_and_reason(gap: Gap) -> tuple[str, str]:
    return gap.camera, gap.why


def _gaps(camera: str, why: str, gaps: Sequence[Gap], zone: tzinfo) -> str:
    stretches = (f"{words.clock(gap.start, zone)} to {words.clock(gap.end, zone)}" for gap in gaps)
    return f"<li><b>{escape(camera)}</b> {escape(why)} {', '.join(stretches)}</li>"
