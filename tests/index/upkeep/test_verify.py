import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from index.access import audit
from index.access.permissions import local_person
from index.errors import ArchiveError
from index.store.archive import Archive
from index.store.catalogue import models, vectors
from index.store.catalogue.models import StoredModel
from index.upkeep.rebuild import rebuild
from index.upkeep.verify import verify
from tests.index.conftest import MODEL
from tests.index.store.test_archive import chunk_of, packs


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        pytest.param(lambda pack: pack.unlink(), "are gone", id="missing pack"),
        pytest.param(lambda pack: os.truncate(pack, pack.stat().st_size - 1), "cut off", id="short pack"),
        pytest.param(lambda pack: pack.write_bytes(pack.read_bytes().replace(b"2.1", b"2.9")), "changed", id="changed"),
    ],
)
def test_a_broken_picture_is_noticed(archive: Archive, damage: Callable[[Path], object], problem: str) -> None:
    archive.add(chunk_of(1, 2))
    damage(packs(archive)[0])
    assert [line for line in verify(archive) if problem in line and line.startswith("sighting ")]


def test_a_changed_audit_is_noticed(archive: Archive) -> None:
    audit.record(archive, local_person(), "search", {"plate": "KR 1"})
    assert verify(archive) == []
    with archive.catalogue.writing() as connection:
        connection.execute(text("UPDATE audit SET person = 'nobody'"))
    assert verify(archive) == ["audit: the chain is broken at row 1: someone changed the record"]


def test_batches_that_count_more_vectors_than_there_are_are_noticed(archive: Archive) -> None:
    """By these numbers a search believes that every sighting was compared, and says that nobody was seen."""
    archive.add(chunk_of(1, 2))
    assert verify(archive) == []
    with archive.catalogue.writing() as connection:
        connection.execute(text("UPDATE batches SET rows = rows + 1"))
    assert any(line.startswith("batches of ") and "restore a backup" in line for line in verify(archive))


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param("INSERT INTO batches (id, model, rows) SELECT -1, model, 0 FROM batches LIMIT 1", id="below all"),
        pytest.param(
            "INSERT INTO batches (id, model, rows) SELECT -1, 'other', 0 FROM batches LIMIT 1", id="of another model"
        ),
    ],
)
def test_vectors_that_no_search_finds_are_noticed(archive: Archive, batch: str) -> None:
    """Files of vectors are made from the batches of a model: after `rebuild` they were without these, and agreed."""
    archive.add(chunk_of(1, 2))
    rebuild(archive)
    assert verify(archive) == []
    with archive.catalogue.writing() as connection:
        other = StoredModel("other", "appearance", 4)
        models.remember(connection, [other], at=datetime.now(UTC))
        connection.execute(text(batch))
        connection.execute(text("UPDATE vectors SET batch = -1 WHERE sighting = 'sighting-00001'"))
    rebuild(archive)
    assert any("no search finds them" in line for line in verify(archive))


def test_files_are_made_of_the_vectors_of_their_model_alone(archive: Archive) -> None:
    """A batch that was said to be of a model of another length ended rebuilds and searches as an unforeseen error."""
    archive.add(chunk_of(1))
    with archive.catalogue.writing() as connection:
        models.remember(connection, [StoredModel("other", "appearance", 1000)], at=datetime.now(UTC))
        batch = connection.execute(text("SELECT batch FROM vectors")).scalar_one()
        assert list(vectors.of_batches(connection, "other", [batch])) == []
        assert len(list(vectors.of_batches(connection, MODEL, [batch]))) == 1
        connection.execute(text("UPDATE vectors SET data = substr(data, 1, 3)"))
        with pytest.raises(ArchiveError, match="vector is damaged"):
            list(vectors.of_batches(connection, MODEL, [batch]))
