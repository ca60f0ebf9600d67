"""Weigh the type and the colour that an investigator states against what the shots of each sighting show."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from index.search.question import Question
from index.store.archive import Archive
from index.store.catalogue import sightings
from reid.arrays import Floats
from reid.vehicle import Attributes

LEAST_TRUST = 0.03
"""The share that a type or colour keeps which the classifier excluded: it is wrong this often with confidence."""

UNKNOWN = Attributes({}, {})


def with_stated(archive: Archive, question: Question) -> Floats:
    """Return the llr of appearance, joined with that of the type and colour that the query states."""
    target, gallery = question.target, question.gallery
    with archive.catalogue.reading() as connection:
        known = sightings.attributes_of(connection, gallery.ids)
    attributes = [known.get(id_, UNKNOWN) for id_ in gallery.ids]
    return add(gallery.appearance, stated_llrs(attributes, type_=target.type, colour=target.colour))


def stated_llrs(attributes: Sequence[Attributes], *, type_: str | None, colour: str | None) -> Floats:
    """Return the llr of the stated type and colour together, one for each sighting."""
    total = np.full(len(attributes), np.nan)
    stated = [(type_, [one.types for one in attributes]), (colour, [one.colours for one in attributes])]
    for name, probabilities in stated:
        if name is None:
            continue
        base = usual_shares(probabilities)
        llrs = [stated_llr(name, one, base) for one in probabilities]
        total = add(total, np.array([np.nan if llr is None else llr for llr in llrs], dtype=np.float64))
    return total


def stated_llr(name: str, probabilities: Mapping[str, float], base: Mapping[str, float]) -> float | None:
    """Return the llr of a stated type or colour; None where the shots do not tell."""
    if not probabilities:
        return None
    probability = max(probabilities.get(name, 0.0), LEAST_TRUST)
    usual = max(base.get(name, 0.0), LEAST_TRUST)
    return math.log(probability / usual)


def usual_shares(probabilities: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean share of each type or colour among the sightings that tell one."""
    known = [one for one in probabilities if one]
    names = sorted({name for one in known for name in one})
    return {name: sum(one.get(name, 0.0) for one in known) / len(known) for name in names}


def add(first: Floats, second: Floats) -> Floats:
    """Return the sum of two kinds of evidence; NaN only where both are missing."""
    both_missing = np.isnan(first) & np.isnan(second)
    return np.where(both_missing, np.nan, np.nan_to_num(first) + np.nan_to_num(second))
