"""Say in one sentence what is believed, and in a second what it rests on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from index.answers import Candidate, NamedSighting, Ranking, RestsOn, Searched
from index.records import Window
from index.search.reasons import subject_of
from ui.web import words
from ui.web.language import say, say_count

LOOK_AT = {
    "the question": "{compared}; look at the question: {doubt}",
    "the marks": "{compared}; look at the marks: {doubt}",
    "the way": "{compared}; look at the way: {doubt}",
}
"""How a doubt is said, by what it is about."""

LIKELY = 0.5
LEAST_UNWATCHED = 0.01
"""From this share on it is said of how much of the time there is no footage."""


@dataclass(frozen=True, slots=True)
class Headline:
    """What is believed, and what it rests on."""

    belief: str
    basis: str


def headline(ranking: Ranking, zone: tzinfo, asked: Window | None = None) -> Headline:
    """Return the belief of a complete answer; what was seen where and when was `asked` about was not seen again."""
    basis = _basis(ranking)
    if ranking.settings:
        settings = ", ".join(ranking.settings)
        basis = say("{compared}; not searched as usual: {settings}", compared=basis, settings=settings)
    for doubt in ranking.doubts:
        text = say(doubt.text, **doubt.naming(_told_of(ranking.candidates, zone)).values)
        basis = say(LOOK_AT[subject_of(doubt)], compared=basis, doubt=text)
    if ranking.searched.nobody_looked:
        return Headline(say("Nobody looked: these cameras have no usable footage of this time"), basis)
    if ranking.searched.searched_nothing and not ranking.candidates:
        return Headline(say("No camera was searched: nothing is known of whether it was seen"), basis)
    if not ranking.candidates:
        return Headline(_but_for(_nothing(ranking.searched), ranking.searched), basis)
    if ranking.candidates[0].probability is None:
        return Headline(say_count(ranking.fitting or 0, "{n} sighting fits", "{n} sightings fit"), basis)
    likely = [one for one in ranking.candidates if (one.probability or 0.0) >= LIKELY]
    again = [one for one in likely if asked is None or not _is_inside(one, asked)]
    if again:
        more = max(0, (ranking.likely or 0) - len(likely))
        return Headline(_seen(again, zone, more, ranking.rivals), basis)
    if likely:
        where = _where(likely[0], zone)
        return Headline(say("Only the passage that was asked about is found: {where}", where=where), basis)
    if ranking.nobody is not None and ranking.nobody >= LIKELY:
        unseen = _unseen(words.percent(ranking.nobody), ranking.searched)
        return Headline(_but_for(unseen, ranking.searched), basis)
    best = ranking.candidates[0]
    return Headline(say("Not sure: the likeliest is {where}", where=_where(best, zone)), basis)


def _told_of(candidates: Sequence[Candidate], zone: tzinfo) -> Callable[[NamedSighting], str]:
    """Return how a doubt names sightings, by camera and time: with the day where it is not that of all candidates."""
    days = {candidate.time.astimezone(zone).date() for candidate in candidates}

    def tell(one: NamedSighting) -> str:
        clock = words.clock if days == {one.time.astimezone(zone).date()} else words.stamp
        return f"{one.camera} {clock(one.time, zone)}"

    return tell


def _but_for(belief: str, searched: Searched) -> str:
    """Return a belief that is without what people ruled out: it would be another one if they were mistaken."""
    if not searched.ruled_out:
        return belief
    sightings = say_count(searched.ruled_out, "{n} sighting", "{n} sightings")
    return say("{belief}, but for {sightings} that this case marks no", belief=belief, sightings=sightings)


def _nothing(searched: Searched) -> str:
    """Return that nothing was found; where nobody looked most of the time, that says little."""
    if searched.mostly_unwatched:
        return say(
            "Mostly nobody looked: of {share} of this time these cameras have no usable footage; "
            "in the rest no sighting fits",
            share=words.percent(searched.unwatched or 0.0),
        )
    if searched.inside:
        return say("No sighting fits")
    return say("Nothing was seen where and when the vehicle can have been")


def _unseen(percent: str, searched: Searched) -> str:
    unwatched = searched.unwatched or 0.0
    if unwatched < LEAST_UNWATCHED:
        return say("Probably not seen by these cameras in this time ({percent})", percent=percent)
    share = words.percent(unwatched)
    if searched.mostly_unwatched:
        return say(
            "Mostly nobody looked: of {share} of this time these cameras have no usable footage; "
            "in the rest it was probably not seen ({percent})",
            percent=percent,
            share=share,
        )
    return say(
        "Probably not seen by these cameras in this time ({percent}); of {share} of it they have no usable footage",
        percent=percent,
        share=share,
    )


def _seen(likely: list[Candidate], zone: tzinfo, more: int, rivals: int) -> str:
    """Return where it was seen again, and how often; so many `more` are not among those that are shown.

    Hardly one vehicle made all of them where some are `rivals` of the others.
    """
    where, count = _where(likely[0], zone), len(likely) + more
    if count == 1:
        return say("Seen again: {where}", where=where)
    if rivals:
        return say(
            "{n} sightings may be it, but hardly all of them, its likeliest way has {fewer}; surest: {where}",
            n=count,
            fewer=max(1, count - rivals),
            where=where,
        )
    return say("Seen again {n} times, surest: {where}", n=count, where=where)


def _is_inside(candidate: Candidate, window: Window) -> bool:
    return candidate.sighting.camera == window.camera and window.start <= candidate.time <= window.end


def _where(candidate: Candidate, zone: tzinfo) -> str:
    when = words.stamp(candidate.time, zone)
    return f"{candidate.sighting.camera}, {when} ({words.percent(candidate.probability or 0.0)})"


def _without_map(compared: str, rests_on: RestsOn) -> str:
    """Return how much was compared, and what the times rest on where there is no road map."""
    passages = say_count(rests_on.known_passages, "{n} known passage", "{n} known passages")
    if rests_on.places:
        return say(
            "{compared}; no road map: times from {passages} and straight-line distance",
            compared=compared,
            passages=passages,
        )
    return say("{compared}; no road map and no places: times from {passages}", compared=compared, passages=passages)


def _basis(ranking: Ranking) -> str:
    """Return how much was compared, where nothing was, why; how many are listed, and of how many nobody knows."""
    basis = _compared(ranking)
    if 0 < len(ranking.candidates) < (ranking.fitting or 0):
        basis = say("{compared}; the first {n} are listed", compared=basis, n=len(ranking.candidates))
    if ranking.fitting is None or ranking.unknown == 0:
        return basis
    if ranking.unknown is None:
        return say("{compared}; those of unknown plate, type or colour are not listed", compared=basis)
    unknown = say_count(ranking.unknown, "{n} sighting", "{n} sightings")
    return say("{compared}; {unknown} of unknown plate, type or colour may fit, too", compared=basis, unknown=unknown)


def _compared(ranking: Ranking) -> str:
    extent = ranking.searched
    if extent.cameras == 0:
        return say("The question leaves all cameras out, or none can be reached in this time by the roads")
    cameras = say_count(extent.cameras, "{n} camera", "{n} cameras")
    number = extent.inside if ranking.fitting is not None else extent.compared
    sightings = say_count(number, "{n} sighting", "{n} sightings")
    looked = (
        say("of {sightings} on {cameras}") if ranking.fitting is not None else say("{sightings} on {cameras} compared")
    )
    compared = looked.format(sightings=sightings, cameras=cameras)
    if ranking.rests_on is not None and not ranking.rests_on.road_map:
        compared = _without_map(compared, ranking.rests_on)
    if extent.ruled_out:
        compared = say("{compared}, without {n} that this case marks no", compared=compared, n=f"{extent.ruled_out:,}")
    if not extent.gaps:
        return compared
    without = say_count(len({gap.camera for gap in extent.gaps}), "{n} camera", "{n} cameras")
    return say("{compared}; footage is missing on {without}", compared=compared, without=without)
