from collections.abc import Callable

from sqlalchemy import select, text

from index.records import NewSighting
from index.store.catalogue import Catalogue
from index.store.catalogue.columns import among
from index.store.catalogue.tables import plate_readings, sightings
from tests.index.store.catalogue.test_plate_index import add

Make = Callable[..., NewSighting]


def test_the_rows_with_one_of_the_values_are_found(catalogue: Catalogue, new_sighting: Make) -> None:
    add(catalogue, [new_sighting(n, text="AB12") for n in range(4)])
    wanted = ["sighting-00001", "sighting-00003", "it's not there"]
    with catalogue.reading() as connection:
        ids = connection.execute(select(sightings.c.id).where(among(sightings.c.id, wanted))).scalars().all()
        numbers = connection.execute(select(plate_readings.c.number).where(among(plate_readings.c.number, [2, 999])))
        assert sorted(ids) == wanted[:2]
        assert list(numbers.scalars()) == [2]
        assert not connection.execute(select(sightings.c.id).where(among(sightings.c.id, []))).all()


def test_the_same_statement_serves_other_values(catalogue: Catalogue, new_sighting: Make) -> None:
    add(catalogue, [new_sighting(n) for n in range(3)])
    with catalogue.reading() as connection:
        for number in range(3):
            wanted = select(sightings.c.id).where(among(sightings.c.id, [f"sighting-{number:05d}"]))
            assert connection.execute(wanted).scalars().all() == [f"sighting-{number:05d}"]


def test_sqlite_seeks_the_rows_rather_than_reading_all(catalogue: Catalogue) -> None:
    if not catalogue.is_sqlite:
        return
    asked = select(sightings.c.id).where(among(sightings.c.id, ["a"]), sightings.c.deleted_at.is_(None))
    with catalogue.reading() as connection:
        statement = str(asked.compile(connection))
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {statement.replace('?', ':ids')}"), {"ids": '["a"]'}).all()
    assert [row.detail for row in plan if "SEARCH sightings" in row.detail]
    assert not [row.detail for row in plan if "SCAN sightings" in row.detail]
