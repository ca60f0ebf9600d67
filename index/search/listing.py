"""List the sightings that fit a description: what nobody can compare gets no probability."""

from dataclasses import dataclass
from datetime import datetime

from index.records import Sighting
from index.search.question import BoundedQuestion
from index.store.catalogue import sightings
from index.store.catalogue.sightings import SightingFilter


@dataclass(frozen=True, slots=True)
class Listed:
    """The first sightings that fit, in the order of time, with their true times; how many fit, on how many cameras."""

    sightings: tuple[Sighting, ...]
    times: tuple[datetime, ...]
    fitting: int
    cameras: int


def list_fitting(bounded: BoundedQuestion) -> Listed:
    """Return what fits the type, the colour and the plate of a question inside its windows."""
    target, scope = bounded.target, bounded.scope
    described = SightingFilter(
        type=target.type,
        colour=target.colour,
        plate=target.pattern,
        without=bounded.marks.no,
        windows=scope.windows,
        limit=bounded.query.top,
    )
    with bounded.archive.catalogue.reading() as connection:
        by_camera = sightings.tally(connection, described, "camera")
        found = tuple(sightings.listing(connection, described))
    times = tuple(scope.true_time(one.camera, one.best) for one in found)
    return Listed(found, times, sum(by_camera.values()), len(by_camera))
