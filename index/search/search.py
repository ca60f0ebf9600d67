"""Search progressively: each step yields a better ranking, from what can be reached to the whole story."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from index.answers import Query, Ranking
from index.search.ending import ending_of
from index.search.fusion import Llrs, from_anchors, probabilities
from index.search.gallery import look_inside
from index.search.links import link_llrs
from index.search.listing import list_fitting
from index.search.plate import LOOKED_AT, MOST_LOOKED_AT, GalleryPlates
from index.search.progress import Progress, likeliest
from index.search.question import BoundedQuestion, Question, SearchOptions, bound, with_gallery
from index.search.scope import searched
from index.search.stated import with_stated
from index.search.story import GalleryStories, tell_story
from index.search.travel import direction_llrs, fit_from_start, travel_llrs, way_back_llrs
from index.store.archive import Archive
from index.store.catalogue.people import Person
from reid.arrays import Floats

STAGES = ("hypothesis", "appearance", "plate", "travel", "fusion", "itinerary")


def search(archive: Archive, query: Query, person: Person, options: SearchOptions | None = None) -> Iterator[Ranking]:
    """Answer a query step by step; it is refused or written into the audit before the first step."""
    return _steps(bound(archive, query, person, options or SearchOptions()))


def _steps(bounded: BoundedQuestion) -> Iterator[Ranking]:
    """Yield a ranking after each step, all over the archive as it is at the first."""
    with bounded.archive.at_one_moment() as archive:
        bounded = replace(bounded, archive=archive)
        yield from _compare(bounded) if bounded.compares else _list(bounded)


def _list(bounded: BoundedQuestion) -> Iterator[Ranking]:
    """Yield how much lies inside, then what of it fits the description."""
    inside = look_inside(bounded.archive, bounded.scope, shortlist=bounded.options.shortlist)
    progress = Progress(bounded, searched(bounded.archive, bounded.scope, bounded.target, inside.size))
    yield progress.bounded()

    progress.resume()
    yield progress.listing(list_fitting(bounded, inside))


def _compare(bounded: BoundedQuestion) -> Iterator[Ranking]:
    """Yield a ranking after each kind of evidence; between two steps the clock stands still."""
    archive, scope, options = bounded.archive, bounded.scope, bounded.options

    inside = look_inside(archive, scope, shortlist=options.shortlist)
    progress = Progress(bounded, searched(archive, scope, bounded.target, inside.size))
    yield progress.bounded()

    progress.resume()
    question = with_gallery(bounded, inside)
    progress.doubt(question)
    appearance = with_stated(archive, question) if question.target.is_described else question.gallery.appearance
    llrs = replace(Llrs.missing(len(question.gallery)), appearance=appearance)
    yield progress.rank("appearance", question, llrs, probabilities(question, llrs))

    progress.resume()
    shown = int(np.clip(bounded.query.top, LOOKED_AT, MOST_LOOKED_AT))
    gallery = question.gallery
    plates = GalleryPlates(
        archive, question.target, gallery.ids, scope.windows, options.plate_memory, gallery.appearance
    )
    question = replace(question, fitting=plates.fitting)
    llrs = _with_plates(question, llrs, plates, shown)
    yield progress.rank("plate", question, llrs, probabilities(question, llrs))

    progress.resume()
    arrival = travel_llrs(question, fit_from_start(question))
    llrs = replace(llrs, travel=arrival, direction=direction_llrs(question), way_back=way_back_llrs(question))
    llrs = _with_plates(question, llrs, plates, shown)
    yield progress.rank("travel", question, llrs, probabilities(question, llrs))

    progress.resume()
    llrs = from_anchors(question, llrs)
    llrs = replace(llrs, links=link_llrs(archive, question, llrs, most=options.story_candidates))
    llrs = _with_plates(question, llrs, plates, shown)
    yield progress.rank("fusion", question, llrs, probabilities(question, llrs))

    progress.resume()
    while True:
        stories = tell_story(question, llrs, most=options.story_candidates)
        joint = _joint(question, llrs, stories, options)
        if not plates.look_closer(likeliest(joint, shown)):
            break
        llrs = replace(llrs, plate=plates.llrs)
    yield progress.end("itinerary", question, llrs, joint, ending_of(bounded, question, stories))


def _joint(question: Question, llrs: Llrs, stories: GalleryStories, options: SearchOptions) -> Floats:
    """Return the probability of each sighting by all stories; one too unlikely for a story keeps its own."""
    alone = probabilities(question, llrs)
    left_alone = np.isnan(stories.probability) if "story" not in options.without else np.ones(len(alone), dtype=bool)
    return np.where(left_alone, alone, stories.probability)


def _with_plates(question: Question, llrs: Llrs, plates: GalleryPlates, shown: int) -> Llrs:
    """Return the llrs with those of the plates, after each of the first `shown` was looked at closely."""
    while True:
        llrs = replace(llrs, plate=plates.llrs)
        if not plates.look_closer(likeliest(probabilities(question, llrs), shown)):
            return llrs
