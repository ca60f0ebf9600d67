"""Score an embedder on rendered vehicles of models, and on cameras, that no training rendered."""

import numpy as np
import numpy.typing as npt

from reid.appearance.embedder import Embedder
from reid.evaluation.intervals import Figure, as_json, figure
from reid.evaluation.protocols import Labelled, Ranks, rank_gallery
from reid.training.datasets import Crops
from reid.training.rendered import RenderOptions

PUBLISHED = RenderOptions(seed=10_001, vehicles=160, cameras=20)
"""What published figures are measured on; seeds below 10,000 are for training and tuning."""

SAME_VIEW_DEG, OTHER_VIEW_DEG = 60.0, 120.0


def score_rendered(crops: Crops, embedder: Embedder) -> dict[str, object]:
    """Ask with every picture for its vehicle on all other cameras, intervals over vehicles.

    `same_view` counts only right answers whose heading is within 60 degrees, `other_view` only those 120 or more away.
    """
    seen = Labelled(embedder.embed(list(crops.boxes)), crops.vehicle, crops.camera)
    turn = np.abs((crops.heading_deg[:, None] - crops.heading_deg[None] + 180) % 360 - 180)
    own = crops.vehicle[:, None] == crops.vehicle[None]
    every = rank_gallery(seen, seen, own_camera="junk")
    same = rank_gallery(seen, seen, own_camera="junk", also_junk=own & (turn > SAME_VIEW_DEG))
    other = rank_gallery(seen, seen, own_camera="junk", also_junk=own & (turn < OTHER_VIEW_DEG))
    return {
        **as_json(rank1=_rank1(every, crops), map=_precision(every, crops)),
        **as_json(same_view_rank1=_rank1(same, crops), same_view_map=_precision(same, crops)),
        **as_json(other_view_rank1=_rank1(other, crops), other_view_map=_precision(other, crops)),
        "queries": len(every.rows),
        "gallery": len(crops),
    }


def _rank1(ranks: Ranks, crops: Crops) -> Figure:
    return _mean((ranks.first_right == 1).astype(float), ranks, crops)


def _precision(ranks: Ranks, crops: Crops) -> Figure:
    return _mean(ranks.precision, ranks, crops)


def _mean(values: npt.NDArray[np.float64], ranks: Ranks, crops: Crops) -> Figure:
    vehicles = [str(vehicle) for vehicle in crops.vehicle[ranks.rows].tolist()]
    return figure(vehicles, lambda drawn: float(values[drawn].mean()))
