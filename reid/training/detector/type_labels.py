"""Read what people who looked at real pictures said of the boxes there: which type each vehicle is, or that it is none.

A file has the columns `street,moment,x0,y0,x1,y1,type`: the street as it is named when real pictures are labelled, the
moment of it, a box in its pixels, and one of VEHICLE_TYPES, or `none` where the box holds no vehicle.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reid import boxes
from reid.arrays import Floats, Floats32
from reid.errors import SeeingError
from reid.vehicle import VEHICLE_TYPES
from reid.weights import file_sha256

NONE = "none"
SAME = 0.6
"""A box overlaps by so much with the one that was looked at: another network of ours draws it a little differently."""

_KINDS = (*VEHICLE_TYPES, NONE)
_NO_VEHICLE = len(VEHICLE_TYPES)


@dataclass(frozen=True, slots=True)
class TypeLabels:
    """The boxes that were looked at, (n, 5): xyxy and the place in _KINDS, by street and moment."""

    rows: Mapping[tuple[str, int], Floats]
    sha256: str

    def applied(self, street: str, found: Floats32) -> Floats32:
        """Return the boxes of a street (n, 7) with their types, without those that hold no vehicle."""
        found = found.copy()
        holds_vehicle = np.ones(len(found), bool)
        for at, row in enumerate(found):
            looked_at = self.rows.get((street, int(row[0])))
            if looked_at is None:
                continue
            overlap = boxes.iou(row[None, 1:5].astype(np.float64), looked_at[:, :4])[0]
            if overlap.max() >= SAME:
                kind = int(looked_at[overlap.argmax(), 4])
                holds_vehicle[at] = kind != _NO_VEHICLE
                found[at, 5] = kind
        return found[holds_vehicle]


def read_type_labels(path: Path) -> TypeLabels:
    """Read a file of types; SeeingError names the first row that cannot be read."""
    rows: dict[tuple[str, int], list[list[float]]] = defaultdict(list)
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            for row in reader:
                place = [float(row[side]) for side in ("x0", "y0", "x1", "y1")]
                rows[row["street"], int(row["moment"])].append([*place, _KINDS.index(row["type"])])
    except (OSError, UnicodeDecodeError) as error:
        raise SeeingError(f"{path} cannot be read: {error}") from None
    except (KeyError, TypeError, ValueError):
        kinds = ", ".join(_KINDS)
        raise SeeingError(
            f"{path}, line {reader.line_num}: street,moment,x0,y0,x1,y1,type, the type one of {kinds}"
        ) from None
    return TypeLabels({key: np.array(of_street) for key, of_street in rows.items()}, file_sha256(path))
