from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from index.catalogue import Catalogue, audit, calibrations, cameras, cases, models, people, travel_times
from index.catalogue.calibrations import StoredCalibration
from index.catalogue.cameras import ClockOffset, StoredCamera
from index.catalogue.cases import Case
from index.catalogue.models import Model
from index.catalogue.people import Person
from index.catalogue.travel_times import LearnedTime
from index.errors import ArchiveError

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 7, 1, tzinfo=UTC)


def test_a_camera_keeps_the_place_it_had(catalogue: Catalogue) -> None:
    moved = StoredCamera("a", 50.0, 16.0, bearing_deg=10.0, valid_from=NOW, views=({"edge": 3, "along_m": 2.5},))
    with catalogue.writing() as connection:
        cameras.move(connection, moved)
        assert [c.lat for c in cameras.listing(connection)] == [50.0, 48.42]
        assert cameras.listing(connection)[0] == moved
        assert [c.lat for c in cameras.listing(connection, NOW.replace(month=5))] == [48.41, 48.42]
        assert [c.valid_to for c in cameras.places(connection, "a")] == [NOW, None]


def test_a_removed_camera_is_unknown_until_it_is_put_again(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        cameras.remove(connection, "b", at=NOW)
        with pytest.raises(ArchiveError, match="no camera 'b'"):
            cameras.known(connection, "b")
        cameras.put(connection, [StoredCamera("b", 1.0, 2.0)])
        assert [(c.id, c.lat) for c in cameras.listing(connection)] == [("a", 48.41), ("b", 1.0)]


def test_a_clock_offset_holds_until_the_next(catalogue: Catalogue) -> None:
    first, second = ClockOffset("a", 2.0, 1.0, 3.0), ClockOffset("a", -5.0, -6.0, -4.0, valid_from=NOW)
    with catalogue.writing() as connection:
        cameras.set_offset(connection, first)
        cameras.set_offset(connection, second)
        assert cameras.offsets(connection) == {"a": second}
        assert cameras.offsets(connection, NOW.replace(month=5))["a"].offset_s == 2.0
        assert cameras.offsets(connection, LATER)["a"].offset_s == -5.0


def test_the_last_admin_stays(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        people.add(connection, Person("maria", "admin"), at=NOW)
        people.add(connection, Person("paul", "viewer"), at=NOW)
        with pytest.raises(ArchiveError, match="last admin"):
            people.set_role(connection, "maria", "viewer")
        with pytest.raises(ArchiveError, match="last admin"):
            people.remove(connection, "maria", at=NOW)
        people.set_role(connection, "paul", "admin")
        people.remove(connection, "maria", at=NOW)
        assert people.listing(connection) == [Person("paul", "admin")]
        people.add(connection, Person("maria", "viewer"), at=NOW)
        assert people.get(connection, "maria") == Person("maria", "viewer")


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Person("local", "viewer"), "sits at this machine"),
        (Person(" ", "viewer"), "without a name"),
        (Person("x", "king"), "no role"),
    ],
)
def test_an_account_needs_a_name_and_a_role(catalogue: Catalogue, person: Person, why: str) -> None:
    with pytest.raises(ArchiveError, match=why), catalogue.writing() as connection:
        people.add(connection, person, at=NOW)


def test_a_case_number_is_given_once_and_a_closed_case_takes_no_marks(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        cases.add(connection, Case("7", "hit and run", "x", NOW))
        with pytest.raises(ArchiveError, match="exists already"):
            cases.add(connection, Case("7", "again", "x", NOW))
        with pytest.raises(ArchiveError, match="no sighting"):
            cases.mark(connection, cases.Mark("7", "nobody", "yes", "x", NOW))
        assert cases.close(connection, "7", at=NOW).closed_at == NOW
        with pytest.raises(ArchiveError, match="was closed"):
            cases.mark(connection, cases.Mark("7", "nobody", "yes", "x", NOW))


def test_the_newest_calibration_of_a_model_counts(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        for value in (1.0, 2.0):
            calibrations.add(connection, StoredCalibration("looks", "m", {"slope": value}, "seed 1", NOW))
        assert calibrations.newest(connection, "looks", "other") is None
        found = calibrations.newest(connection, "looks", "m")
    assert found == StoredCalibration("looks", "m", {"slope": 2.0}, "seed 1", NOW)


def test_learned_travel_times_are_replaced_together(catalogue: Catalogue) -> None:
    learned = [LearnedTime("a", "b", "m", "all", n, {"median_s": 40.5}, NOW) for n in (3,)]
    with catalogue.writing() as connection:
        travel_times.replace(connection, "m", [LearnedTime("b", "a", "m", "all", 1, {}, NOW)])
        travel_times.replace(connection, "m", learned)
        assert travel_times.listing(connection, "m") == learned


def test_models_are_remembered_once_and_can_be_retired(catalogue: Catalogue) -> None:
    net = Model("net", "appearance", 256, "ab" * 32, "Apache-2.0")
    with catalogue.writing() as connection:
        models.remember(connection, [net], at=NOW)
        models.remember(connection, [net, Model("eye", "detector")], at=LATER)
        assert models.listing(connection, "appearance") == [net]
        models.retire(connection, "net", at=LATER)
        assert [m.id for m in models.listing(connection)] == ["eye"]


def test_a_model_keeps_the_length_of_its_first_vectors(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        models.remember(connection, [Model("plates", "plate_vector")], at=NOW)
        assert models.dims_of(connection, "plates") == 0
        models.check_dims(connection, "plates", 192)
        models.check_dims(connection, "plates", 192)
        models.retire(connection, "plates", at=LATER)
        assert models.dims_of(connection, "plates") == 192
        with pytest.raises(ArchiveError, match="another model needs another id"):
            models.check_dims(connection, "plates", 64)


def write_audit(catalogue: Catalogue, rows: int) -> None:
    for number in range(rows):
        with catalogue.writing() as connection:
            audit.append(
                connection, at=NOW, person="maria", action="search", detail={"n": number}, reason="ü", case="7"
            )


def test_an_untouched_chain_holds(catalogue: Catalogue) -> None:
    write_audit(catalogue, 3)
    with catalogue.reading() as connection:
        chain = audit.check(connection)
        entries = list(audit.listing(connection))
        newest = list(audit.listing(connection, newest=1))
    assert (chain.ok, chain.rows, chain.head) == (True, 3, entries[-1].digest)
    assert [entry.detail["n"] for entry in entries] == [0, 1, 2]
    assert newest == entries[-1:]


def test_rows_that_are_added_at_once_make_one_chain(catalogue: Catalogue) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: write_audit(catalogue, 4), range(4)))
    with catalogue.reading() as connection:
        chain = audit.check(connection)
    assert (chain.ok, chain.rows) == (True, 16)


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        pytest.param("UPDATE audit SET person = 'paul' WHERE number = 2", 2, id="changed"),
        pytest.param("DELETE FROM audit WHERE number = 2", 2, id="taken out"),
        pytest.param("DELETE FROM audit WHERE number = 3", 3, id="cut off"),
        pytest.param("UPDATE audit SET reason = NULL WHERE number = 1", 1, id="reason wiped"),
    ],
)
def test_a_touched_chain_is_noticed(catalogue: Catalogue, tampering: str, broken_at: int) -> None:
    write_audit(catalogue, 3)
    with catalogue.writing() as connection:
        connection.exec_driver_sql(tampering)
    with catalogue.reading() as connection:
        assert audit.check(connection).broken_at == broken_at
