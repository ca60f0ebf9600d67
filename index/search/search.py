"""Search progressively: each step yields a better ranking, from what can be reached to the whole story."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from index.answers import Query, Ranking
from index.search.fusion import Llrs, near_to_distant, probabilities
from index.search.gallery import look_inside
from index.search.plate import compare_plates
from index.search.progress import Progress
from index.search.question import BoundedQuestion, SearchOptions, bound, with_gallery
from index.search.scope import searched
from index.search.stated import with_stated
from index.search.story import ending_of, tell_story
from index.search.travel import direction_llrs, fit_from_start, travel_llrs
from index.store.archive import Archive
from index.store.catalogue.people import Person

STAGES = ("hypothesis", "appearance", "plate", "travel", "fusion", "itinerary")


def search(archive: Archive, query: Query, person: Person, options: SearchOptions | None = None) -> Iterator[Ranking]:
    """Answer a query step by step; it is refused or written into the audit before the first step."""
    return _steps(bound(archive, query, person, options or SearchOptions()))


def _steps(bounded: BoundedQuestion) -> Iterator[Ranking]:
    """Yield a ranking after each step; between two steps the clock stands still."""
    archive, scope, options = bounded.archive, bounded.scope, bounded.options

    inside = look_inside(archive, scope, shortlist=options.shortlist)
    progress = Progress(bounded, searched(archive, scope, bounded.target, inside.size))
    yield progress.bounded()

    progress.resume()
    question = with_gallery(bounded, inside)
    appearance = with_stated(archive, question) if question.target.is_described else question.gallery.appearance
    llrs = replace(Llrs.missing(len(question.gallery)), appearance=appearance)
    yield progress.rank("appearance", question, llrs, probabilities(question, llrs))

    progress.resume()
    llrs = replace(llrs, plate=compare_plates(archive, question, scope.windows))
    yield progress.rank("plate", question, llrs, probabilities(question, llrs))

    progress.resume()
    arrival = travel_llrs(question, fit_from_start(question))
    llrs = replace(llrs, travel=arrival, direction=direction_llrs(question))
    yield progress.rank("travel", question, llrs, probabilities(question, llrs))

    progress.resume()
    llrs = near_to_distant(question, llrs, least_probability=options.anchor_probability, most=options.anchors)
    alone = probabilities(question, llrs)
    yield progress.rank("fusion", question, llrs, alone)

    progress.resume()
    stories = tell_story(question, llrs, most=options.story_candidates)
    # A sighting that was too unlikely for the story keeps its own probability.
    joint = np.where(np.isnan(stories.probability), alone, stories.probability)
    yield progress.end("itinerary", question, llrs, joint, ending_of(bounded, question, stories))
