"""Measure how many vehicles an archive must know across its cameras before adapting gains.

`python -m benchmarks.adapting_vehicles --cache FOLDER` renders vehicles that pass six cameras unseen in training. Of
some vehicles all passages are joined, as by their plates. Of the others only the tracks are known; they are the
queries: each picture is ranked among those of all other cameras.
"""

import argparse
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.claim import machine
from reid.appearance.network import VehicleNet
from reid.arrays import Floats, Ints
from reid.evaluation.intervals import Figure, figure
from reid.training.appearance.datasets import Crops
from reid.training.appearance.export import load_network
from reid.training.appearance.rendered import RenderOptions, rendered_crops
from reid.training.appearance.train import rank
from reid.training.appearance.tuning import TuneOptions, TuningLabels, tune
from reid.weights import find_weights

PLACE = RenderOptions(seed=86, vehicles=600, cameras=6)
FIRST_QUERY = 400
"""Vehicles from this number on are queries; those before it can be known."""


def main() -> None:
    """Print mAP before and after for each number of known vehicles."""
    arguments = _arguments()
    crops = rendered_crops(PLACE, arguments.cache, lambda *_: None)
    unknown = crops.take(crops.vehicle >= FIRST_QUERY)
    weights = find_weights("appearance")
    before = rank(load_network(weights.path), unknown)
    groups = [str(vehicle) for vehicle in unknown.vehicle[before.rows].tolist()]
    print(f"{weights.model_id}; {len(set(groups))} vehicles asked for by {len(groups)} pictures; {machine()}")
    print(f"before: mAP {_mean(groups, before.precision)}", flush=True)
    for count in arguments.known:
        with TemporaryDirectory() as folder:
            network = tuned(
                crops.take((crops.vehicle < count) | (crops.vehicle >= FIRST_QUERY)), Path(folder), arguments
            )
        after = rank(network, unknown).precision
        print(f"{count} known: mAP {_mean(groups, after)}, gain {_mean(groups, after - before.precision)}", flush=True)


def tuned(crops: Crops, folder: Path, arguments: argparse.Namespace) -> VehicleNet:
    """Return the packaged network tuned as `retrace adapt` tunes it."""
    options = TuneOptions(arguments.steps, arguments.steps // 2, threads=arguments.threads)
    return tune(load_network(find_weights("appearance").path), known_of(crops), folder, options, lambda _: None)


def known_of(crops: Crops) -> TuningLabels:
    """Return what an archive knows: vehicles before FIRST_QUERY by their plates, the others by their tracks."""
    tracks = FIRST_QUERY + crops.vehicle * PLACE.cameras + crops.camera
    names = np.where(crops.vehicle < FIRST_QUERY, crops.vehicle, tracks)
    named, vehicle = np.unique(names, return_inverse=True)
    read = named < FIRST_QUERY
    rivals = read[:, None] & read & ~np.eye(len(named), dtype=bool)
    return TuningLabels(crops.pictures, vehicle, crops.camera, rivals)


def _mean(groups: list[str], values: Floats) -> str:
    mean: Figure = figure(groups, partial(_mean_of, values))
    return "none" if mean.value is None else f"{mean.value:+.3f} [{mean.low:+.3f}, {mean.high:+.3f}]"


def _mean_of(values: Floats, drawn: Ints) -> float:
    return float(values[drawn].mean())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="rendered pictures")
    parser.add_argument("--known", type=int, nargs="+", default=[25, 100, 400], help="vehicles joined")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    if not all(0 < count <= FIRST_QUERY for count in arguments.known):
        parser.error(f"--known takes 1 to {FIRST_QUERY} vehicles")
    return arguments


if __name__ == "__main__":
    main()
