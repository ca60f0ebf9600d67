"""Choose segments by the numbers of batches that they cover."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from index.store.vectors.segments import Segment, Span


def covered(chosen: Iterable[Segment]) -> list[Span]:
    """Return all numbers that segments cover, sorted."""
    return sorted(chain.from_iterable(segment.covers for segment in chosen))


def last_covered(segment: Segment) -> int:
    """Return the newest number that a segment covers, 0 if it covers none."""
    return segment.covers[-1][1] - 1 if segment.covers else 0


def largest_apart(found: Mapping[str, Segment]) -> dict[str, Segment]:
    """Return segments that share no batch, large ones first, by name."""
    chosen: dict[str, Segment] = {}
    taken: list[Span] = []
    for name, segment in sorted(found.items(), key=lambda item: (-_width(item[1]), -item[1].removals, item[0])):
        if not any(_touches(taken, span) for span in segment.covers):
            chosen[name] = segment
            for span in segment.covers:
                insort(taken, span)
    return chosen


def _width(segment: Segment) -> int:
    return sum(end - start for start, end in segment.covers)


def _touches(taken: Sequence[Span], span: Span) -> bool:
    """Return whether a span overlaps one of sorted spans that do not overlap."""
    at = bisect_left(taken, (span[1], 0))
    return at > 0 and taken[at - 1][1] > span[0]
