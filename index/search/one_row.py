"""Tell a passage that its camera saw in several pieces once: in one row of an answer, and as one stop of a story."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from index.answers import Candidate, Itinerary, Ranking, Reason, Stop
from index.search.ending import LIKELY
from index.search.reasons import IN_PIECES


def in_one_row(ranking: Ranking, pieces: Mapping[str, Sequence[str]]) -> Ranking:
    """Return a ranking in which each passage has one row; `pieces` are its further sightings by that of its row."""
    row_of = {piece: first for first, others in pieces.items() for piece in others}
    if not row_of:
        return ranking
    rows = [one for one in ranking.candidates if one.sighting.id not in row_of]
    found = {one.sighting.id: one for one in rows}
    stories = _once_each([_with_rows(story, row_of, found) for story in _stories(ranking)])
    return replace(
        ranking,
        candidates=tuple(_with_pieces(one, tuple(pieces.get(one.sighting.id, ()))) for one in rows),
        likely=(ranking.likely or 0) - (len(_likely(ranking.candidates)) - len(_likely(rows))),
        rivals=ranking.rivals - _told_twice(ranking, row_of, rows),
        order=tuple(id_ for id_ in ranking.order if id_ not in row_of),
        itinerary=stories[0] if stories else None,
        alternatives=tuple(stories[1:]),
    )


def _stories(ranking: Ranking) -> list[Itinerary]:
    return [] if ranking.itinerary is None else [ranking.itinerary, *ranking.alternatives]


def _likely(candidates: Sequence[Candidate]) -> set[str]:
    return {one.sighting.id for one in candidates if (one.probability or 0.0) >= LIKELY}


def _told_twice(ranking: Ranking, row_of: Mapping[str, str], rows: Sequence[Candidate]) -> int:
    """Return how many likely sightings are no rivals of the story: they are of a passage that is told by another."""
    claimed = {stop.sighting for stop in ranking.itinerary.stops} if ranking.itinerary else set()
    before = _likely(ranking.candidates) - claimed
    after = _likely(rows) - {row_of.get(id_, id_) for id_ in claimed}
    return len(before) - len(after)


def _with_pieces(candidate: Candidate, pieces: tuple[str, ...]) -> Candidate:
    """Return a candidate with further sightings of its passage, and with the words that say so."""
    if not pieces:
        return candidate
    told = Reason(IN_PIECES.text, {"n": len(pieces) + 1})
    return replace(candidate, pieces=pieces, reasons=(*candidate.reasons, told))


def _with_rows(story: Itinerary, row_of: Mapping[str, str], rows: Mapping[str, Candidate]) -> Itinerary:
    """Return a story whose stops are rows of the answer, each once, in the order of time."""
    stops = {row_of.get(stop.sighting, stop.sighting): stop for stop in story.stops}
    stops |= {stop.sighting: stop for stop in story.stops if stop.sighting in stops}
    told = [_stop_at(rows[id_], stop) if id_ != stop.sighting else stop for id_, stop in stops.items()]
    return replace(story, stops=tuple(sorted(told, key=lambda stop: stop.time)))


def _stop_at(row: Candidate, stop: Stop) -> Stop:
    probability = stop.probability if row.probability is None else row.probability
    return replace(stop, sighting=row.sighting.id, time=row.time, probability=probability)


def _once_each(stories: Collection[Itinerary]) -> list[Itinerary]:
    """Return stories of which several claim the same passages as one, with the probability of all of them."""
    joined: dict[tuple[str, ...], Itinerary] = {}
    for story in stories:
        stops = tuple(stop.sighting for stop in story.stops)
        before = joined.get(stops)
        joined[stops] = story if before is None else replace(before, probability=before.probability + story.probability)
    return list(joined.values())
