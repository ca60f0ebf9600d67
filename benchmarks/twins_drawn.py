"""Ask for drawn plates whose twins alone are there, compared by picture, and count who is accused.

`python -m benchmarks.twins_drawn --plates 200 --seed 41000` draws plates, and beside each three others of its layout:
one character differs, two, or nearly all. Each question has one candidate in a gallery of 450 sightings a side and no
text of a plate. It is asked without looks, with the looks of twins, and with those of the vehicle itself, as if its
fleet could not be told apart. Looks are drawn from the llrs that a search gave on a city from crops. Each is weighed as
the search does it, and as if no fleets were thought of: by the verifier's llr alone.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.claim import machine
from index.search.calibration import packaged_calibration
from index.search.fusion import prior_log_odds, to_probability
from reid.arrays import Floats
from reid.plates.twins import among_alike
from reid.plates.verify import corners_of, installed_verifier
from reid.render.number_plates.plates import PlateDesign, draw, make_plate, twin
from reid.render.number_plates.views import draw_wear, view, worn
from reid.vehicle import Corners, Image

LEVELS = ((8, 1), (8, 2), (10, 1), (10, 2), (12, 1), (12, 2), (14, 1), (16, 1), (20, 1), (24, 1))
"""Height in pixels and severity."""

NEAR_PX = 24
"""The other camera sees the plate so high."""

DIFFERING = {"the vehicle itself": 0, "one differs": 1, "two differ": 2, "all differ": 20}
GALLERY, WINDOW_S = 450.0, 1800.0
"""The sightings of one side, and their time: what the probability is given for."""

LOOKS: Mapping[str, tuple[float, ...]] = {
    "of twins": (
        -2.07, -1.17, 0.04, 0.48, 0.82, 1.24, 1.76, 2.08, 2.52, 2.67, 3.05, 3.31, 3.53, 3.71, 3.96, 4.12, 4.24, 4.32,
        4.68, 5.5, 6.6,
    ),
    "of the vehicle itself": (
        -0.11, 1.42, 1.76, 2.49, 2.69, 3.04, 3.3, 3.46, 3.62, 3.82, 4.01, 4.33, 4.56, 4.65, 4.76, 4.98, 5.16, 5.41,
        5.76, 5.97, 7.08,
    ),
}  # fmt: skip
"""The llrs of looks, 21 quantiles: 86 sightings of twins and 83 of the same vehicles that were shown, *hard* 10022."""

BIKES = 0.1
PICTURES = 4 + 2 * 3
"""Of one plate and its three others."""

TIMES = 50
"""So many looks are drawn for each pair."""


@dataclass(frozen=True, slots=True)
class ComparedPlates:
    """The llrs of pairs of one kind: against other plates, and against plates that differ in one character."""

    llrs: Floats
    against_twins: Floats


def compared(plates: int, level: tuple[float, int], seed: int) -> dict[tuple[str, str], ComparedPlates]:
    """Return the pairs of each kind, seen by cameras of the same kind and by one that is nearer."""
    verifier = installed_verifier()
    if verifier is None:
        raise SystemExit("no plate verifier is installed")
    pictures = [picture for number in range(plates) for picture in _pictures(seed + number, level)]
    looks = verifier.appearance(pictures)
    first, second, kinds = zip(*_pairs(plates), strict=True)
    llrs, twins = verifier.both_llrs(looks.take(first), looks.take(second))
    rows = {kind: [row for row, other in enumerate(kinds) if other == kind] for kind in dict.fromkeys(kinds)}
    return {kind: ComparedPlates(llrs[own], twins[own]) for kind, own in rows.items()}


def probabilities(pairs: ComparedPlates, looks: str, *, fleets: bool, seed: int) -> Floats:
    """Return the probability of each pair as often as looks are drawn for it, (TIMES, n)."""
    calibration, rng = packaged_calibration(), np.random.default_rng(seed)
    appearance = np.full((TIMES, len(pairs.llrs)), np.nan)
    if looks in LOOKS:
        quantiles = LOOKS[looks]
        appearance = np.interp(rng.random(appearance.shape), np.linspace(0, 1, len(quantiles)), quantiles)
    plate = np.broadcast_to(pairs.llrs, appearance.shape)
    if fleets:
        plate = among_alike(plate, np.broadcast_to(pairs.against_twins, appearance.shape), appearance)
    prior = prior_log_odds(calibration.passages(np.array([WINDOW_S])), np.array([GALLERY]))
    weights = calibration.weights
    return to_probability(prior + weights.plate * plate + weights.appearance * np.nan_to_num(appearance))


def main() -> None:
    """Print a line for each level and kind of pair."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plates", type=int, default=200)
    parser.add_argument("--seed", type=int, default=41000)
    given = parser.parse_args()
    for level in LEVELS:
        for (kind, camera), pairs in compared(given.plates, level, given.seed).items():
            line: dict[str, object] = {"height_px": level[0], "severity": level[1], "plate": kind, "camera": camera}
            line |= {"n": len(pairs.llrs), "llr": _spread(pairs.llrs), "against twins": _spread(pairs.against_twins)}
            for looks in ("none", *LOOKS):
                before, now = (probabilities(pairs, looks, fleets=on, seed=given.seed) for on in (False, True))
                shares = {f"at {p}": [_share(before, p), _share(now, p)] for p in (0.5, 0.9)}
                line[f"looks: {looks}; before, now"] = shares
            print(json.dumps(line | {"machine": machine()}), flush=True)


def _pictures(seed: int, level: tuple[float, int]) -> Iterator[tuple[Image, Corners]]:
    """Yield four views of a plate, the last from near, and two of each of the others."""
    rng = np.random.default_rng([seed, 61])
    own = make_plate(seed, vehicle_type="motorcycle" if rng.random() < BIKES else "car", state="clean")
    for differing in DIFFERING.values():
        drawn = worn(draw(_changed(own, differing, seed)), draw_wear(rng))
        for number in range(2 if differing else 4):
            seen = view(drawn, rng, NEAR_PX, 1) if number == 3 else view(drawn, rng, *level)
            yield seen.image, corners_of(seen.corners)


def _changed(plate: PlateDesign, differing: int, seed: int) -> PlateDesign:
    """Return a plate that differs in so many characters, or in nearly as many as it has."""
    wanted, tries = min(differing, max(3, len(plate.text) - 2)), 1000 * seed + differing
    other = plate
    while sum(a != b for a, b in zip(other.text, plate.text, strict=True)) < wanted:
        tries += 1
        other = twin(other, tries)
    return other


def _pairs(plates: int) -> Iterator[tuple[int, int, tuple[str, str]]]:
    """Yield the rows of each pair, and its kind: which plate, and which camera."""
    for start in range(0, PICTURES * plates, PICTURES):
        own, near = (start, start + 1, start + 2), start + 3
        yield from ((own[a], own[b], ("the vehicle itself", "alike")) for a, b in ((0, 1), (0, 2), (1, 2)))
        yield from ((near, one, ("the vehicle itself", "nearer")) for one in own[:2])
        for place, kind in enumerate(list(DIFFERING)[1:]):
            other = start + 4 + 2 * place
            yield from ((own[a], other + a % 2, (kind, "alike")) for a in range(3))
            yield from ((near, other + a, (kind, "nearer")) for a in range(2))


def _spread(llrs: Floats) -> list[float]:
    return [round(float(one), 2) for one in np.quantile(llrs, (0.5, 0.9, 0.99))]


def _share(probabilities: Floats, least: float) -> float:
    return round(float((probabilities >= least).mean()), 5)


if __name__ == "__main__":
    main()
