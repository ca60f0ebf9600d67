"""`retrace import sightings` as a script calls it."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from reid.images import encode_jpeg
from ui.cli.main import retrace


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "archive") as made, made.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("north", 48.41, 15.6), StoredCamera("south", 48.42, 15.61)])
    return tmp_path / "archive"


def run(archive: Path, *words: object) -> Result:
    return CliRunner().invoke(retrace, ["--archive", str(archive), *map(str, words)])


def test_a_plate_readers_table_comes_in_once(archive: Path, tmp_path: Path) -> None:
    table = tmp_path / "reads.csv"
    table.write_text("Stamp,Site,Reg\n04.05.2026 10:00:00,north,KR123AB\n04.05.2026 10:01:00,nort,KR123AB\n")
    how = ("--columns", "time=Stamp", "--zone", "Europe/Vienna", "--time-format", "%d.%m.%Y %H:%M:%S")
    first = run(archive, "import", "sightings", table, *how, "--json")
    document = json.loads(first.stdout)
    assert (document["sightings"], document["skipped"]) == (1, 1)
    assert "did you mean north" in document["problems"][0]
    assert "camera=Site, plate=Reg" in first.stderr
    again = json.loads(run(archive, "import", "sightings", table, *how, "--json").stdout)
    assert (again["sightings"], again["known"], again["skipped"]) == (0, 1, 1)
    (sighting,) = json.loads(run(archive, "sightings", "list", "--plate", "KR*", "--json").stdout)["sightings"]
    assert (sighting["camera"], sighting["best"], sighting["box"], sighting["crop"]) == (
        "north",
        "2026-05-04T08:00:00Z",
        None,
        None,
    )
    assert run(archive, "sightings", "show", sighting["id"]).exit_code == 0


def test_a_folder_of_crops_comes_in_with_vectors(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "crops"
    folder.mkdir()
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    (folder / "0001_c001_00000100_0.jpg").write_bytes(encode_jpeg(picture))
    done = run(archive, "import", "sightings", folder, "--camera", "south", "--start", "2026-05-04T08:00:00Z", "--json")
    assert json.loads(done.stdout)["sightings"] == 1
    (sighting,) = json.loads(run(archive, "sightings", "list", "--json").stdout)["sightings"]
    assert (sighting["camera"], sighting["best"], sighting["box"]) == ("south", "2026-05-04T08:00:04Z", [0, 0, 60, 40])
    assert sighting["vehicle"]["type"] is not None


def test_an_import_of_which_nothing_can_be_used_leaves_with_its_first_problem(archive: Path, tmp_path: Path) -> None:
    table = tmp_path / "reads.csv"
    table.write_text("time,camera,plate\n2026-05-04T10:00:00,north,KR1\n2026-05-04T10:00:00,north,KR2\n")
    done = run(archive, "import", "sightings", table, "--json")
    assert done.exit_code == 1
    assert "has no zone" in str(done.exception)
    assert "1 more" in str(done.exception)


def test_a_mapping_that_is_none_is_wrong_usage(archive: Path, tmp_path: Path) -> None:
    table = tmp_path / "reads.csv"
    table.write_text("time,camera,plate\n")
    assert run(archive, "import", "sightings", table, "--columns", "time").exit_code == 2
