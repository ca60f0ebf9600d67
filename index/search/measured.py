"""Measure the evidence of every sighting of a question as numbers, to fit a calibration on."""

from dataclasses import dataclass

import numpy as np

from index.answers import Query
from index.search.fusion import NEVER, Llrs, odds
from index.search.gallery import look_inside, of_camera
from index.search.links import reached_over_links
from index.search.plate import LOOKED_AT, GalleryPlates
from index.search.progress import likeliest
from index.search.question import BoundedQuestion, Question, SearchOptions, bound, with_gallery
from index.search.stays import log_meanwhile_of_start
from index.search.travel import (
    TRAVEL_LIMIT,
    direction_llrs,
    drive_llr,
    fit_from_start,
    travel_llrs,
    way_back_llrs,
    way_llrs,
)
from index.store.archive import Archive
from index.store.catalogue.people import Person
from reid.arrays import Flags, Floats


@dataclass(frozen=True, slots=True)
class Measured:
    """What a search measured of the gallery of one question; arrays are (n,), NaN where missing.

    `drive` is the llr of driving straight there, which becomes that of travel once it is known how usual that is;
    `possible` is the log probability that the time sufficed; both are lower where a stay in the picture speaks against
    it. `one_camera` tells what the target's own camera pictured. `alone` are the log odds of each by itself, `reached`
    is how far it is reached over links, both by the calibration of the search.
    """

    ids: tuple[str, ...]
    model_id: str | None
    similarity: Floats
    plate: Floats
    drive: Floats
    possible: Floats
    direction: Floats
    way_back: Floats
    gallery_size: Floats
    window_s: Floats
    one_camera: Flags
    alone: Floats
    reached: Floats


def measure(archive: Archive, query: Query, person: Person, options: SearchOptions | None = None) -> Measured:
    """Return the evidence of every sighting in the gallery of a question."""
    bounded = bound(archive, query, person, options or SearchOptions())
    inside = look_inside(archive, bounded.scope, shortlist=bounded.options.shortlist)
    question = with_gallery(bounded, inside)
    fit, window_s = fit_from_start(question), question.window_s
    meanwhile = log_meanwhile_of_start(question)
    plate, direction, way_back = _plate_llrs(bounded, question), direction_llrs(question), way_back_llrs(question)
    looks, missing = question.gallery.appearance, np.full(len(question.gallery), np.nan)
    llrs = Llrs(looks, plate, travel_llrs(question, fit), direction, way_back, missing)
    most = bounded.options.story_candidates
    return Measured(
        ids=tuple(question.gallery.ids),
        model_id=question.target.model_id,
        similarity=question.gallery.similarity,
        plate=plate,
        drive=np.minimum(drive_llr(fit.log_density, window_s) + way_llrs(question), TRAVEL_LIMIT) + meanwhile,
        possible=fit.log_possible + meanwhile,
        direction=direction,
        way_back=way_back,
        gallery_size=question.gallery_size,
        window_s=window_s,
        one_camera=of_camera(question.gallery.sightings, question.target.pictured_by),
        alone=odds(question, llrs),
        reached=reached_over_links(archive, question, llrs, most=most),
    )


def _plate_llrs(bounded: BoundedQuestion, question: Question) -> Floats:
    """Return the llrs of the plates, the likeliest of them looked at closely."""
    gallery = question.gallery
    plates = GalleryPlates(
        bounded.archive, question.target, gallery.ids, bounded.scope.windows, None, gallery.appearance
    )
    plates.look_closer(likeliest(np.nan_to_num(plates.llrs, nan=NEVER) + np.nan_to_num(gallery.appearance), LOOKED_AT))
    return plates.llrs
