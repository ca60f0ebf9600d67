"""Weigh pictures of plates among vehicles that look the same: those of a fleet, too, whose plates hardly differ.

The verifier's llr is against any other plate. Of a small picture it is high although a plate that differs in one
character would look the same; and who looks like the vehicle asked about is likelier one of its fleet than anybody is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from reid.arrays import Floats
from reid.errors import SeeingError
from reid.plates.curves import Curves, as_curves, curves_document

LEARNED = Path(__file__).with_name("twins.json")

FLEET = 0.02
"""Share of other vehicles that are of the fleet: alike, with a plate of the same series. Set, not measured; the
verifier's calibration takes as many to be twins."""

BELIEVED = 0.8
"""So much of what pictures say for a plate and against its twins is believed: the curves are of drawn plates, and at
1.0 more than 5 in 1,000 of such twins had a probability of 0.9 (tuning plates, docs/plates.md)."""

_NEVER_ALIKE, _ALWAYS_ALIKE = -50.0, 50.0


@dataclass(frozen=True, slots=True)
class TwinCurves:
    """The llr of a verifier's scores against plates that differ in one character, by the quality of both pictures."""

    model_id: str
    curves: Curves


def among_alike(llr: Floats, twin_llr: Floats, appearance: Floats) -> Floats:
    """Return the llr of each pair of plates, given how much their vehicles look the same, (n,).

    `llr` is that against any other plate, `twin_llr` against one that differs in one character, `appearance` that of
    the vehicles' looks, NaN where they were not compared. Of those who look so much the same a share is of the fleet.
    Doubt takes away what speaks for a plate; what speaks against it stays as it is.
    """
    alike = np.clip(np.nan_to_num(appearance), _NEVER_ALIKE, _ALWAYS_ALIKE)
    fleet = FLEET * np.exp(alike)
    share = fleet / (1 - FLEET + fleet)
    believed = np.minimum(BELIEVED * np.maximum(twin_llr, 0.0), llr)
    return np.asarray(-np.log((1 - share) * np.exp(-llr) + share * np.exp(-believed)), np.float64)


@cache
def twin_curves(model_id: str) -> Curves | None:
    """Return the curves of a verifier; None if they were never measured for it."""
    learned = read_twin_curves(LEARNED)
    return learned.curves if learned.model_id == model_id else None


def read_twin_curves(path: Path) -> TwinCurves:
    """Read curves that `write_twin_curves` wrote."""
    try:
        document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return TwinCurves(str(document["verifier"]), as_curves(document))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SeeingError(f"{path} holds no curves ({error}): write it with `retrace train twins`") from None


def write_twin_curves(twins: TwinCurves, path: Path) -> None:
    """Write curves so that a person can read them."""
    document = {"verifier": twins.model_id, **curves_document(twins.curves)}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
