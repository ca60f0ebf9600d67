"""Name the few texts that a reading most probably stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MOST = 4
LEAST_SHARE = 0.1
"""A text this much less probable than the best is not worth remembering."""


@dataclass(frozen=True, slots=True)
class LikelyText:
    """A text, and how probable it is next to the best one, which has 1."""

    text: str
    share: float


def likely_texts(
    characters: Sequence[Mapping[str, float]], *, most: int = MOST, least_share: float = LEAST_SHARE
) -> list[LikelyText]:
    """Return the most probable texts, best first; of equal ones the first by the alphabet."""
    texts = [LikelyText("", 1.0)]
    for position in characters:
        best = max(position.values(), default=0.0)
        if best <= 0:
            continue
        longer = [
            LikelyText(known.text + character, known.share * probability / best)
            for known in texts
            for character, probability in position.items()
        ]
        # The best beginnings hold the beginnings of the best: places are read each by itself.
        longer.sort(key=lambda likely: (-likely.share, likely.text))
        texts = [likely for likely in longer[:most] if likely.share >= least_share]
    return texts if texts[0].text else []
