"""`retrace search` and `retrace sightings` as a script calls them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from index.archive import Archive, NewChunk
from index.sighting import Look, NewShot, NewSighting
from reid.images import encode_jpeg
from reid.vehicle import Box, Plate
from roadgraph.camera import Camera
from ui.cli.main import retrace

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
RED, BLUE = (200, 20, 20), (20, 20, 200)


def picture(colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((40, 60, 3), colour, dtype=np.uint8)


def seen(id_: str, camera: str, after_s: float, colour: tuple[int, int, int]) -> NewSighting:
    from reid.appearance.installed import make_embedder

    best, box = NOON + timedelta(seconds=after_s), Box(5, 6, 60, 40)
    embedder = make_embedder("histogram")
    return NewSighting(
        id=id_,
        camera=camera,
        first=best,
        best=best,
        last=best,
        box=box,
        look=Look({"car": 0.9, "van": 0.1}, {"red" if colour == RED else "blue": 0.8}),
        shots=(NewShot(best, 0, box, encode_jpeg(picture(colour)), 1.0),),
        vectors={embedder.model_id: embedder.embed([picture(colour)])},
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "archive") as made:
        made.place_book.import_cameras([Camera("bridge", 48.0, 11.0), Camera("depot", 48.01, 11.0)])
        news = (seen("a1", "bridge", 0, RED), seen("a2", "depot", 90, RED), seen("a3", "depot", 200, BLUE))
        made.add(NewChunk(None, None, news))
    return tmp_path / "archive"


def run(archive: Path, *words: str) -> Result:
    return CliRunner().invoke(retrace, ["--archive", str(archive), *words])


def answer(archive: Path, *words: str) -> dict[str, object]:
    result = run(archive, *words, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert isinstance(document, dict)
    return document


def ids(document: dict[str, object], key: str, name: str) -> list[Any]:
    found = document[key]
    assert isinstance(found, list)
    return [one[name] for one in found]


def test_a_search_by_sighting_has_every_field_of_the_contract(archive: Path) -> None:
    document = answer(archive, "search", "--sighting", "a1")
    names = {"query", "stages", "candidates", "itinerary", "alternatives", "area_now", "searched"}
    assert names <= set(document)
    assert ids(document, "candidates", "sighting") == ["a2", "a3"]
    first = document["candidates"][0]  # type: ignore[index]
    assert set(first) >= {"sighting", "camera", "time", "probability", "why", "evidence", "crop", "vehicle"}
    assert set(first["evidence"]) == {"appearance", "plate", "travel", "direction"}
    assert set(first["crop"]) == {"pack", "offset", "length", "sha256"}
    assert first["vehicle"]["type"] == "car"
    assert first["time"] == "2026-05-04T12:01:30Z"
    assert set(document["searched"]) == {"cameras", "sightings", "of", "gaps"}  # type: ignore[call-overload]


def test_a_picture_is_the_crop_and_a_box_cuts_it_out(archive: Path, tmp_path: Path) -> None:
    crop, frame = tmp_path / "crop.jpg", tmp_path / "frame.jpg"
    crop.write_bytes(encode_jpeg(picture(BLUE)))
    around = np.full((200, 300, 3), 90, dtype=np.uint8)
    around[50:90, 100:160] = BLUE
    frame.write_bytes(encode_jpeg(around))
    assert ids(answer(archive, "search", str(crop)), "candidates", "sighting")[0] == "a3"
    assert ids(answer(archive, "search", str(frame), "--box", "100,50,60,40"), "candidates", "sighting")[0] == "a3"


def test_lines_for_a_person_name_cameras_chances_and_what_was_searched(archive: Path) -> None:
    result = run(archive, "search", "--sighting", "a1")
    assert result.exit_code == 0
    assert "depot" in result.stdout
    assert "Searched 2 cameras, 3 of 3 sightings." in result.stdout
    assert "no footage" in result.stdout


def test_plates_are_found_by_what_is_known_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with Archive.create(folder) as made:
        made.place_book.import_cameras([Camera("bridge", 48.0, 11.0, 90.0)])
        texts = {"a1": "KR123AB", "a2": "KR877AB", "a3": "W1"}
        made.add(NewChunk(None, None, tuple(_plated(id_, text) for id_, text in texts.items())))
    for pattern, ids in (("contains 77", ["a2"]), ("[KR|P]*", ["a1", "a2"]), ("W?|*3A@", ["a1", "a3"])):
        found = json.loads(run(folder, "plates", "find", pattern, "--json").stdout)["sightings"]
        assert sorted(one["id"] for one in found) == ids
        assert all(0.5 < one["probability"] <= 1 for one in found)
    listed = json.loads(run(folder, "sightings", "list", "--plate", "ends in b", "--json").stdout)["sightings"]
    assert [one["id"] for one in listed] == ["a1", "a2"]
    assert "one by one" in str(run(folder, "plates", "find", "[A-F]1").exception)


def _plated(id_: str, text: str) -> NewSighting:
    read = Plate(Box(0, 0, 9, 3), (), text, 0.9, tuple({character: 0.95} for character in text))
    return replace(seen(id_, "bridge", float(id_[1:]), RED), plate=read, plate_model="reader-1")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        pytest.param(("--sighting", "zz"), "no sighting 'zz'", id="sighting"),
        pytest.param(("--type", "car", "--camera", "brigde"), "did you mean bridge", id="camera"),
        pytest.param(("--type", "car", "--time", "2026-05-04T12:00:00"), "has no zone", id="zone"),
        pytest.param(("nowhere.jpg",), "nowhere.jpg", id="picture"),
        pytest.param(("--plate", "A!B"), "A!B", id="pattern"),
    ],
)
def test_what_cannot_be_done_is_one_line(archive: Path, words: tuple[str, ...], line: str) -> None:
    result = run(archive, "search", *words)
    assert result.exit_code == 1
    said = f"{result.stderr}{result.exception}"
    assert line in said


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="nothing to search"),
        pytest.param(("--type", "spaceship"), id="no such type"),
        pytest.param(("--type", "car", "--camera", "bridge", "--place", "48,11"), id="two places"),
        pytest.param(("--type", "car", "--place", "98,11"), id="not on the earth"),
        pytest.param(("x.jpg", "--box", "1,2,3"), id="not a box"),
    ],
)
def test_wrong_usage_is_exit_2(archive: Path, words: tuple[str, ...]) -> None:
    assert run(archive, "search", *words).exit_code == 2


def test_sightings_are_listed_by_what_is_asked(archive: Path) -> None:
    assert ids(answer(archive, "sightings", "list"), "sightings", "id") == ["a1", "a2", "a3"]
    assert ids(answer(archive, "sightings", "list", "--camera", "depot", "--colour", "red"), "sightings", "id") == [
        "a2"
    ]
    assert ids(answer(archive, "sightings", "list", "--limit", "1"), "sightings", "id") == ["a1"]
    assert ids(answer(archive, "sightings", "list", "--from", "2026-05-04T12:03:00Z"), "sightings", "id") == ["a3"]


def test_an_opened_picture_is_written_and_remembered_in_the_audit(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.jpg"
    document = answer(archive, "sightings", "show", "a1", "--crop", str(target), "--reason", "report")
    assert target.read_bytes() == encode_jpeg(picture(RED))
    assert ids(document, "sightings", "box") == [[5, 6, 60, 40]]
    from index.office import audit
    from index.office.access import local_person

    with Archive.open(archive) as opened:
        entry = list(audit.entries(opened, local_person()))[-1]
    assert (entry.action, entry.reason) == ("open picture", "report")
