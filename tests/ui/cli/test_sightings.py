"""`retrace sightings`."""

from pathlib import Path

from index.store.archive import Archive
from reid.images import encode_jpeg
from tests.ui.cli.commands import answer
from tests.ui.cli.conftest import RED, ids, picture


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
