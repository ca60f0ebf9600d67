"""Estimate how far the clocks of cameras are off, from vehicles that passed two of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from index.learning.known_pairs import LARGEST_CLOCK_ERROR_S, KnownPair
from roadgraph.camera_times import CameraTimes
from roadgraph.clocks import ALL_DAY, ClockOptions, OffsetEstimate, PairOffset, camera_offsets, pair_offset
from roadgraph.travel_time import PairScale

LONGEST_S = 900.0

FARTHEST_APART_S = 300.0
"""Cameras with a longer usual travel time say little about each other's clocks."""

LEAST_PASSAGES, MOST_PASSAGES = 8, 60
"""With fewer there is no estimate; with more only the newest count, because clocks drift."""

WIDEST_S = 12.0
"""Wider intervals, as of one-way traffic, depend on the traffic more than on the clocks, and would add up to errors."""

LEAST_CLOCKS = 3
"""If two clocks disagree, either can be wrong; of three or more the median is taken to be right."""

OPTIONS = ClockOptions(farthest_s=LARGEST_CLOCK_ERROR_S, window_s=LONGEST_S + LARGEST_CLOCK_ERROR_S, asymmetry=ALL_DAY)


def estimate_clocks(
    pairs: Sequence[KnownPair], times: CameraTimes, *, known: Collection[str]
) -> Mapping[str, OffsetEstimate]:
    """Return how far the clocks of cameras that passages connect are ahead of true time.

    The clocks of `known` are corrected already and serve as the reference; in a group of cameras without such a clock,
    the median clock does.
    """
    pair_offsets = _pair_offsets(pairs, times)
    left = sorted({camera for pair in pair_offsets for camera in (pair.first, pair.second)})
    found: dict[str, OffsetEstimate] = {}
    while left:
        connected = camera_offsets(pair_offsets, left[0])
        group = sorted({left[0], *connected})
        left = [camera for camera in left if camera not in group]
        references = [camera for camera in group if camera in known]
        if references or len(group) >= LEAST_CLOCKS:
            reference = references[0] if references else _median_clock(connected, group)
            found |= camera_offsets(pair_offsets, reference)
    return {camera: offset for camera, offset in found.items() if camera not in known}


def _median_clock(offsets: Mapping[str, OffsetEstimate], group: Sequence[str]) -> str:
    """Return the camera whose clock shows the median."""
    ahead_s = {camera: offsets[camera].offset_s if camera in offsets else 0.0 for camera in group}
    median_s = float(np.median(list(ahead_s.values())))
    return min(group, key=lambda camera: (abs(ahead_s[camera] - median_s), camera))


def _pair_offsets(pairs: Sequence[KnownPair], times: CameraTimes) -> list[PairOffset]:
    """Return the offset between the clocks of each two near cameras with enough passages."""
    elapsed_s: dict[tuple[str, str], list[float]] = defaultdict(list)
    for pair in sorted(pairs, key=lambda pair: pair.at, reverse=True):
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
    return [pair for pair in found if _is_usable(pair.estimate)]


def _is_usable(offset: OffsetEstimate) -> bool:
    """Return whether the interval of an offset is narrow and lies inside the searched range."""
    width_s = offset.high_s - offset.low_s
    return width_s <= WIDEST_S and abs(offset.offset_s) + width_s < OPTIONS.farthest_s
