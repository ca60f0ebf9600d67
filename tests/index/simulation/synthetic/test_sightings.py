import tracemalloc
from pathlib import Path

import pytest

from index.records import Sighting
from index.simulation import truth
from index.simulation.match_archive import match_archive, read_truth
from index.simulation.options import CityOptions
from index.simulation.sighting_score import attribute_figures, passage_figures, plate_figures
from index.simulation.synthetic import passings
from index.simulation.synthetic.draw_sighting import MODEL_ID
from index.simulation.synthetic.seeing_noise import packaged_noise
from index.simulation.synthetic.sightings import make_sightings
from index.simulation.truth import TruePassage, TruePosition, TrueSighting, TrueVehicle
from index.store.archive import Archive
from index.store.catalogue import sightings as catalogue_sightings
from index.store.catalogue import vectors
from index.store.catalogue.sightings import SightingFilter
from reid.evaluation.intervals import Figure

CITY = CityOptions(seed=13, cameras=48, vehicles=110, minutes=8, preset="normal")


def _made(folder: Path, options: CityOptions = CITY) -> Path:
    with Archive.create(folder / "archive") as archive:
        make_sightings(folder / "city", options, archive)
    return folder


def _sightings(archive: Archive) -> tuple[list[Sighting], dict[str, list[list[float]]]]:
    with archive.catalogue.reading() as connection:
        found = list(catalogue_sightings.listing(connection, SightingFilter()))
        stored = vectors.of_sightings(connection, MODEL_ID, [sighting.id for sighting in found])
    return found, {id_: vector.tolist() for id_, vector in stored.items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _made(tmp_path_factory.mktemp("made"))


def test_the_same_seed_gives_the_same_archive(tmp_path: Path, made: Path) -> None:
    again = _made(tmp_path)
    with Archive.open(made / "archive") as first, Archive.open(again / "archive") as second:
        (ours, vectors_ours), (theirs, vectors_theirs) = _sightings(first), _sightings(second)
    assert [(s.id, s.best, s.attributes, s.plate, s.edge) for s in ours] == [
        (s.id, s.best, s.attributes, s.plate, s.edge) for s in theirs
    ]
    assert vectors_ours == vectors_theirs
    for name in ("passages.csv", "sightings.csv", "vehicles.csv"):
        assert (made / "city/truth" / name).read_bytes() == (again / "city/truth" / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "part", "whole"),
    [
        ("recall", "passages_that_count_seen", "passages_that_count"),
        ("duplicates", "duplicates", "sightings"),
        ("phantoms", "phantoms", "sightings"),
        ("type", "types_right", "shown"),
        ("colour", "colours_right", "shown"),
        ("read", "plates_high_read", "plates_high"),
        ("exact", "plates_high_exact", "plates_high"),
    ],
)
def test_a_city_without_video_scores_as_the_filmed_ones_did(
    figures: dict[str, Figure], name: str, part: str, whole: str
) -> None:
    counts = dict(packaged_noise().origin.counts)
    counts["shown"] = counts["sightings"] - counts["phantoms"]
    counts["duplicates"] = counts["shown"] - counts["passages_seen"]
    # All of a few may be luck: one more right and one more wrong keep the deviation from being nothing.
    filmed = (counts[part] + 1) / (counts[whole] + 2)
    filmed_deviation = (filmed * (1 - filmed) / counts[whole]) ** 0.5
    made = figures[name]
    assert made.low is not None
    assert made.high is not None
    assert made.low - 2 * filmed_deviation <= filmed <= made.high + 2 * filmed_deviation


@pytest.fixture(scope="module")
def figures(made: Path) -> dict[str, Figure]:
    with Archive.open(made / "archive") as archive:
        true = read_truth(made / "city")
        matched = match_archive(archive, made / "city", true)
    matches = [matched.matches[sighting.id] for sighting in matched.sightings]
    return {
        **passage_figures(matches, true.passages, matched.identities),
        **attribute_figures(matched.sightings, matched.matches, true.vehicles),
        **plate_figures(matched.sightings, matched.matches, true.passages, true.vehicles),
    }


def test_every_sighting_lies_in_time_and_on_a_camera_that_films(made: Path) -> None:
    with Archive.open(made / "archive") as archive:
        found, _ = _sightings(archive)
    assert len(found) > 100
    assert all(s.first <= s.best <= s.last for s in found)
    assert len({s.id for s in found}) == len(found)


def test_a_city_in_blocks_is_whole_and_in_the_order_of_time(tmp_path: Path) -> None:
    options = CityOptions(seed=3, cameras=5, vehicles=150, minutes=6, preset="hard")
    for name in ("once", "again"):
        with Archive.create(tmp_path / name / "archive") as archive:
            made = make_sightings(tmp_path / name / "city", options, archive, at_once=40)
            found, _ = _sightings(archive)
    city = tmp_path / "once/city"
    passages, shown = truth.read(city, TruePassage), truth.read(city, TrueSighting)
    assert len(passages) == made.passages > 20
    assert [passage.passage for passage in passages] == [f"p{i:05d}" for i in range(1, made.passages + 1)]
    assert {s.id for s in found} == {row.sighting for row in shown}
    assert [v.vehicle for v in truth.read(city, TrueVehicle)] == [f"v{i:04d}" for i in range(1, 151)]
    assert {p.vehicle for p in truth.read(city, TruePosition)} <= {f"v{i:04d}" for i in range(1, 151)}
    assert not list(city.glob(".*"))
    for path in sorted((city / "truth").iterdir()):
        assert path.read_bytes() == (tmp_path / "again/city/truth" / path.name).read_bytes(), path.name


@pytest.mark.long
def test_memory_does_not_grow_with_the_vehicles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passings, "SLICE_ROWS", 60)
    peaks = []
    # The first city fills what is matched of vehicles, which has its own bounds.
    for number, vehicles in enumerate((300, 200, 300)):
        options = CityOptions(seed=3, cameras=3, vehicles=vehicles, minutes=0.5)
        with Archive.create(tmp_path / f"archive{number}") as archive:
            tracemalloc.start()
            make_sightings(tmp_path / f"city{number}", options, archive, at_once=50)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[2] < 1.25 * peaks[1]
