"""List the sightings that fit a description: what nobody can compare gets no probability."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from index.records import Sighting, SightingBrief
from index.search.gallery import Inside
from index.search.question import BoundedQuestion
from index.store.catalogue import sightings
from index.store.catalogue.sightings import SightingFilter
from index.store.catalogue.unknown_sightings import count_unknown

MOST_COUNTED = 20_000
"""Of more sightings than these those of which nothing is known are not counted: it takes as long as reading them."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The first sightings that fit, in the order of time, with their true times; how many fit, on how many cameras.

    Of `unknown` others the plate, type or colour asked for is not known; None where they are too many to count.
    So many more that fit are `ruled_out` by the case.
    """

    sightings: tuple[Sighting, ...]
    times: tuple[datetime, ...]
    fitting: int
    cameras: int
    unknown: int | None
    ruled_out: int = 0


def list_fitting(bounded: BoundedQuestion, inside: Inside) -> Listed:
    """Return what fits the type, the colour and the plate of a question inside its windows."""
    by_look = inside.found is not None and bounded.target.pattern is None
    found, by_camera = _of_those_read(bounded, inside.found or ()) if by_look else _of_the_catalogue(bounded)
    times = tuple(bounded.scope.true_times([(one.camera, one.best) for one in found]))
    fitting = sum(by_camera.values())
    return Listed(found, times, fitting, len(by_camera), _unknown(bounded, inside), _ruled_out(bounded, fitting))


def _ruled_out(bounded: BoundedQuestion, fitting: int) -> int:
    """Return how many more would fit if the case had ruled out none."""
    if not bounded.marks.no:
        return 0
    with bounded.archive.catalogue.reading() as connection:
        by_camera = sightings.tally(connection, replace(_described(bounded), without=frozenset()), "camera")
    return sum(by_camera.values()) - fitting


def _unknown(bounded: BoundedQuestion, inside: Inside) -> int | None:
    """Return of how many sightings inside nobody knows whether they fit: not read, or as likely as not."""
    target = bounded.target
    if inside.size > MOST_COUNTED:
        return None
    with bounded.archive.catalogue.reading() as connection:
        return count_unknown(
            connection,
            bounded.scope.windows,
            without=bounded.marks.no,
            type_=target.type,
            colour=target.colour,
            plate=target.pattern is not None,
        )


def _of_those_read(
    bounded: BoundedQuestion, inside: Sequence[SightingBrief]
) -> tuple[tuple[Sighting, ...], Mapping[str, int]]:
    """Return the first that fit of the sightings already read, and how many fit on each camera."""
    target, ruled_out = bounded.target, bounded.marks.no
    fitting = [
        one
        for one in inside
        if target.type in (None, one.type) and target.colour in (None, one.colour) and one.id not in ruled_out
    ]
    first = sorted(fitting, key=attrgetter("best", "id"))[: bounded.query.top]
    with bounded.archive.catalogue.reading() as connection:
        found = sightings.by_ids(connection, [one.id for one in first])
    return tuple(found), Counter(one.camera for one in fitting)


def _of_the_catalogue(bounded: BoundedQuestion) -> tuple[tuple[Sighting, ...], Mapping[str, int]]:
    """Return the first that fit of too many to read, or of those with a plate, and how many fit on each camera."""
    described = _described(bounded)
    with bounded.archive.catalogue.reading() as connection:
        by_camera = sightings.tally(connection, described, "camera")
        return tuple(sightings.listing(connection, described)), by_camera


def _described(bounded: BoundedQuestion) -> SightingFilter:
    return SightingFilter(
        type=bounded.target.type,
        colour=bounded.target.colour,
        plate=bounded.target.pattern,
        without=bounded.marks.no,
        windows=bounded.scope.windows,
        limit=bounded.query.top,
    )
