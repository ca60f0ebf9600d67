"""Say what of a case's marks a person should look at: those left out, and those that no one vehicle can have made."""

from index.answers import Reason
from index.search.question import Question
from index.search.travel import cannot_be_both

LEFT_OUT = Reason(
    "marked yes in this case, but not where and when this question looks, or out of reach by the roads: {sightings}"
)
CONTRADICTING = Reason(
    "marked yes in this case, but no one vehicle can have made all of these: {sightings}. "
    "Are they two vehicles, or is a clock wrong?"
)
SHOWN = 5


def case_doubts(question: Question) -> tuple[Reason, ...]:
    """Return the doubts about the marks of a case; a mark is believed all the same."""
    inside = {one.id: row for row, one in enumerate(question.gallery.sightings) if one.id in question.confirmed}
    left_out = sorted(question.confirmed - inside.keys() - {question.target.sighting})
    doubts = [Reason(LEFT_OUT.text, {"sightings": _named(left_out)})] if left_out else []
    apart = _contradicting(question, sorted(inside.items()))
    if apart:
        doubts.append(Reason(CONTRADICTING.text, {"sightings": _named(apart)}))
    return tuple(doubts)


def _contradicting(question: Question, confirmed: list[tuple[str, int]]) -> list[str]:
    """Return the confirmed sightings that are too near in time to another for the drive between their cameras."""
    if question.drives is None or len(confirmed) < 2:
        return []
    rows = [row for _, row in confirmed]
    cameras = [question.gallery.cameras[row] for row in rows]
    too_near = cannot_be_both(question.drives, cameras, question.gallery.time_s[rows])
    return [id_ for (id_, _), others in zip(confirmed, too_near, strict=True) if others.any()]


def _named(ids: list[str]) -> str:
    more = len(ids) - SHOWN
    return ", ".join(ids[:SHOWN]) + (f" (+{more})" if more > 0 else "")
