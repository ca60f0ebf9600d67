"""Weigh the type and the colour that an investigator states against what the shots of each sighting show."""

import math
from collections.abc import Sequence

import numpy as np

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
    with archive.catalogue.reading() as connection:
        known = sightings.attributes_of(connection, gallery.ids)
    attributes = [known.get(id_, UNKNOWN) for id_ in gallery.ids]
    stated = stated_llrs(attributes, type_=target.type, colour=target.colour)
    return add(gallery.appearance, stated / max(question.calibration.weights.appearance, 1.0))


def stated_llrs(attributes: Sequence[Attributes], *, type_: str | None, colour: str | None) -> Floats:
    """Return the llr of the stated type and colour together, (n,); NaN where a sighting tells neither.

    Most yellow vehicles may be buses, so what is usual is counted of both together, among all that tell as much.
    """
    fits = [_fitting(one, type_, colour) for one in attributes]
    llrs = np.full(len(attributes), np.nan)
    for told in {told for told, _ in fits if told}:
        rows = [row for row, (of_row, _) in enumerate(fits) if of_row == told]
        probability = np.array([fits[row][1] for row in rows])
        llrs[rows] = np.log(probability / max(float(probability.mean()), LEAST_USUAL))
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
