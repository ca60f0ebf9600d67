"""Read drawn plates with the installed reader, and ask for each: what the rules cost that doubt a misreading.

`python -m benchmarks.misread_drawn --plates 60 --seed 31000` draws plates and twins that differ in one character, five
views each, at three heights. Each text that was read is weighed against the plate that was drawn, as `search --plate`
does it, with the rules of `misread_plates` and without; and against its twin, which is not there.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from benchmarks.claim import machine
from benchmarks.misread_plates import RULES, constants_of_rules
from index.search.calibration import packaged_calibration
from index.search.fusion import prior_log_odds, to_probability
from reid.arrays import Floats
from reid.evaluation.plate_pairs import draw_pairs, true_corners
from reid.plates.pattern import exactly
from reid.plates.pattern_likelihood import pattern_llrs
from reid.plates.read import spell
from reid.plates.spelling import as_plate, plain
from reid.vehicle import Plate

LEVELS = ((24, 1), (16, 1), (12, 1))
"""Height in pixels and severity."""

GALLERY, WINDOW_S = 450.0, 1800.0
"""The sightings of one side, and their time: what the probability is given for."""

VIEWS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a plate, the text that was drawn, and that of its twin."""

    plate: Plate
    text: str
    twin: str

    @property
    def mistake(self) -> str:
        """Return how the reading differs from the plate."""
        read = self.plate.text or ""
        if len(read) != len(self.text):
            return "shorter" if len(read) < len(self.text) else "longer"
        differing = sum(a != b for a, b in zip(read, self.text, strict=True))
        in_order = SequenceMatcher(None, read, self.text, autojunk=False).get_matching_blocks()
        if sum(block.size for block in in_order) > len(read) - differing:
            return "in another place"
        return {0: "none", 1: "one differs"}.get(differing, "several differ")


def readings(plates: int, seed: int) -> Iterator[Reading]:
    """Yield every reading of every view that can be read."""
    for level in LEVELS:
        pairs = draw_pairs(plates, *level, seed=seed)
        for number, (seen, text) in enumerate(zip(pairs.views, pairs.texts, strict=True)):
            corners = true_corners(seen)
            plate = as_plate(corners, spell(seen.image, [corners])[0])
            twin = pairs.texts[(number // VIEWS ^ 1) * VIEWS]
            if plate.text:
                yield Reading(plate, plain(text), plain(twin))


def probabilities(asked: Sequence[tuple[str, Plate]]) -> Floats:
    """Return the probability of each plate, had nothing else been compared."""
    calibration = packaged_calibration()
    llrs = np.array([float(pattern_llrs(exactly(text), [plate])[0]) for text, plate in asked])
    prior = prior_log_odds(calibration.passages(np.array([WINDOW_S])), np.array([GALLERY]))
    return to_probability(prior + calibration.weights.plate * llrs)


def main() -> None:
    """Print a line for each kind of mistake, and one for the twins."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plates", type=int, default=60)
    parser.add_argument("--seed", type=int, default=31000)
    given = parser.parse_args()
    found = list(readings(given.plates, given.seed))
    for mistake in sorted({one.mistake for one in found}):
        own = [(one.text, one.plate) for one in found if one.mistake == mistake]
        _say(f"plate there, {mistake}", own, len(found))
    _say("its twin, which is not there", [(one.twin, one.plate) for one in found], len(found))


def _say(claim: str, asked: Sequence[tuple[str, Plate]], of: int) -> None:
    line: dict[str, object] = {"claim": claim, "n": len(asked), "of": of}
    for rules, constants in RULES.items():
        with constants_of_rules(constants):
            shown = probabilities(asked)
        line[rules] = {
            "at 0.5": round(float((shown >= 0.5).mean()), 4),
            "at 0.9": round(float((shown >= 0.9).mean()), 4),
        }
    print(json.dumps(line | {"machine": machine()}), flush=True)


if __name__ == "__main__":
    main()
