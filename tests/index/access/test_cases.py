import numpy as np
import pytest

from index.access import audit
from index.access.cases import close_case, keep_pictures, mark_sighting, open_case, read_case, show_others, write_note
from index.access.permissions import local_person
from index.errors import ArchiveError
from index.records import NewChunk
from index.store.archive import Archive
from index.store.catalogue import cases
from tests.index.conftest import make_sighting

LOCAL = local_person()


def test_the_last_mark_of_a_sighting_counts_and_every_change_is_audited(archive: Archive) -> None:
    archive.add(NewChunk(None, None, (make_sighting(1), make_sighting(2))))
    open_case(archive, LOCAL, "2026-7", "hit and run")
    for sighting, verdict in (("sighting-00001", "yes"), ("sighting-00002", "no"), ("sighting-00001", "unsure")):
        mark_sighting(archive, LOCAL, "2026-7", sighting, verdict)
    with archive.catalogue.reading() as connection:
        verdicts = [(mark.sighting, mark.verdict) for mark in cases.marks_of(connection, "2026-7")]
    assert verdicts == [("sighting-00002", "no"), ("sighting-00001", "unsure")]
    close_case(archive, LOCAL, "2026-7")
    with pytest.raises(ArchiveError, match="was closed"):
        mark_sighting(archive, LOCAL, "2026-7", "sighting-00001", "yes")
    actions = [(entry.action, entry.case) for entry in audit.entries(archive, LOCAL)]
    assert actions == [("open case", "2026-7"), *[("mark sighting", "2026-7")] * 3, ("close case", "2026-7")]
    assert audit.check(archive, LOCAL).ok


def test_a_refused_change_leaves_no_audit_row(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="no case"):
        mark_sighting(archive, LOCAL, "none", "sighting-00001", "yes")
    open_case(archive, LOCAL, "1", "")
    with pytest.raises(ArchiveError, match="no verdict"):
        mark_sighting(archive, LOCAL, "1", "sighting-00001", "maybe")
    assert [entry.action for entry in audit.entries(archive, LOCAL)] == ["open case"]


def test_notes_pictures_and_who_is_shown_stay_with_the_case(archive_on_each: Archive) -> None:
    archive = archive_on_each
    archive.add(NewChunk(None, None, (make_sighting(1),)))
    open_case(archive, LOCAL, "2026-7", "")
    write_note(archive, LOCAL, "2026-7", "first")
    write_note(archive, LOCAL, "2026-7", "about it", sighting="sighting-00001")
    assert [(note.text, note.sighting) for note in read_case(archive, LOCAL, "2026-7").notes] == [
        ("first", None),
        ("about it", "sighting-00001"),
    ]
    picture = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    keep_pictures(archive, LOCAL, "2026-7", [picture, picture])
    with archive.catalogue.reading() as connection:
        assert len(cases.pictures_of(connection, "2026-7")) == 1
    assert show_others(archive, LOCAL, "2026-7", "order 12").show_others == "order 12"
    assert show_others(archive, LOCAL, "2026-7", None).show_others is None
    close_case(archive, LOCAL, "2026-7")
    for change in (
        lambda: write_note(archive, LOCAL, "2026-7", "late"),
        lambda: show_others(archive, LOCAL, "2026-7", "late"),
    ):
        with pytest.raises(ArchiveError, match="was closed"):
            change()
    keep_pictures(archive, LOCAL, "2026-7", [picture + 1])
    assert audit.check(archive, LOCAL).ok


def test_a_note_in_the_audit_is_a_hash_only(archive: Archive) -> None:
    open_case(archive, LOCAL, "1", "")
    write_note(archive, LOCAL, "1", "the name of a witness")
    (_, row) = audit.entries(archive, LOCAL)
    assert "witness" not in str(row)
    assert len(row.detail["sha256"]) == 64
