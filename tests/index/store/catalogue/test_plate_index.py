"""Plates are found by any part of them, on both databases as by trying every text."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from sqlalchemy import text

from index.access.permissions import local_person
from index.records import CropRef, NewChunk, NewSighting
from index.store.archive import Archive
from index.store.catalogue import Catalogue, models, plate_index, schema, sighting_writing
from index.store.catalogue.models import StoredModel
from index.upkeep.rebuild import rebuild
from index.upkeep.retention import purge
from index.upkeep.verify import verify
from reid.plates.pattern import compile_pattern
from reid.vehicle import Plate
from tests.index.conftest import make_sighting

Make = Callable[..., NewSighting]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
PATTERNS = (
    "AB*", "*7", "contains 71", "?B?1*", "*A?7*", "[AB|BA]*", "~O1*", "##@@", "*A*1*7*", "A|B|*77", "???", "*[A7]1*",
)  # fmt: skip


def plate_like(new: NewSighting, *positions: dict[str, float]) -> Plate:
    assert new.plate is not None
    best = "".join(max(position, key=position.__getitem__) for position in positions)
    return Plate(new.plate.box, new.plate.corners, best, 0.9, positions)


def add(catalogue: Catalogue, news: Sequence[NewSighting]) -> None:
    crops = [[CropRef("pack", 15 + n, 10, f"{n:064x}") for n, _ in enumerate(new.shots)] for new in news]
    with catalogue.writing() as connection:
        models.remember(connection, [StoredModel("reader-1", "plate_reader")], at=NOW)
        sighting_writing.add(connection, news, crops, footage=None, chunk=None, added_at=NOW)


def found(catalogue: Catalogue, pattern: str, limit: int | None = None) -> list[str]:
    with catalogue.reading() as connection:
        return plate_index.find(connection, compile_pattern(pattern), limit=limit)


def sure(new: NewSighting, read: str) -> NewSighting:
    return replace(new, plate=plate_like(new, *({character: 1.0} for character in read)))


def test_any_pattern_finds_what_trying_every_text_finds(catalogue: Catalogue, new_sighting: Make) -> None:
    rng = np.random.default_rng(5)
    texts = ["".join(rng.choice(list("AB170O"), rng.integers(1, 6))) for _ in range(300)]
    add(catalogue, [sure(new_sighting(n, text="x", shots=1), read) for n, read in enumerate(texts)])
    for pattern in PATTERNS:
        compiled = compile_pattern(pattern)
        expected = {f"sighting-{n:05d}" for n, read in enumerate(texts) if compiled.matches(read)}
        assert expected, pattern
        answer = found(catalogue, pattern)
        assert (len(answer), set(answer)) == (len(expected), expected), pattern


def test_so_many_are_found_as_asked_for_and_always_the_same(catalogue: Catalogue, new_sighting: Make) -> None:
    add(catalogue, [sure(new_sighting(n, text="x", shots=1), f"7A{n:03d}7") for n in range(40)])
    assert found(catalogue, "*7*", 10) == found(catalogue, "*7*", 10) == found(catalogue, "*7*")[:10]


def test_a_plate_is_found_by_its_second_best_character(catalogue: Catalogue, new_sighting: Make) -> None:
    new = new_sighting(1, text="x")
    doubtful = plate_like(new, {"A": 1.0}, {"8": 0.6, "B": 0.35, "S": 0.01}, {"1": 1.0})
    add(catalogue, [replace(new, plate=doubtful)])
    assert found(catalogue, "A81") == found(catalogue, "AB1") == [new.id]
    assert found(catalogue, "AS1") == []


def test_a_forgotten_plate_is_not_found(catalogue: Catalogue, new_sighting: Make) -> None:
    add(catalogue, [sure(new_sighting(n, text="x"), "AB123") for n in range(2)])
    with catalogue.writing() as connection:
        sighting_writing.forget(connection, ["sighting-00000"], at=NOW)
    assert found(catalogue, "AB*") == ["sighting-00001"]


def test_a_purge_leaves_nothing_of_the_text(archive_on_each: Archive, new_sighting: Make) -> None:
    news = [sure(new_sighting(n, text="x"), "AB123" if n < 2 else "XY789") for n in range(4)]
    archive_on_each.add(NewChunk(None, None, tuple(news)))
    assert verify(archive_on_each) == []
    purge(archive_on_each, news[1].best + timedelta(seconds=1), local_person())
    with archive_on_each.catalogue.reading() as connection:
        rows = connection.execute(text("SELECT rotation FROM plate_rotations")).scalars().all()
        assert not [rotation for rotation in rows if "A" in rotation]
        assert plate_index.find(connection, compile_pattern("XY*")) == [new.id for new in news[2:]]
    assert verify(archive_on_each) == []


def test_a_list_that_lost_something_is_noticed_and_made_again(archive_on_each: Archive, new_sighting: Make) -> None:
    archive_on_each.add(NewChunk(None, None, tuple(sure(new_sighting(n, text="x"), "AB123") for n in range(3))))
    with archive_on_each.catalogue.writing() as connection:
        connection.execute(text("DELETE FROM plate_rotations WHERE rotation LIKE 'B%'"))
    assert any("rotations" in line for line in verify(archive_on_each))
    rebuild(archive_on_each)
    assert verify(archive_on_each) == []
    with archive_on_each.catalogue.writing() as connection:
        connection.execute(text("DELETE FROM plate_rotations"))
        connection.execute(text("DELETE FROM plate_readings"))
    assert any("3 cannot be found" in line for line in verify(archive_on_each))
    rebuild(archive_on_each)
    with archive_on_each.catalogue.reading() as connection:
        assert len(plate_index.find(connection, compile_pattern("*B1*"))) == 3


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE plate_rotations SET rotation = 'B99eA' WHERE rotation LIKE 'B1%'",
        "UPDATE plate_rotations SET reading = reading + 1 WHERE reading = 1",
        "UPDATE plate_readings SET text = 'AB124'",
    ],
)
def test_an_edited_list_is_noticed(archive: Archive, new_sighting: Make, edit: str) -> None:
    """As many as before, so that nothing seemed to be missing: the vehicle was found by no part of its plate."""
    archive.add(NewChunk(None, None, (sure(new_sighting(1, text="x"), "AB12"),)))
    assert verify(archive) == []
    with archive.catalogue.writing() as connection:
        connection.execute(text(edit))
    assert any("run retrace rebuild" in line for line in verify(archive))


@pytest.fixture(params=["sqlite", "postgres"])
def first_schema(request: pytest.FixtureRequest, tmp_path: Path) -> Catalogue:
    """A catalogue as the first release made it, with two plates."""
    if request.param == "sqlite":
        catalogue = Catalogue.embedded(tmp_path / "old.sqlite")
    else:
        catalogue = Catalogue.served(request.getfixturevalue("postgres_url"))
    with catalogue.writing() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO cameras (id) VALUES ('a')"))
        connection.execute(text("INSERT INTO models (id, kind, added_at) VALUES ('r', 'plate_reader', 0)"))
        for id_, read in (("s1", "KR12AB"), ("s2", None), ("s3", "W7")):
            connection.execute(
                text(
                    "INSERT INTO sightings (id, camera, first, best, last, x, y, width, height, types, colours, "
                    "added_at) VALUES (:id, 'a', 0, 0, 0, 0, 0, 1, 1, '{}', '{}', 0)"
                ),
                {"id": id_},
            )
            connection.execute(
                text(
                    "INSERT INTO plates (sighting, model, text, confidence, box, corners, characters) "
                    "VALUES (:id, 'r', :read, 0.5, '[0,0,1,1]', '[]', '[]')"
                ),
                {"id": id_, "read": read},
            )
    return catalogue


def test_plates_of_the_first_schema_are_found_after_the_migration(first_schema: Catalogue, new_sighting: Make) -> None:
    assert not schema.is_current(first_schema)
    schema.migrate(first_schema)
    assert found(first_schema, "*12*") == ["s1"]
    assert found(first_schema, "W?") == ["s3"]
    add(first_schema, [sure(new_sighting(0, camera="a", text="x"), "KR999")])
    assert sorted(found(first_schema, "KR*")) == ["s1", "sighting-00000"]
    first_schema.close()


def test_a_text_longer_than_any_plate_is_stored_but_not_listed(archive: Archive) -> None:
    long = make_sighting(1, text="X" * 1000)
    archive.add(NewChunk(None, None, (long, make_sighting(2, text="KR1"))))
    with archive.catalogue.reading() as connection:
        longest = connection.execute(text("SELECT max(length(rotation)) FROM plate_rotations")).scalar_one()
    assert longest == len("KR1") + 1
    assert verify(archive) == []
