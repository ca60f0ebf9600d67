"""Draw pairs of plates that no training sees, to find out what scores and readings are worth."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.evaluation.plate_pairs import TWIN_SHARE
from reid.plates.rectify import Quad
from reid.training.plates.pictures import draw_view, located
from reid.training.plates.twins import draw_twins
from reid.vehicle import Image

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

_TWIN_EACH = 3
"""One group in so many holds twins of one character, the others plates of one layout whose texts differ throughout."""


@dataclass(frozen=True, slots=True)
class UnseenPairs:
    """Views with corners as a locator would give them, and which of them make pairs: first[k] with second[k].

    `weights` are what pairs weigh: same and different alike, twins among the different ones as seldom as they are.
    """

    shown: tuple[tuple[Image, Quad], ...]
    first: Rows
    second: Rows
    same: Flags
    twins: Flags
    weights: Floats


def draw_unseen(groups: int, *, seed: int) -> UnseenPairs:
    """Return pairs of one plate, of two of one layout, of twins and of strangers: two views of two plates a group."""
    rng = np.random.default_rng([seed, 72])
    changes = np.where(np.arange(groups) % _TWIN_EACH == 0, 1, 12)
    shown = tuple(one for count in changes.tolist() for one in _group(count, rng))
    a1, a2, b1, b2 = np.arange(4 * groups).reshape(groups, 4).T
    first = np.concatenate([a1, b1, a1, a2, a1, b1])
    second = np.concatenate([a2, b2, b1, b2, np.roll(b2, 1), np.roll(a2, 1)])
    same = np.arange(len(first)) < 2 * groups
    twins = np.concatenate([np.zeros(2 * groups), np.tile(changes == 1, 2), np.zeros(2 * groups)]).astype(bool)
    return UnseenPairs(shown, first, second, same, twins, _weights(same, twins))


def _group(changes: int, rng: np.random.Generator) -> list[tuple[Image, Quad]]:
    views = [draw_view(drawn, rng) for drawn in draw_twins(rng, changes=changes).pictures for _ in range(2)]
    return [(seen.image, located(seen, rng)) for seen in views]


def _weights(same: Flags, twins: Flags) -> Floats:
    weights = np.where(same, 0.5 / same.sum(), 0.0)
    weights[twins] = 0.5 * TWIN_SHARE / twins.sum()
    others = ~same & ~twins
    weights[others] = 0.5 * (1 - TWIN_SHARE) / others.sum()
    return weights
