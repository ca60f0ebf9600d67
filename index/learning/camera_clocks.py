"""Estimate how far the clocks of cameras are off, from vehicles that passed two of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from index.learning.pairs import CLOCK_DOUBT_S, KnownPair
from roadgraph.camera_times import CameraTimes
from roadgraph.clocks import ALL_DAY, ClockOptions, OffsetEstimate, PairOffset, camera_offsets, pair_offset
from roadgraph.travel_time import PairScale

LONGEST_S = 900.0
FARTHEST_APART_S = 300.0
"""Cameras that are usually farther apart tell little of each other's clocks."""
LEAST_PASSAGES, MOST_PASSAGES = 8, 60
"""Fewer tell nothing; of more, the newest are taken: clocks drift."""
WIDEST_S = 12.0
"""Wider intervals, as of traffic one way only, tell of the traffic and not of the clocks: in sum they would mislead."""
LEAST_CLOCKS = 3
"""Of two clocks that disagree nobody knows which is off; of more, the middle one is taken to be right."""
OPTIONS = ClockOptions(farthest_s=CLOCK_DOUBT_S, window_s=LONGEST_S + CLOCK_DOUBT_S, asymmetry=ALL_DAY)


def estimate_clocks(
    pairs: Sequence[KnownPair], times: CameraTimes, *, right: Collection[str]
) -> Mapping[str, OffsetEstimate]:
    """Return how far clocks are ahead of true time, of cameras that passages join to each other.

    The clocks of `right` are known and put right already; where they join no others, most clocks are taken to be right.
    """
    told = _between_cameras(pairs, times)
    waiting = sorted({camera for pair in told for camera in (pair.first, pair.second)})
    found: dict[str, OffsetEstimate] = {}
    while waiting:
        joined = camera_offsets(told, waiting[0])
        group = sorted({waiting[0], *joined})
        waiting = [camera for camera in waiting if camera not in group]
        known = [camera for camera in group if camera in right]
        if known or len(group) >= LEAST_CLOCKS:
            reference = known[0] if known else _middle(joined, group)
            found |= camera_offsets(told, reference)
    return {camera: offset for camera, offset in found.items() if camera not in right}


def _middle(joined: Mapping[str, OffsetEstimate], group: Sequence[str]) -> str:
    """Return the camera whose clock shows the median."""
    ahead_s = {camera: joined[camera].offset_s if camera in joined else 0.0 for camera in group}
    middle_s = float(np.median(list(ahead_s.values())))
    return min(group, key=lambda camera: (abs(ahead_s[camera] - middle_s), camera))


def _between_cameras(pairs: Sequence[KnownPair], times: CameraTimes) -> list[PairOffset]:
    elapsed_s: dict[tuple[str, str], list[float]] = defaultdict(list)
    for pair in sorted(pairs, key=lambda one: one.at, reverse=True):
        if pair.elapsed_s <= LONGEST_S:
            elapsed_s[pair.first, pair.second].append(pair.elapsed_s)
    found = []
    for first, second in sorted({(min(way), max(way)) for way in elapsed_s}):
        there_s, back_s = (elapsed_s[way][:MOST_PASSAGES] for way in ((first, second), (second, first)))
        there, back = times.between(first, second), times.between(second, first)
        near = there.usual_s <= FARTHEST_APART_S and back.usual_s <= FARTHEST_APART_S
        if near and len(there_s) + len(back_s) >= LEAST_PASSAGES:
            scales = PairScale.of(there.free_s, there.usual_s), PairScale.of(back.free_s, back.usual_s)
            offset = pair_offset(np.array(there_s), np.array(back_s), *scales, OPTIONS)
            found.append(PairOffset(first, second, offset))
    return [pair for pair in found if _tells(pair.estimate)]


def _tells(offset: OffsetEstimate) -> bool:
    """Tell whether an offset is known well, and does not lie at the end of what was looked at."""
    width_s = offset.high_s - offset.low_s
    return width_s <= WIDEST_S and abs(offset.offset_s) + width_s < OPTIONS.farthest_s
