"""Fuse the llr of two plates' texts with that of their appearance; the same rule for pairs of crops and the search."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from reid.arrays import Floats
from reid.errors import SeeingError

LEARNED = Path(__file__).with_name("fusion.json")


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """The weight of each llr, where the texts say nothing and where they are sure; linear in between.

    From an absolute text llr of `sure` on, both were read well. Text and appearance (`looks`) come from the same
    pixels, so their llrs must not simply be added.
    """

    sure: float
    text_unsure: float
    looks_unsure: float
    text_sure: float
    looks_sure: float

    def terms(self, text: Floats) -> tuple[Floats, Floats]:
        """Return the weights of text and appearance for these llrs of texts."""
        share = np.clip(np.abs(text) / self.sure, 0.0, 1.0)
        return (
            self.text_unsure + share * (self.text_sure - self.text_unsure),
            self.looks_unsure + share * (self.looks_sure - self.looks_unsure),
        )


def fused_llr(text: Floats, siamese: Floats, weights: FusionWeights | None = None) -> Floats:
    """Return the llr of each pair, (n,), from those of text and appearance; NaN is missing.

    If one is missing the other stands alone; if both are, the result is NaN.
    """
    of_text, of_looks = (weights or learned_weights()).terms(text)
    joined = of_text * text + of_looks * siamese
    return np.where(np.isnan(text), siamese, np.where(np.isnan(siamese), text, joined))


@cache
def learned_weights() -> FusionWeights:
    """Return the weights that were fitted for the packaged reader and verifier."""
    return read_weights(LEARNED)


def read_weights(path: Path) -> FusionWeights:
    """Read weights that `write_weights` wrote."""
    try:
        return FusionWeights(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise SeeingError(f"{path} holds no weights ({error}): write it with `retrace train fusion`") from None


def write_weights(weights: FusionWeights, path: Path) -> None:
    """Write weights so that a person can read them."""
    path.write_text(json.dumps(asdict(weights), indent=2) + "\n", encoding="utf-8")
