"""Draw the card of a candidate as HTML: picture, probability, place, time and evidence."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from html import escape

from index.answers import Candidate, Evidence
from reid.vehicle import Plate
from ui.web import words

FULL_BAR = 6.0
"""An llr of this size fills its half of the bar: about four hundred to one."""

EVIDENCE = (("appearance", "Looks"), ("plate", "Plate"), ("travel", "Travel time"), ("direction", "Direction"))


@dataclass(frozen=True, slots=True)
class CardContext:
    """The time of the question, if any, and the time zone of the reader."""

    asked: datetime | None
    zone: tzinfo


def candidate_card(rank: int, candidate: Candidate, jpeg: bytes | None, context: CardContext) -> str:
    """Return the card of a candidate as HTML."""
    sighting = candidate.sighting
    return (
        f'<article class="rt-card" aria-label="Candidate {rank}, camera {escape(sighting.camera, quote=True)}">'
        f'<div class="rt-picture">{picture(jpeg, f"Camera {sighting.camera}")}<span class="rt-rank">{rank}</span></div>'
        f'<div class="rt-facts"><header><div><h3>{escape(sighting.camera)}</h3>{_when(candidate.time, context)}</div>'
        f"{'' if candidate.probability is None else _probability(candidate.probability)}</header>"
        f'<p class="rt-why">{escape(candidate.why)}</p>'
        f"{evidence_bars(candidate.evidence)}"
        f'<p class="rt-look">{escape(words.vehicle_words(sighting.attributes))}{plate_sign(sighting.plate)}</p>'
        "</div></article>"
    )


def picture(jpeg: bytes | None, name: str) -> str:
    """Return the picture as HTML, or the words "no picture"."""
    if jpeg is None:
        return '<span class="rt-missing">no picture</span>'
    data = base64.b64encode(jpeg).decode("ascii")
    return f'<img src="data:image/jpeg;base64,{data}" alt="{escape(name, quote=True)}">'


def plate_sign(plate: Plate | None) -> str:
    """Return the plate text as a small plate in HTML, nothing where it was not read."""
    if plate is None or not plate.text:
        return ""
    sure = f"read with {words.percent(plate.confidence)} confidence"
    return f' <span class="rt-plate" title="{sure}">{escape(plate.text)}</span>'


def evidence_bars(evidence: Evidence) -> str:
    """Return one bar for each kind of evidence: to the right for the same vehicle, to the left against it."""
    rows = [(label, getattr(evidence, name)) for name, label in EVIDENCE]
    return f'<dl class="rt-evidence">{"".join(_bar(label, llr) for label, llr in rows)}</dl>'


def thumbnails(pictures: Sequence[tuple[bytes | None, str]]) -> str:
    """Return a row of small pictures with their names."""
    return f'<div class="rt-thumbs">{"".join(picture(jpeg, name) for jpeg, name in pictures)}</div>'


def _when(time: datetime, context: CardContext) -> str:
    zone = words.zone_name(time, context.zone)
    exact = f'<time title="{words.moment(time, context.zone)}">{words.clock(time, context.zone)}</time>'
    distance = f" · {words.time_apart(time, context.asked)}" if context.asked else ""
    return f'<p class="rt-when">{exact} <small>{escape(zone)}</small>{distance}</p>'


def _probability(probability: float) -> str:
    level = "high" if probability >= 0.8 else "middle" if probability >= 0.3 else "low"
    return f'<p class="rt-probability rt-{level}"><b>{words.percent(probability)}</b><small>same vehicle</small></p>'


def _bar(label: str, llr: float | None) -> str:
    meaning = words.llr_words(llr)
    if llr is None:
        return f'<div class="rt-none" title="{meaning}"><dt>{label}</dt><dd><i></i></dd></div>'
    share = min(abs(llr) / FULL_BAR, 1.0) * 50
    side, start = ("for", 50.0) if llr >= 0 else ("against", 50.0 - share)
    bar = f'<i class="rt-{side}" style="left:{start:.1f}%;width:{share:.1f}%"></i>'
    return f'<div title="{label}: {meaning}"><dt>{label}</dt><dd>{bar}</dd></div>'
