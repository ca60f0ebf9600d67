"""`retrace search` and `retrace plates find`."""

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.map.places import place_book
from index.records import NewChunk, NewSighting
from index.store.archive import Archive
from index.store.catalogue import cases
from reid.images import encode_jpeg, encode_png
from reid.vehicle import Box, Plate
from roadgraph.camera import Camera
from tests.ui.cli.commands import answer, run
from tests.ui.cli.conftest import BLUE, RED, ids, new_sighting, picture


def test_a_search_by_sighting_has_every_field_of_the_contract(archive: Path) -> None:
    document = answer(archive, "search", "--sighting", "a1")
    names = {"query", "stages", "candidates", "itinerary", "alternatives", "area_now", "area_likely", "searched"}
    assert names <= set(document)
    assert ids(document, "candidates", "sighting") == ["a2", "a3"]
    first = document["candidates"][0]  # type: ignore[index]
    assert set(first) >= {"sighting", "camera", "time", "probability", "why", "evidence", "crop", "vehicle"}
    assert set(first["evidence"]) == {"appearance", "plate", "travel", "direction", "way_back", "links"}
    assert set(first["crop"]) == {"pack", "offset", "length", "sha256"}
    assert first["vehicle"]["type"] == "car"
    assert first["time"] == "2026-05-04T12:01:30Z"
    searched: dict[str, object] = document["searched"]  # type: ignore[assignment]
    assert set(searched) == {"cameras", "sightings", "inside", "compared", "of", "ruled_out", "unwatched", "gaps"}


def test_a_picture_is_the_crop_and_a_box_cuts_it_out(archive: Path, tmp_path: Path) -> None:
    crop, frame = tmp_path / "crop.jpg", tmp_path / "frame.jpg"
    crop.write_bytes(encode_jpeg(picture(BLUE)))
    around = np.full((200, 300, 3), 90, dtype=np.uint8)
    around[50:90, 100:160] = picture(BLUE)
    frame.write_bytes(encode_jpeg(around))
    assert ids(answer(archive, "search", str(crop)), "candidates", "sighting")[0] == "a3"
    assert ids(answer(archive, "search", str(frame), "--box", "100,50,60,40"), "candidates", "sighting")[0] == "a3"


def test_a_box_without_a_picture_is_refused(archive: Path) -> None:
    refused = run(archive, "search", "--plate", "KR1", "--box", "1,2,30,40")
    assert refused.exit_code == 2
    assert "--box says where the vehicle is in an IMAGE, and none is given" in refused.stderr


def test_that_no_vehicle_was_found_in_a_picture_is_said(archive: Path, tmp_path: Path) -> None:
    """A picture of noise was "probably not seen by these cameras: 92 %", and nothing else was said."""
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    (tmp_path / "noise.png").write_bytes(encode_png(noise))
    assert "no vehicle was found in" in run(archive, "search", str(tmp_path / "noise.png")).stderr
    assert "no vehicle" not in run(archive, "search", str(tmp_path / "noise.png"), "--box", "0,0,300,200").stderr


@pytest.mark.parametrize(
    ("image", "why"),
    [
        pytest.param(np.zeros((1, 1, 3), np.uint8), "empty.png is 1 x 1 pixels, too small", id="one pixel"),
        pytest.param(np.full((30, 40, 3), 120, np.uint8), "empty.png shows a single colour", id="flat"),
        pytest.param(np.pad(picture(RED), ((0, 40), (0, 0), (0, 0))), "the box of empty.png shows", id="flat box"),
    ],
)
def test_a_picture_that_shows_no_vehicle_is_refused(archive: Path, tmp_path: Path, image: np.ndarray, why: str) -> None:
    path = tmp_path / "empty.png"
    path.write_bytes(encode_png(image))
    result = run(archive, "search", str(path), "--box", "0,40,60,40")
    assert result.exit_code == 1
    assert why in str(result.exception).replace(f"{tmp_path}/", "")


def test_lines_for_a_person_name_cameras_chances_and_what_was_searched(archive: Path) -> None:
    result = run(archive, "search", "--sighting", "a1")
    assert result.exit_code == 0
    assert "depot" in result.stdout
    assert "Searched 2 cameras, 3 of 3 sightings." in result.stdout
    assert "no footage" in result.stdout


def test_times_of_steps_are_told_only_if_asked_for(archive: Path) -> None:
    assert "appearance" not in run(archive, "search", "--sighting", "a1").stderr
    assert "appearance" in run(archive, "search", "--sighting", "a1", "--verbose").stderr


def test_times_are_those_of_this_machine(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", "Europe/Vienna")
            time.tzset()
            lines = run(archive, "search", "--sighting", "a1").stdout
    finally:
        time.tzset()
    assert "time (CEST, UTC+02:00)" in lines
    assert "2026-05-04 14:01:30" in lines
    assert answer(archive, "search", "--sighting", "a1")["candidates"][0]["time"] == "2026-05-04T12:01:30Z"


def test_what_was_left_out_is_told_apart_from_what_has_no_footage(archive: Path) -> None:
    lines = run(archive, "search", "--sighting", "a1", "--cameras", "depot").stdout
    assert "not searched: 1 of 2 cameras, the question leaves them out, or they cannot be reached in time" in lines
    assert "not searched" not in run(archive, "search", "--sighting", "a1").stdout


def test_pictures_asked_with_for_a_case_are_kept(archive: Path, tmp_path: Path) -> None:
    crop = tmp_path / "crop.jpg"
    crop.write_bytes(encode_jpeg(picture(BLUE)))
    answer(archive, "case", "new", "7")
    answer(archive, "search", str(crop), "--case", "7")
    with Archive.open(archive) as opened, opened.catalogue.reading() as connection:
        assert len(cases.pictures_of(connection, "7")) == 1


def test_plates_are_found_by_what_is_known_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with Archive.create(folder) as made:
        place_book(made).import_cameras([Camera("bridge", 48.0, 11.0, 90.0)])
        texts = {"a1": "KR123AB", "a2": "KR877AB", "a3": "W1"}
        made.add(NewChunk(None, None, tuple(_plated(id_, text) for id_, text in texts.items())))
    for pattern, expected in (("contains 77", ["a2"]), ("[KR|P]*", ["a1", "a2"]), ("W?|*3A@", ["a1", "a3"])):
        found = json.loads(run(folder, "plates", "find", pattern, "--json").stdout)["sightings"]
        assert sorted(sighting["id"] for sighting in found) == expected
        assert all(0.5 < sighting["probability"] <= 1 for sighting in found)
    listed = json.loads(run(folder, "sightings", "list", "--plate", "ends in b", "--json").stdout)["sightings"]
    assert [sighting["id"] for sighting in listed] == ["a1", "a2"]
    assert "one by one" in str(run(folder, "plates", "find", "[A-F]1").exception)
    cut = run(folder, "plates", "find", "KR*", "--limit", "1").output
    assert cut.endswith("more than 1 fit; these are some of them, not the likeliest of all: raise --limit\n")
    assert "more than" not in run(folder, "plates", "find", "KR*", "--limit", "2").output


def _plated(id_: str, text: str) -> NewSighting:
    read = Plate(Box(0, 0, 9, 3), (), text, 0.9, tuple({character: 0.95} for character in text))
    return replace(new_sighting(id_, "bridge", float(id_[1:]), RED), plate=read, plate_model="reader-1")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        pytest.param(("--sighting", "zz"), "no sighting 'zz'", id="sighting"),
        pytest.param(("--type", "car", "--camera", "brigde"), "did you mean bridge", id="camera"),
        pytest.param(("--type", "car", "--time", "2026-05-04T12:00:00"), "has no zone", id="zone"),
        pytest.param(
            ("--type", "car", "--time", "2026-05-04+02:00Z"), "is not a time", id="a day taken for two o'clock"
        ),
        pytest.param(("nowhere.jpg",), "nowhere.jpg", id="picture"),
        pytest.param(("--plate", "A!B"), "A!B", id="pattern"),
    ],
)
def test_what_cannot_be_done_is_one_line(archive: Path, words: tuple[str, ...], line: str) -> None:
    result = run(archive, "search", *words)
    assert result.exit_code == 1
    text = f"{result.stderr}{result.exception}"
    assert line in text


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


def test_settings_that_came_with_an_archive_are_said_with_each_answer(
    archive: Path,
) -> None:
    """Somebody else's archive made a search of ours weigh other anchors, and nothing said so."""
    assert answer(archive, "search", "--sighting", "a1")["settings"] == []
    (archive / "retrace.toml").write_text("[search]\narea_probability = 0\nshortlist = 1\n")
    said = ["shortlist = 1 (else 5000)", "area_probability = 0 (else 0.9)"]
    assert answer(archive, "search", "--sighting", "a1")["settings"] == said
    words = run(archive, "search", "--sighting", "a1").stdout
    assert f"Not searched as usual (by this archive, or the environment): {', '.join(said)}." in words
    assert said in [row["detail"].get("settings") for row in answer(archive, "audit", "list")["entries"]]


def test_each_hit_has_its_marks_if_they_can_be_told(archive: Path) -> None:
    first = answer(archive, "search", "--sighting", "a1")["candidates"][0]
    assert first["vehicle"]["marks"] is None
