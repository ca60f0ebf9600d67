from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.simulation.match_archive import match_archive, read_truth
from index.simulation.options import CityOptions
from index.simulation.score import ScoreOptions, score
from index.simulation.sighting_score import passage_figures
from index.simulation.synthetic.seeing_noise import HeightCurve, SeeingNoise
from index.simulation.synthetic.sightings import make_sightings
from index.store.archive import Archive
from tests.index.simulation.synthetic.noises import PERFECT

SMALL = CityOptions(seed=5, cameras=4, vehicles=40, minutes=8, preset="easy")
ASKED = ScoreOptions(queries=6, seed=1)


def _score(folder: Path, noise: SeeingNoise) -> dict[str, object]:
    with Archive.create(folder / "archive") as archive:
        make_sightings(folder / "city", SMALL, archive, noise)
        return score(archive, folder / "city", ASKED)


@pytest.fixture(scope="module")
def perfect(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    return _score(tmp_path_factory.mktemp("perfect"), PERFECT)


def test_any_number_of_processes_gives_the_same_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.simulation.asking.AT_ONCE", 2)
    asked = ScoreOptions(queries=5, seed=1, only=("ranking", "absent"), without=("plate",))
    with Archive.create(tmp_path / "archive") as archive:
        make_sightings(tmp_path / "city", SMALL, archive, PERFECT)
        alone, shared = (score(archive, tmp_path / "city", asked, workers=workers) for workers in (1, 2))
    assert _get(alone, "questions", "n") == 5
    assert shared == alone


def _get(document: object, *path: str) -> object:
    for name in path:
        assert isinstance(document, dict)
        document = document[name]
    return document


def _figures(document: object) -> Iterator[tuple[str, object, object]]:
    assert isinstance(document, dict)
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _figures(value)
        elif not name.endswith("_ci"):
            yield name, value, document.get(f"{name}_ci", "absent")


def test_every_field_of_the_contract_is_there_with_its_interval(perfect: dict[str, object]) -> None:
    fields = {
        "passages": ("recall", "duplicates", "phantoms", "idf1"),
        "attributes": ("type", "colour"),
        "plates": ("exact", "read"),
        "itinerary": ("precision", "recall"),
        "calibration": ("ece", "brier", "brier_base"),
    }
    for section, names in fields.items():
        for name in names:
            _get(perfect, section, name)
            _get(perfect, section, f"{name}_ci")
    for stage in ("appearance", "plate", "travel", "fused", "itinerary", "random"):
        for name in ("hit1", "hit5", "map"):
            _get(perfect, "ranking", stage, f"{name}_ci")
    for minutes in ("2", "5", "10"):
        for path in ((), ("isochrone",), ("map",)):
            _get(perfect, "area_now", minutes, *path, "contains_ci")
            _get(perfect, "area_now", minutes, *path, "size_ci")


def test_figures_lie_in_their_intervals_and_unknown_ones_are_null(perfect: dict[str, object]) -> None:
    for name, value, interval in _figures(perfect):
        if interval == "absent":
            assert name in ("n", "gallery", "relevant", "questions", "threshold")
        elif value is None:
            assert interval is None
        else:
            assert isinstance(value, float)
            assert isinstance(interval, list)
            assert interval[0] - 1e-9 <= value <= interval[1] + 1e-9 or name in ("ece", "brier_base")
    assert _get(perfect, "passages", "idf1") is None


def test_a_perfect_archive_scores_one(perfect: dict[str, object]) -> None:
    assert _get(perfect, "passages", "recall") == 1.0
    assert _get(perfect, "attributes", "type") == 1.0
    assert _get(perfect, "attributes", "colour") == 1.0
    assert _get(perfect, "plates", "exact") == _get(perfect, "plates", "read")
    assert _get(perfect, "ranking", "appearance", "hit1") == 1.0
    assert _get(perfect, "questions", "n") == 6


def test_appearance_beats_random_order(perfect: dict[str, object]) -> None:
    found, at_random = (_get(perfect, "ranking", stage, "map") for stage in ("appearance", "random"))
    assert isinstance(found, float)
    assert isinstance(at_random, float)
    assert found > 3 * at_random


def test_half_blind_cameras_halve_the_recall(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        make_sightings(tmp_path / "city", SMALL, archive, replace(PERFECT, seen=HeightCurve(0.001, 10, most=0.5)))
        true = read_truth(tmp_path / "city")
        matched = match_archive(archive, tmp_path / "city", true)
    recall = passage_figures(list(matched.matches.values()), true.passages, None)["recall"].value
    assert recall is not None
    assert 0.35 < recall < 0.65


def test_the_whole_map_contains_everything(perfect: dict[str, object]) -> None:
    assert _get(perfect, "area_now", "2", "map", "contains") == 1.0
    sizes = [_get(perfect, "area_now", "2", *kind, "size") for kind in (("isochrone",), ("map",))]
    assert isinstance(sizes[0], float)
    assert isinstance(sizes[1], float)
    assert sizes[0] < sizes[1]
