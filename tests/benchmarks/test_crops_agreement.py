"""Cities from crops are compared with filmed ones by the passages that both know."""

import pytest

from benchmarks.crops_agreement import PassageFigures, agreement
from reid.evaluation.intervals import share


def _figures(recall: dict[str, float], precision: dict[str, float]) -> PassageFigures:
    vehicle_of = {passage: f"v{passage[-1]}" for passage in recall}
    return PassageFigures(vehicle_of, {"recall": recall, "mAP": precision, "nobody knows": {}})


def test_only_passages_of_both_are_compared() -> None:
    filmed = [_figures({"p1": 1.0, "p2": 1.0, "p3": 0.0}, {"p1": 0.5, "p2": 1.0})] * 2
    crops = [_figures({"p1": 1.0, "p2": 0.0, "p3": 0.0}, {"p1": 1.0, "p3": 0.0})] * 2
    recall, precision = agreement(filmed, crops)
    assert (recall.name, recall.passages, precision.name, precision.passages) == ("recall", 6, "mAP", 2)
    assert (recall.filmed.value, recall.crops.value) == pytest.approx((2 / 3, 1 / 3))
    vehicles = [f"{pair}/v{number}" for pair in range(2) for number in (1, 2, 3)]
    assert recall.apart == share(vehicles, [0.0, -1.0, 0.0] * 2)
    assert (precision.filmed.value, precision.crops.value, precision.apart.value) == (0.5, 1.0, 0.5)
