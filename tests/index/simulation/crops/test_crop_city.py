from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from index.records import Sighting
from index.simulation import truth
from index.simulation.city import make_city
from index.simulation.crops import crop_city
from index.simulation.crops.crop_city import make_crop_city
from index.simulation.match_archive import match_archive, read_truth
from index.simulation.options import CityOptions
from index.simulation.truth import TruePassage, TrueSighting
from index.store.archive import Archive
from index.store.catalogue import models, vectors
from index.store.catalogue import sightings as catalogue_sightings
from index.store.catalogue.sightings import SightingFilter

CITY = CityOptions(seed=4, cameras=3, vehicles=160, minutes=0.5, fps=5, width=640, height=360)


def in_this_process(do: Callable[[Any], Any], tasks: Sequence[Any], workers: int) -> Iterator[Any]:
    yield from map(do, tasks)


def stopped_after_one(do: Callable[[Any], Any], tasks: Sequence[Any], workers: int) -> Iterator[Any]:
    yield do(tasks[0])
    raise KeyboardInterrupt


def contents(archive: Archive) -> list[tuple[object, ...]]:
    with archive.catalogue.reading() as connection:
        found: list[Sighting] = list(catalogue_sightings.listing(connection, SightingFilter()))
        (model,) = (model.id for model in models.listing(connection, kind="appearance"))
        stored = vectors.of_sightings(connection, model, [sighting.id for sighting in found])
    return [
        (
            s.id,
            s.first,
            s.best,
            s.attributes,
            s.plate,
            s.edge,
            [shot.crop.sha256 for shot in s.shots],
            stored[s.id].tolist(),
        )
        for s in sorted(found, key=lambda sighting: sighting.id)
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crops")
    with Archive.create(folder / "archive") as archive:
        make_crop_city(folder / "city", CITY, archive, workers=2)
    return folder


def test_a_stopped_city_is_finished_by_the_same_call(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        monkeypatch.setattr(crop_city, "run_in_processes", stopped_after_one)
        with pytest.raises(KeyboardInterrupt):
            make_crop_city(tmp_path / "city", CITY, archive)
        begun = len(contents(archive))
        monkeypatch.setattr(crop_city, "run_in_processes", in_this_process)
        make_crop_city(tmp_path / "city", CITY, archive)
        again = contents(archive)
    with Archive.open(made / "archive") as archive:
        assert again == contents(archive)
    assert 0 < begun < len(again)
    assert not list((tmp_path / "city").glob(".*"))
    for name in ("passages.csv", "sightings.csv"):
        assert (tmp_path / "city/truth" / name).read_bytes() == (made / "city/truth" / name).read_bytes()


def test_passages_are_those_of_the_filmed_city(tmp_path: Path, made: Path) -> None:
    make_city(tmp_path / "filmed", CITY)
    filmed, ours = truth.read(tmp_path / "filmed", TruePassage), truth.read(made / "city", TruePassage)
    assert [(p.vehicle, p.camera, p.first) for p in ours] == [(p.vehicle, p.camera, p.first) for p in filmed]
    assert [p.height_px for p in ours] == pytest.approx([p.height_px for p in filmed], abs=5)


def test_sightings_have_pictures_and_match_the_truth(made: Path) -> None:
    with Archive.open(made / "archive") as archive:
        matched = match_archive(archive, made / "city", read_truth(made / "city"))
        pictures = [archive.crops.read(shot.crop) for s in matched.sightings for shot in s.shots]
    assert {row.sighting for row in truth.read(made / "city", TrueSighting)} == {s.id for s in matched.sightings}
    assert matched.sightings
    assert all(sighting.footage is None for sighting in matched.sightings)
    assert len(set(pictures)) == len(pictures)
