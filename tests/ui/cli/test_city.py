import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from index.errors import ArchiveError
from index.search.question import PARTS
from index.simulation.city import START
from index.simulation.options import CITY_KINDS, CityOptions, CityRecord, read_city_record, write_city_record
from index.simulation.synthetic.seeing_noise import SeeingNoise
from ui.cli.city import score
from ui.cli.main import retrace

TINY = ["--seed", "4", "--cameras", "2", "--vehicles", "40", "--minutes", "0.3", "--fps", "5", "--size", "320x180"]


def test_make_says_what_it_made_in_the_fields_of_the_contract(tmp_path: Path) -> None:
    result = CliRunner().invoke(retrace, ["city", "make", str(tmp_path / "town"), *TINY, "--json"])
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert set(made) == {"dir", "cameras", "passages", "vehicles", "seconds"}
    assert (made["cameras"], made["vehicles"]) == (2, 40)
    assert made["passages"] == len((tmp_path / "town" / "truth" / "passages.csv").read_text().splitlines()) - 1


def test_a_preset_says_how_large_a_city_is_unless_somebody_else_does(tmp_path: Path) -> None:
    sizes = {name: (kind.cameras, kind.vehicles, kind.minutes) for name, kind in CITY_KINDS.items()}
    assert sizes["normal"] == (4, 110, 3.0)
    assert sizes["dense-hard"] == sizes["dense-normal"] > sizes["hard"]
    archive, town = tmp_path / "archive", tmp_path / "town"
    few = ["--vehicles", "30", "--minutes", "1", "--seed", "4", "--no-video", "--preset", "sparse", "--json"]
    made = ["city", "make", str(town), *few]
    for command in (["init"], made):
        result = CliRunner().invoke(retrace, ["--archive", str(archive), *command])
        assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["cameras"] == 8
    assert read_city_record(town).preset == "normal"


@pytest.mark.parametrize("size", ["1280", "1280x", "big"])
def test_a_size_that_is_none_is_wrong_usage(tmp_path: Path, size: str) -> None:
    result = CliRunner().invoke(retrace, ["city", "make", str(tmp_path / "town"), "--size", size])
    assert result.exit_code == 2
    assert "write it as 1280x720" in result.output


def test_sightings_without_video_are_scored_and_shown_as_a_page(tmp_path: Path) -> None:
    archive, town, page = tmp_path / "archive", tmp_path / "town", tmp_path / "score.html"
    busy = ["--cameras", "4", "--vehicles", "60", "--minutes", "8"]
    made = ["city", "make", str(town), *TINY, *busy, "--no-video"]
    for command in (["init"], made):
        result = CliRunner().invoke(retrace, ["--archive", str(archive), *command])
        assert result.exit_code == 0, result.output
    scored = ["city", "score", str(town), "--queries", "2", "--html", str(page), "--json"]
    result = CliRunner().invoke(retrace, ["--archive", str(archive), *scored])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["questions"]["n"] == 2
    assert "Passages found" in page.read_text()


def test_a_part_is_left_out_and_its_gain_is_on_the_page(tmp_path: Path) -> None:
    archive, town, page = ["--archive", str(tmp_path / "archive")], tmp_path / "town", tmp_path / "score.html"
    busy = ["--cameras", "4", "--vehicles", "60", "--minutes", "8"]
    for command in (["init"], ["city", "make", str(town), *TINY, *busy, "--no-video"]):
        assert CliRunner().invoke(retrace, [*archive, *command]).exit_code == 0
    scored = ["city", "score", str(town), "--queries", "3", "--only", "ranking", "--without", "looks"]
    result = CliRunner().invoke(retrace, [*archive, *scored, "--html", str(page), "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert set(document) == {
        "questions",
        "ranking",
        "peers",
        "steps",
        "itinerary",
        "calibration",
        "without",
        "failures",
    }
    looks = document["without"]["looks"]
    assert looks["gain"]["map"] == pytest.approx(document["ranking"]["itinerary"]["map"] - looks["map"])
    assert "looks gain map" in page.read_text()


def test_a_city_from_crops_is_scored_and_its_sightings_have_no_footage(tmp_path: Path) -> None:
    archive, town = ["--archive", str(tmp_path / "archive")], tmp_path / "town"
    for command in (["init"], ["city", "make", str(town), *TINY, "--crops", "--workers", "1"]):
        result = CliRunner().invoke(retrace, [*archive, *command])
        assert result.exit_code == 0, result.output
    result = CliRunner().invoke(retrace, [*archive, "city", "score", str(town), "--queries", "2", "--json"])
    assert json.loads(result.stdout)["passages"]["recall"] > 0.3
    listed = json.loads(CliRunner().invoke(retrace, [*archive, "sightings", "list", "--json"]).stdout)
    assert listed


def test_a_city_is_either_drawn_or_made_from_crops(tmp_path: Path) -> None:
    result = CliRunner().invoke(retrace, ["city", "make", str(tmp_path / "town"), "--no-video", "--crops"])
    assert result.exit_code == 2
    assert "exclude each other" in result.output


def test_a_folder_that_is_no_city_cannot_be_scored(tmp_path: Path) -> None:
    assert CliRunner().invoke(retrace, ["--archive", str(tmp_path / "archive"), "init"]).exit_code == 0
    result = CliRunner().invoke(retrace, ["--archive", str(tmp_path / "archive"), "city", "score", str(tmp_path)])
    assert isinstance(result.exception, ArchiveError)
    assert "is not a city" in str(result.exception)


def test_a_noise_is_fitted_on_a_filmed_city_and_drawn_from(tmp_path: Path) -> None:
    town, noise = tmp_path / "town", tmp_path / "noise.json"
    archive = ["--archive", str(town / "archive")]
    for command in (
        ["city", "make", str(town), *TINY],
        [*archive, "init"],
        [*archive, "roads", "import", str(town / "roads.osm")],
        [*archive, "cameras", "import", str(town / "cameras.geojson")],
        [*archive, "ingest", "--manifest", str(town / "footage.csv"), "--workers", "1"],
    ):
        result = CliRunner().invoke(retrace, command)
        assert result.exit_code == 0, result.output
    result = CliRunner().invoke(retrace, ["city", "fit-noise", str(town), "--out", str(noise), "--json"])
    assert result.exit_code == 0, result.output
    passages = len((town / "truth" / "passages.csv").read_text().splitlines()) - 1
    assert json.loads(result.stdout)["counts"]["passages"] == passages
    assert SeeingNoise.load(noise).origin.seeds == (4,)


def test_a_noise_is_not_fitted_on_cities_of_published_figures(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    write_city_record(tmp_path, CityRecord.of(CityOptions(seed=10_000), START))
    result = CliRunner().invoke(retrace, ["city", "fit-noise", str(tmp_path), "--out", str(tmp_path / "noise.json")])
    assert isinstance(result.exception, ArchiveError)
    assert "seeds from 10000 on are for published figures" in str(result.exception)


def test_the_plates_of_cities_are_scored_together(tmp_path: Path) -> None:
    town = tmp_path / "town"
    archive = ["--archive", str(town / "archive")]
    busy = ["--cameras", "4", "--vehicles", "60", "--minutes", "8"]
    for command in ([*archive, "init"], [*archive, "city", "make", str(town), *TINY, *busy, "--no-video"]):
        result = CliRunner().invoke(retrace, command)
        assert result.exit_code == 0, result.output
    result = CliRunner().invoke(retrace, ["city", "plates", str(town), "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["passages"] > 0
    assert round(document["passages"] * (1 - document["exact"])) == len(document["wrong"])
    assert set(document["decisions"]["12 to 16 px"]) == {"error", "error_ci", "same", "different", "compared"}
    lines = CliRunner().invoke(retrace, ["city", "plates", str(town)]).stdout
    assert "error, 12 to 16 px" in lines


def test_a_score_can_be_asked_for_without_each_part_of_a_search() -> None:
    """Links were a part that the command did not offer."""
    (option,) = (one for one in score.params if one.name == "without")
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == PARTS
