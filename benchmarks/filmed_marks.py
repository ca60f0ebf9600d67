"""Measure the marks that are told of vehicles cut out of whole frames of simulated cameras, which taught nothing.

`python -m benchmarks.filmed_marks` lets groups of four vehicles with roofs drive past two of six cameras. Probabilities
are for traffic, where marks are rarer than here.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from reid.appearance.embedders import make_embedder
from reid.appearance.marks import SURE, installed_attributes, side_px
from reid.evaluation.metrics import roc_auc
from reid.render.vehicles.bodies import Vehicle
from reid.render.vehicles.build import build
from reid.training.appearance.rendered import make_camera
from reid.training.attributes.marked_crops import can_have, marked_vehicle
from reid.vehicle import VEHICLE_TYPES, Image

SEED, CAMERAS, GROUP = 10_050, 6, 4
LEAST_HEIGHT_PX, LEAST_VISIBLE, LEAST_SIDE_PX = 22.0, 0.6, 8


@dataclass(frozen=True, slots=True)
class FilmedVehicle:
    """A vehicle cut out of a frame, what it truly has, and the side of a square of its box."""

    vehicle: Vehicle
    marks: frozenset[str]
    picture: Image
    side_px: float


def main() -> None:
    """Print AUC of each mark, and how much is true of what would be shown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=100)
    embedder, network = make_embedder("appearance", threads=1), installed_attributes()
    if network is None:
        raise SystemExit("no attributes are installed")
    told: list[tuple[FilmedVehicle, Mapping[str, float]]] = []
    for one in filmed(parser.parse_args().groups):
        looks = embedder.appearance([one.picture])
        types = {} if looks.types is None else dict(zip(VEHICLE_TYPES, looks.types[0].tolist(), strict=True))
        told.append((one, network.tell(looks.vectors, np.array([one.side_px]), types).marks))
    print(f"{len(told)} pictures\n")
    print(f"| mark | pictures | with it | AUC | {SURE} or more | of these true |\n{'|---' * 6}|")
    for mark in network.marks:
        rows = [(marks[mark.name], one) for one, marks in told if mark.name in marks]
        rows = [(said, one) for said, one in rows if can_have(mark.name, one.vehicle.model.body)]
        said = np.array([probability for probability, _ in rows])
        true = np.array([mark.name in one.marks for _, one in rows], np.bool_)
        shown = said >= SURE
        cells = len(true), true.sum(), f"{roc_auc(said, true):.3f}", shown.sum(), true[shown].sum()
        print(f"| {mark.name} | {' | '.join(map(str, cells))} |")


def filmed(groups: int) -> Iterator[FilmedVehicle]:
    """Yield the vehicles that are seen well enough."""
    cameras = [make_camera(SEED, number) for number in range(CAMERAS)]
    rng, vehicles = np.random.default_rng(SEED), _with_roofs()
    for _ in range(groups):
        group = [next(vehicles) for _ in range(GROUP)]
        for number in rng.choice(CAMERAS, 2, replace=False).tolist():
            ways = rng.permutation([1, 1, -1, -1]).tolist()
            traffic = [cameras[number].place(*pair, rng) for pair in zip(group, ways, strict=True)]
            frame = cameras[number].renderer.frame(traffic, float(rng.uniform(0, 60)))
            for found in frame.boxes:
                box = found.box
                picture = frame.image[int(box.y) : int(box.y + box.height), int(box.x) : int(box.x + box.width)]
                is_seen = found.visible >= LEAST_VISIBLE and box.height >= LEAST_HEIGHT_PX
                if found.index >= 0 and is_seen and min(picture.shape[:2]) >= LEAST_SIDE_PX:
                    vehicle = group[found.index]
                    marks = frozenset(vehicle.marks) | build(vehicle).details
                    yield FilmedVehicle(vehicle, marks, picture, float(side_px([(box.width, box.height)])[0]))


def _with_roofs() -> Iterator[Vehicle]:
    number = 0
    while True:
        vehicle = marked_vehicle(SEED, number)
        if can_have("roof rack", vehicle.model.body):
            yield vehicle
        number += 1


if __name__ == "__main__":
    main()
