"""Count which camera saw a vehicle next, and join the counts with what the roads expect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from roadgraph.arrays import Floats
from roadgraph.camera_times import CameraTimes
from roadgraph.graph import RoadGraph
from roadgraph.next_camera import next_shares, with_counts


@dataclass(frozen=True, slots=True)
class NextPassage:
    """A vehicle that the camera `second` saw next after `first`, on these directed roads where they are known."""

    first: str
    second: str
    first_edge: int | None = None
    second_edge: int | None = None


_Beside = tuple[str, int | None, float]
"""The other camera, the road past this one, and the vehicles."""


@dataclass(frozen=True, eq=False)
class NextCounts:
    """How many vehicles passed each two cameras one after the other, whole or faded where the roads have changed."""

    passages: Mapping[NextPassage, float] = field(default_factory=dict)

    def beside(self, times: CameraTimes, camera: str, edge: int | None, *, backwards: bool = False) -> Floats:
        """Return, in order of `times.ids`, the vehicles that each camera saw next (`backwards`: last before).

        Where the road that the vehicle took is known, only vehicles on that road count.
        """
        counts = np.zeros(len(times.ids))
        for other, taken, vehicles in self._by_start[backwards].get(camera, ()):
            if other in times.code_of and (edge is None or edge == taken):
                counts[times.code_of[other]] += vehicles
        return counts

    def between(self, start: str, other: str, *, backwards: bool = False) -> Iterator[tuple[NextPassage, float]]:
        """Yield the passages from one camera to another (`backwards`: to the start from the other)."""
        pair = (other, start) if backwards else (start, other)
        yield from self._by_pair.get(pair, ())

    @cached_property
    def _by_pair(self) -> Mapping[tuple[str, str], list[tuple[NextPassage, float]]]:
        found: dict[tuple[str, str], list[tuple[NextPassage, float]]] = {}
        for passage, vehicles in self.passages.items():
            found.setdefault((passage.first, passage.second), []).append((passage, vehicles))
        return found

    @cached_property
    def _by_start(self) -> tuple[Mapping[str, list[_Beside]], Mapping[str, list[_Beside]]]:
        """Return by camera what was counted after it, and what before."""
        after: dict[str, list[_Beside]] = {}
        before: dict[str, list[_Beside]] = {}
        for one, vehicles in self.passages.items():
            after.setdefault(one.first, []).append((one.second, one.first_edge, vehicles))
            before.setdefault(one.second, []).append((one.first, one.second_edge, vehicles))
        return after, before


NO_COUNTS = NextCounts()


def counted_shares(
    graph: RoadGraph,
    times: CameraTimes,
    counts: NextCounts,
    camera: str,
    edge: int | None = None,
    *,
    backwards: bool = False,
) -> Floats:
    """Return the probability that each camera is the next one: from the roads, after vehicles were counted."""
    expected = next_shares(graph, times, camera, edge, backwards=backwards)
    return with_counts(expected, counts.beside(times, camera, edge, backwards=backwards))
