from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from reid.appearance.embedders import HistogramEmbedder, make_embedder
from reid.errors import SeeingError
from reid.evaluation.pairs import PairFiles, PairRanks, document, embed_pairs, evaluate_pairs, groups_of, pair_files
from reid.images import encode_jpeg


def _folder(root: Path, names: list[str]) -> Path:
    for number, name in enumerate(names):
        paint = np.array([255 * (number & 1), 255 * (number >> 1 & 1), 255 * (number >> 2 & 1)], np.uint8)
        for camera in (1, 2):
            picture = np.full((30 + camera, 40, 3), paint, np.uint8)
            (root / f"{name}_cam{camera}.jpg").write_bytes(encode_jpeg(picture))
    return root


def test_each_vehicle_is_found_where_its_colour_is_alone(tmp_path: Path) -> None:
    pairs = pair_files(_folder(tmp_path, [f"car_{n}" for n in range(6)] + ["motorcycle_1", "motorcycle_2"]))
    scores = evaluate_pairs(pairs, HistogramEmbedder(), HistogramEmbedder())
    assert {name: score["queries"] for name, score in scores.items()} == {"all": 8, "four wheels": 6, "motorcycles": 2}
    assert scores["all"]["cmc"] == {"1": 1.0, "5": 1.0, "10": 1.0}
    assert scores["all"]["rank1_gain"] == 0.0
    assert "calibration" not in scores["all"]  # eight vehicles cannot vouch for probabilities


def test_a_picture_without_partner_is_named(tmp_path: Path) -> None:
    (_folder(tmp_path, ["car_1"]) / "car_1_cam2.jpg").unlink()
    with pytest.raises(SeeingError, match=r"car_1_cam1\.jpg has no partner car_1_cam2\.jpg"):
        pair_files(tmp_path)


def test_an_empty_folder_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(SeeingError, match=r"holds no NAME_cam1\.jpg"):
        pair_files(tmp_path)


def test_scores_follow_from_the_ranks() -> None:
    ranks = PairRanks(("a", "b", "c", "d"), np.array([1, 2, 6, 20]))
    told = document(ranks, PairRanks(("a", "b", "c", "d"), np.array([1, 1, 1, 1])))
    assert told["map"] == pytest.approx((1 + 1 / 2 + 1 / 6 + 1 / 20) / 4)
    assert told["cmc"] == {"1": 0.25, "5": 0.5, "10": 0.75}
    assert told["rank1_gain"] == -0.75
    low, high = told["rank1_gain_ci"]  # type: ignore[misc]
    assert -1.0 <= low < -0.75 < high <= 0.0


def test_rankings_of_different_vehicles_do_not_compare() -> None:
    with pytest.raises(SeeingError, match="same vehicles"):
        PairRanks(("a",), np.array([1])).gain_over(PairRanks(("b",), np.array([1])))


def test_parts_are_decided_by_the_name_alone() -> None:
    parts = Counter(PairFiles(f"car_{n:04d}", Path(), Path()).part for n in range(3000))
    assert parts["test"] == pytest.approx(1500, abs=100)
    assert parts["train"] == pytest.approx(1200, abs=100)
    assert PairFiles("car_0005", Path("x"), Path("y")).part == PairFiles("car_0005", Path(), Path()).part


@pytest.mark.slow
def test_the_histogram_stays_at_its_measured_floor(material: Path) -> None:
    pairs = groups_of(pair_files(material / "two-camera"))
    for group, floor in (("four wheels", 0.71), ("motorcycles", 0.27)):
        assert embed_pairs(pairs[group], HistogramEmbedder()).ranks().share_within(1).value == pytest.approx(
            floor, abs=0.03
        )


@pytest.mark.slow
def test_the_packaged_weights_beat_the_histogram_on_real_vehicles_they_never_saw(material: Path) -> None:
    held = [pair for pair in pair_files(material / "two-camera") if pair.part == "test"]
    scores = evaluate_pairs(held, make_embedder("appearance"), HistogramEmbedder())
    for group, least in (("all", 0.86), ("four wheels", 0.80), ("motorcycles", 0.90)):
        assert scores[group]["cmc"]["1"] >= least, group  # type: ignore[index]
    low, _high = scores["all"]["rank1_gain_ci"]  # type: ignore[misc]
    assert low > 0
