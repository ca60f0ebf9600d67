"""Estimate how likely the target is among the sightings that were left out of a large gallery, as less similar."""

from dataclasses import dataclass

import numpy as np

from index.search.fusion import Llrs, odds
from index.search.question import Question
from reid.arrays import Floats

FEWEST = 4
"""Of fewer pictures than these nobody tells how fast they become less similar: those left out are as the last."""


@dataclass(frozen=True, slots=True)
class Falling:
    """The odds at a rank, by appearance alone, and how fast they fall: as the rank to the power of minus `slope`."""

    rank: float
    odds: float
    slope: float

    @classmethod
    def of(cls, log_odds: Floats) -> "Falling":
        """Return how these fall, (n,) from the likeliest, over the second quarter of the ranks.

        The second half may hold some that were fetched for their plates, with less similar ones between that were not.
        """
        middle = max(1, len(log_odds) // 2)
        quarter = max(1, middle // 2)
        fallen = float(log_odds[quarter - 1] - log_odds[middle - 1])
        slope = fallen / np.log(middle / quarter) if len(log_odds) >= FEWEST else 0.0
        return cls(middle, float(np.exp(log_odds[middle - 1])), slope)

    def sum_between(self, first: float, last: float) -> float:
        """Return the sum of the odds from one rank to another.

        Similarities of strangers fall the faster the lower the rank, so that it is rather too much than too little.
        """
        ends, left = np.log(np.array([first, last]) / self.rank), 1 - self.slope
        if abs(left) < 1e-6:
            return float(self.odds * self.rank * np.diff(ends)[0])
        return float(self.odds * self.rank * np.diff(np.exp(left * ends))[0] / left)


def none_left_out(question: Question, llrs: Llrs) -> float:
    """Return the probability that no sighting which was not fetched is the target; 1 where all were, or by no looks."""
    gallery = question.gallery
    looks = np.sort(llrs.appearance[~np.isnan(llrs.appearance)])[::-1]
    if gallery.size <= len(gallery) or not looks.size:
        return 1.0
    prior = float(np.exp(odds(question, Llrs.missing(len(gallery)))).mean())
    falling = Falling.of(np.log(prior) + question.calibration.weights.appearance * looks)
    return float(np.exp(-falling.sum_between(len(gallery), gallery.size)))
