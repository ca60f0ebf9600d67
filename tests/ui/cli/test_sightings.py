"""`retrace sightings`."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from index.map.places import place_book
from index.records import NewChunk
from index.store.archive import Archive
from reid.appearance.marks import AttributeNetwork, installed_attributes
from reid.images import encode_jpeg
from reid.weights import find_weights
from roadgraph.camera import Camera
from tests.ui.cli.commands import answer, run
from tests.ui.cli.conftest import RED, ids, new_sighting, picture


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
    from index.access import audit
    from index.access.permissions import local_person

    with Archive.open(archive) as opened:
        entry = list(audit.entries(opened, local_person()))[-1]
    assert (entry.action, entry.reason) == ("open picture", "report")


def test_a_sighting_that_is_shown_without_its_picture_is_remembered_too(archive: Path) -> None:
    answer(archive, "sightings", "show", "a1", "--reason", "a check")
    from index.access import audit
    from index.access.permissions import local_person

    with Archive.open(archive) as opened:
        entry = list(audit.entries(opened, local_person()))[-1]
    assert (entry.action, entry.detail, entry.reason) == ("show sighting", {"sighting": "a1"}, "a check")


def test_marks_are_told_of_the_model_that_they_were_fitted_on(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as made:
        place_book(made).import_cameras([Camera("bridge", 48.0, 11.0)])
        seen = new_sighting("a1", "bridge", 0, RED)
        vectors = {find_weights("appearance").model_id: np.full((1, 256), 1 / 16, np.float32)}
        made.add(NewChunk(None, None, (replace(seen, vectors=vectors),)))
    (document,) = answer(tmp_path / "archive", "sightings", "show", "a1")["sightings"]  # type: ignore[misc]
    marks = document["vehicle"]["marks"]
    assert set(marks) <= {mark.name for mark in installed().marks}
    assert all(0 <= probability <= 1 for probability in marks.values())


def test_of_another_model_they_are_not_known(archive: Path) -> None:
    (document,) = answer(archive, "sightings", "show", "a1")["sightings"]  # type: ignore[misc]
    assert document["vehicle"]["marks"] is None
    shown = run(archive, "sightings", "show", "a1")
    assert shown.exit_code == 0
    assert "likely" not in shown.output


def installed() -> AttributeNetwork:
    found = installed_attributes()
    assert found is not None
    return found
