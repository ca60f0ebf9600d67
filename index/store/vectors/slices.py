"""Say what of a segment a question is about: ranges of its sightings, and which descriptions among them."""

from dataclasses import dataclass

import numpy as np

from index.store.vectors.segments import Segment, Spans, expanded
from reid.arrays import Flags, Floats32, Ints


@dataclass(frozen=True, slots=True)
class SegmentSlice:
    """The sightings of a segment in `spans` whose description is `allowed`, a flag for each (None: every one).

    `share` is about how many of the segment's vectors lie inside.
    """

    segment: Segment
    spans: Spans
    allowed: Flags | None
    share: float

    @property
    def size(self) -> float:
        """Return about how many vectors lie inside."""
        return self.share * len(self.segment.vectors)

    def sightings(self) -> Spans:
        """Return the ranges of sightings that lie inside."""
        if self.allowed is None:
            return self.spans
        every = expanded(self.spans[:, 0], self.spans[:, 1] - self.spans[:, 0])
        return _runs(every[self.allowed[self.segment.described[every]]])

    def rows(self) -> Spans:
        """Return the ranges of rows that lie inside."""
        return self.segment.rows[self.sightings()]

    def holds(self, rows: Ints) -> Flags:
        """Return which of some rows lie inside."""
        if not len(self.spans):
            return np.zeros(len(rows), np.bool_)
        owners = np.searchsorted(self.segment.rows, rows, side="right") - 1
        span = np.searchsorted(self.spans[:, 0], owners, side="right") - 1
        inside: Flags = (span >= 0) & (owners < self.spans[span, 1])
        return inside if self.allowed is None else inside & self.allowed[self.segment.described[owners]]

    def best_of(self, products: Floats32) -> Floats32:
        """Return the greatest product of each sighting inside, from those of its rows."""
        sightings = self.sightings()
        numbers = expanded(sightings[:, 0], sightings[:, 1] - sightings[:, 0])
        shots = self.segment.rows[numbers + 1] - self.segment.rows[numbers]
        best: Floats32 = np.maximum.reduceat(products, np.cumsum(shots) - shots)
        return best


def _runs(numbers: Ints) -> Spans:
    """Return rising numbers as ranges."""
    begins = np.flatnonzero(np.diff(numbers, prepend=-2) > 1)
    ends = np.append(begins[1:], len(numbers))[: len(begins)]
    return np.stack([numbers[begins], numbers[ends - 1] + 1], axis=1)
