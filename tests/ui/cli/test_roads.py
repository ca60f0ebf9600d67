import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index.store.archive import Archive
from tests.roadgraph.maps import LAT0, LON0, STEP, write_osm
from ui.cli.main import retrace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Archive.create(tmp_path / "archive").close()
    write_osm(tmp_path / "town.osm", rows=5, columns=6)
    rows = [f"c{i},{LAT0 + i * STEP},{LON0 + (i + 0.5) * STEP},90" for i in range(3)]
    (tmp_path / "cameras.csv").write_text("\n".join(["id,lat,lon,bearing", *rows]))
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(retrace, ["--archive", str(folder / "archive"), *arguments])


def answer(folder: Path, *arguments: str):
    result = run(folder, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_roads_and_cameras_have_the_fields_of_the_contract(folder: Path) -> None:
    roads = answer(folder, "roads", "import", str(folder / "town.osm"))
    assert set(roads) >= {"nodes", "edges", "km", "dropped_km"}
    assert roads["nodes"] == 30
    cameras = answer(folder, "cameras", "import", str(folder / "cameras.csv"))["cameras"]
    assert [set(camera) >= {"id", "lat", "lon", "bearing", "edge", "snap_m"} for camera in cameras] == [True] * 3
    assert answer(folder, "cameras", "list")["cameras"] == cameras
    moved = answer(folder, "cameras", "move", "c1", "--bearing", "270", "--since", "2026-05-04T12:00:00Z")["cameras"]
    assert (moved[0]["id"], moved[0]["bearing"]) == ("c1", 270)


@pytest.mark.parametrize("direction", ["after", "before", "both"])
def test_reach_lists_cameras_with_the_earliest_before_the_latest(folder: Path, direction: str) -> None:
    run(folder, "roads", "import", str(folder / "town.osm"))
    run(folder, "cameras", "import", str(folder / "cameras.csv"))
    question = ("--camera", "c0", "--from", "2026-05-04T08:30:00+02:00", "--minutes", "5", "--direction", direction)
    reached = answer(folder, "roads", "reach", *question)
    assert set(reached) >= {"cameras", "circle_km2", "area", "off_map"}
    assert {camera["id"] for camera in reached["cameras"]} == {"c0", "c1", "c2"}
    assert all(camera["earliest"] < camera["latest"] for camera in reached["cameras"])
    assert sum(camera["next_share"] for camera in reached["cameras"]) == pytest.approx(
        2 if direction == "both" else 1, abs=0.01
    )
    assert all(camera["usual_s"] > 0 for camera in reached["cameras"])
    others = [camera for camera in reached["cameras"] if camera["id"] != "c0"]
    start = "2026-05-04T06:30:00Z"
    assert all((camera["earliest"] >= start) == (camera["direction"] == "after") for camera in others)


@pytest.mark.parametrize(
    "arguments",
    [
        ("roads", "import", "nowhere.osm"),
        ("roads", "learn"),
        ("cameras", "move", "c9", "--bearing", "10"),
        ("roads", "reach", "--camera", "c0", "--from", "2026-05-04T08:30:00Z", "--minutes", "5"),
    ],
)
def test_what_cannot_be_done_is_an_error_and_no_answer(folder: Path, arguments: tuple[str, ...]) -> None:
    result = run(folder, *arguments)
    assert result.exit_code != 0
    assert result.stdout == ""


def test_learning_without_passages_says_so(folder: Path) -> None:
    run(folder, "roads", "import", str(folder / "town.osm"))
    run(folder, "cameras", "import", str(folder / "cameras.csv"))
    assert answer(folder, "roads", "learn") == {"pairs": 0, "passages": 0, "clock_offsets": []}
    assert "travel times stay as they are" in run(folder, "roads", "learn").output


def test_lines_for_people(folder: Path) -> None:
    assert "km of road" in run(folder, "roads", "import", str(folder / "town.osm")).output
    assert "2 directed roads" in run(folder, "cameras", "import", str(folder / "cameras.csv")).output


def test_a_new_user_without_roads_and_places_gets_answers(folder: Path, tmp_path: Path) -> None:
    named = tmp_path / "names.csv"
    named.write_text("id\nc1\nc2\n")
    assert [camera["lat"] for camera in answer(folder, "cameras", "import", str(named))["cameras"]] == [None, None]
    answer(folder, "cameras", "add", "c3")
    listed = answer(folder, "cameras", "list")["cameras"]
    assert [camera["id"] for camera in listed] == ["c1", "c2", "c3"]
    read = tmp_path / "read.csv"
    rows = [
        f"c{camera},2026-05-04T08:{minute:02d}:{5 * camera:02d}Z,K{minute}AB12"
        for camera in (1, 2)
        for minute in range(9)
    ]
    read.write_text("\n".join(["camera,time,plate", *rows]))
    assert answer(folder, "import", "sightings", str(read))["sightings"] == 18
    learned = answer(folder, "roads", "learn")
    assert learned["passages"] >= 9
    found = answer(folder, "search", "--plate", "K3AB12", "--camera", "c1", "--time", "2026-05-04T08:03:05Z")
    assert (found["candidates"][0]["camera"], found["candidates"][0]["time"]) == ("c2", "2026-05-04T08:03:10Z")
    assert found["rests_on"]["words"].startswith(
        f"no road map and no places of cameras: times from {learned['passages']}"
    )
    question = ("--camera", "c1", "--from", "2026-05-04T08:30:00Z", "--minutes", "5")
    reached = answer(folder, "roads", "reach", *question)
    assert {(camera["id"], camera["way"]) for camera in reached["cameras"]} == {("c2", "unknown"), ("c3", "unknown")}
    assert reached["area"] is None
    assert "anywhere" in run(folder, "roads", "reach", *question).output
    assert "place unknown" in run(folder, "cameras", "list").output
