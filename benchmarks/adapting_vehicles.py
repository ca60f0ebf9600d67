"""Measure how many vehicles an archive must know across its cameras before adapting to them gains.

`python -m benchmarks.adapting_vehicles --cache FOLDER` renders vehicles past six cameras that no training saw. Of some
all passages are joined, as plates would join them; of the others nothing is known but their tracks, and they are asked
for: each picture among those of all other cameras.
"""

import argparse
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from benchmarks.claim import machine
from reid.appearance.network import AppearanceNet
from reid.evaluation.intervals import Figure, figure
from reid.training.appearance import rank
from reid.training.datasets import Crops
from reid.training.reload import network_of
from reid.training.rendered import RenderOptions, rendered_crops
from reid.training.tuning import Known, TuneOptions, tune
from reid.weights import find_weights

Numbers = npt.NDArray[np.int64]

PLACE = RenderOptions(seed=86, vehicles=600, cameras=6)
ASKED_FROM = 400
"""Vehicles from this number on are asked for, those before it can be known."""


def main() -> None:
    """Print mAP before and after for each number of known vehicles."""
    asked = _arguments()
    crops = rendered_crops(PLACE, asked.cache, lambda *_: None)
    unknown = crops.take(crops.vehicle >= ASKED_FROM)
    weights = find_weights("appearance")
    before = rank(network_of(weights.path), unknown)
    groups = [str(vehicle) for vehicle in unknown.vehicle[before.rows].tolist()]
    print(f"{weights.model_id}; {len(set(groups))} vehicles asked for by {len(groups)} pictures; {machine()}")
    print(f"before: mAP {_mean(groups, before.precision)}", flush=True)
    for count in asked.known:
        with TemporaryDirectory() as folder:
            network = tuned(crops.take((crops.vehicle < count) | (crops.vehicle >= ASKED_FROM)), Path(folder), asked)
        after = rank(network, unknown).precision
        print(f"{count} known: mAP {_mean(groups, after)}, gain {_mean(groups, after - before.precision)}", flush=True)


def tuned(crops: Crops, folder: Path, asked: argparse.Namespace) -> AppearanceNet:
    """Return the packaged network tuned as `retrace adapt` tunes it."""
    options = TuneOptions(asked.steps, asked.steps // 2, threads=asked.threads)
    return tune(network_of(find_weights("appearance").path), known_of(crops), folder, options, lambda _: None)


def known_of(crops: Crops) -> Known:
    """Return what an archive knows: vehicles before ASKED_FROM by their plates, of the others their tracks."""
    tracks = ASKED_FROM + crops.vehicle * PLACE.cameras + crops.camera
    names = np.where(crops.vehicle < ASKED_FROM, crops.vehicle, tracks)
    named, vehicle = np.unique(names, return_inverse=True)
    read = named < ASKED_FROM
    rivals = read[:, None] & read & ~np.eye(len(named), dtype=bool)
    return Known(crops.pictures, vehicle, crops.camera, rivals)


def _mean(groups: list[str], values: npt.NDArray[np.float64]) -> str:
    told: Figure = figure(groups, partial(_of, values))
    return "none" if told.value is None else f"{told.value:+.3f} [{told.low:+.3f}, {told.high:+.3f}]"


def _of(values: npt.NDArray[np.float64], drawn: Numbers) -> float:
    return float(values[drawn].mean())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="rendered pictures")
    parser.add_argument("--known", type=int, nargs="+", default=[25, 100, 400], help="vehicles joined")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    if not all(0 < count <= ASKED_FROM for count in asked.known):
        parser.error(f"--known takes 1 to {ASKED_FROM} vehicles")
    return asked


if __name__ == "__main__":
    main()
