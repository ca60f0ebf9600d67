"""Find the best joint story of one vehicle: it is in one place at a time, and cameras may have missed it.

Sightings in order of time are the nodes of a graph; a path through it is a story: the sightings that are claimed,
all others belonging to other vehicles. The weight of a story is the product of the odds of its sightings and of the
travel between each and the next. The forward-backward algorithm sums over all stories at once, so that each
sighting gets the probability that the true story passes it; Viterbi's finds the best one (Rabiner 1989, eqs. 19-35).
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

IMPOSSIBLE = -np.inf
SURELY_NOT = -500.0
"""The least log odds a claim is given: finite, so that a story which must make the claim still has a weight."""


@dataclass(frozen=True, slots=True)
class Story:
    """The rows a story claims, in order of time, and how probable it is among all stories."""

    rows: tuple[int, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Stories:
    """All stories at once: the probability of each row, the best story and what else may have been."""

    marginals: Floats
    best: Story
    alternatives: tuple[Story, ...]


@dataclass(frozen=True, slots=True)
class _Lattice:
    """The graph of all stories in logarithms: odds of rows, moves between them, where a story may start and end."""

    gains: Floats
    moves: Floats
    starts: Floats
    ends: Floats
    origin: int | None

    def without(self, row: int) -> "_Lattice":
        """Return the stories that do not claim a row."""
        gains = self.gains.copy()
        gains[row] = IMPOSSIBLE
        return replace(self, gains=gains)


def tell(gains: Floats, travel: Floats, *, origin: int | None = None, alternatives: int = 3) -> Stories:
    """Weigh all stories of n sightings that are sorted by time.

    `gains` (n,) are log odds of each sighting without travel; `travel` (n, n) is the log-likelihood ratio of driving
    from row to column, -inf where impossible; only the upper triangle counts. Every story passes `origin`,
    the sighting asked about, whose gain is taken as certain; without one a story may also be empty.
    """
    lattice = _lattice(gains, travel, origin)
    forward, backward = _forward(lattice), _backward(lattice)
    every = _sum(forward + lattice.ends)
    total = every if origin is not None else float(np.logaddexp(0.0, every))
    marginals = np.exp(np.minimum(forward + backward - lattice.gains - total, 0.0))
    best = _heaviest(lattice, total)
    return Stories(marginals, best, _others(lattice, total, best, alternatives))


def _lattice(gains: Floats, travel: Floats, origin: int | None) -> _Lattice:
    count = len(gains)
    certain = np.maximum(gains, SURELY_NOT)
    moves = np.where(np.triu(np.ones((count, count), dtype=bool), k=1), travel, IMPOSSIBLE)
    starts, ends = np.zeros(count), np.zeros(count)
    if origin is None:
        return _Lattice(certain, moves, starts, ends, None)
    certain[origin] = 0.0
    moves[:origin, origin + 1 :] = IMPOSSIBLE
    starts[origin + 1 :] = IMPOSSIBLE
    ends[:origin] = IMPOSSIBLE
    return _Lattice(certain, moves, starts, ends, origin)


def _forward(lattice: _Lattice) -> Floats:
    """Return the log weight of all story beginnings that end at each row."""
    weight = np.full(len(lattice.gains), IMPOSSIBLE)
    for row, gain in enumerate(lattice.gains):
        arriving = _sum(weight[:row] + lattice.moves[:row, row])
        weight[row] = gain + np.logaddexp(lattice.starts[row], arriving)
    return weight


def _backward(lattice: _Lattice) -> Floats:
    """Return the log weight of all story ends that begin at each row."""
    weight = np.full(len(lattice.gains), IMPOSSIBLE)
    for row in reversed(range(len(weight))):
        leaving = _sum(weight[row + 1 :] + lattice.moves[row, row + 1 :])
        weight[row] = lattice.gains[row] + np.logaddexp(lattice.ends[row], leaving)
    return weight


def _heaviest(lattice: _Lattice, total: float) -> Story:
    """Return the single heaviest story; of two alike, the one with the earlier rows."""
    count = len(lattice.gains)
    weight, came_from = np.full(count, IMPOSSIBLE), np.full(count, -1)
    for row in range(count):
        arriving = weight[:row] + lattice.moves[:row, row]
        weight[row] = lattice.starts[row]
        if row and arriving.max() > weight[row]:
            came_from[row] = int(np.argmax(arriving))
            weight[row] = arriving[came_from[row]]
        weight[row] += lattice.gains[row]
    complete = weight + lattice.ends
    if count == 0 or (lattice.origin is None and complete.max() <= 0.0):
        return Story((), float(np.exp(-total)))
    rows = [int(np.argmax(complete))]
    while came_from[rows[-1]] >= 0:
        rows.append(int(came_from[rows[-1]]))
    return Story(tuple(reversed(rows)), float(np.exp(min(complete.max() - total, 0.0))))


def _others(lattice: _Lattice, total: float, best: Story, wanted: int) -> tuple[Story, ...]:
    """Return the best stories that leave out one claim of the best, the most probable first."""
    claims = [row for row in best.rows if row != lattice.origin]
    found = {_heaviest(lattice.without(row), total) for row in claims}
    return tuple(sorted(found, key=lambda story: (-story.probability, story.rows))[:wanted])


def _sum(log_weights: Floats) -> float:
    if not log_weights.size:
        return IMPOSSIBLE
    top = float(log_weights.max())
    return top if np.isinf(top) else top + float(np.log(np.exp(log_weights - top).sum()))
