"""Weigh the type and the colour that an investigator states against what the shots of each sighting show."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from index.search.fusion import Llrs, probabilities
from index.search.gallery import Gallery
from index.search.question import Question
from index.store.archive import Archive
from index.store.catalogue import sightings
from reid.arrays import Floats
from reid.vehicle import Attributes

LEAST_TRUST = 0.03
"""The share that a type or colour keeps which the classifier excluded: it is wrong this often with confidence."""

LEAST_USUAL = 0.1
"""One vehicle in ten is taken to fit a description, however few of a gallery do: alone it makes nobody certain."""

UNKNOWN = Attributes({}, {})


def with_stated(archive: Archive, question: Question) -> Floats:
    """Return the llr of appearance, joined with that of the type and colour that the query states.

    The weight of appearance was fitted on vectors; a description never counts more than once.
    """
    target, gallery = question.target, question.gallery
    stated = stated_beside_looks(archive, question, type_=target.type, colour=target.colour)
    return add(gallery.appearance, stated / max(question.calibration.weights.appearance, 1.0))


def stated_beside_looks(archive: Archive, question: Question, *, type_: str | None, colour: str | None) -> Floats:
    """Return the llr of a stated type and colour for each sighting of the gallery, (n,).

    A picture says most of what the words do: beside one, words tell apart only those that look like the target.
    """
    gallery = question.gallery
    attributes = attributes_of(archive, gallery)
    if question.target.vectors is None:
        return stated_llrs(attributes, type_=type_, colour=colour)
    by_looks = probabilities(question, replace(Llrs.missing(len(gallery)), appearance=gallery.appearance))
    return stated_llrs(attributes, type_=type_, colour=colour, counts=by_looks)


def attributes_of(archive: Archive, gallery: Gallery) -> list[Attributes]:
    """Return the attributes of each sighting of a gallery."""
    with archive.catalogue.reading() as connection:
        known = sightings.attributes_of(connection, gallery.ids)
    return [known.get(id_, UNKNOWN) for id_ in gallery.ids]


def stated_llrs(
    attributes: Sequence[Attributes], *, type_: str | None, colour: str | None, counts: Floats | None = None
) -> Floats:
    """Return the llr of the stated type and colour together, (n,); NaN where a sighting tells neither.

    Most yellow vehicles may be buses, so what is usual is counted of both together, among all that tell as much; each
    sighting counts as one, or as much as `counts` says.
    """
    fits = [_fitting(one, type_, colour) for one in attributes]
    llrs = np.full(len(attributes), np.nan)
    for told in {told for told, _ in fits if told}:
        rows = [row for row, (of_row, _) in enumerate(fits) if of_row == told]
        probability = np.array([fits[row][1] for row in rows])
        usual = np.average(probability, weights=None if counts is None else counts[rows])
        llrs[rows] = np.log(probability / max(float(usual), LEAST_USUAL))
    return llrs


def _fitting(one: Attributes, type_: str | None, colour: str | None) -> tuple[tuple[str, ...], float]:
    """Return which of the stated things a sighting tells, and the probability that they all fit."""
    stated = {"type": (type_, one.types), "colour": (colour, one.colours)}
    told = {kind: found.get(name, 0.0) for kind, (name, found) in stated.items() if name is not None and found}
    return tuple(told), math.prod(max(share, LEAST_TRUST) for share in told.values())


def add(first: Floats, second: Floats) -> Floats:
    """Return the sum of two kinds of evidence; NaN only where both are missing."""
    both_missing = np.isnan(first) & np.isnan(second)
    return np.where(both_missing, np.nan, np.nan_to_num(first) + np.nan_to_num(second))
