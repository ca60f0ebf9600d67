from datetime import UTC, datetime

import pytest

from index.errors import ArchiveError
from index.store.catalogue import Catalogue, models
from index.store.catalogue.models import LearnedTime, StoredCalibration, StoredModel

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 7, 1, tzinfo=UTC)


def test_the_newest_calibration_of_a_model_counts(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        for value in (1.0, 2.0):
            models.add_calibration(connection, StoredCalibration("looks", "m", {"slope": value}, "seed 1", NOW))
        assert models.newest_calibration(connection, "looks", "other") is None
        found = models.newest_calibration(connection, "looks", "m")
    assert found == StoredCalibration("looks", "m", {"slope": 2.0}, "seed 1", NOW)


def test_learned_travel_times_are_replaced_together(catalogue: Catalogue) -> None:
    times = [LearnedTime("a", "b", "m", "all", n, {"median_s": 40.5}, NOW) for n in (3,)]
    with catalogue.writing() as connection:
        models.replace_times(connection, "m", [LearnedTime("b", "a", "m", "all", 1, {}, NOW)])
        models.replace_times(connection, "m", times)
        assert models.learned_times(connection, "m") == times


def test_models_are_remembered_once_and_can_be_retired(catalogue: Catalogue) -> None:
    net = StoredModel("net", "appearance", 256, "ab" * 32, "Apache-2.0")
    with catalogue.writing() as connection:
        models.remember(connection, [net], at=NOW)
        models.remember(connection, [net, StoredModel("eye", "detector")], at=LATER)
        assert models.listing(connection, "appearance") == [net]
        models.retire(connection, "net", at=LATER)
        assert [m.id for m in models.listing(connection)] == ["eye"]


def test_vectors_of_another_model_do_not_change_which_is_in_use(catalogue: Catalogue) -> None:
    first, newer = StoredModel("first", "appearance"), StoredModel("newer", "appearance")
    with catalogue.writing() as connection:
        assert models.in_use(connection, "appearance") is None
        models.remember(connection, [first], at=NOW)
        models.remember(connection, [newer, StoredModel("eye", "plate_vector")], at=LATER)
        assert models.in_use(connection, "appearance") == first
        assert models.in_use(connection, "plate_vector") == StoredModel("eye", "plate_vector")


def test_only_a_switch_changes_which_model_is_in_use(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        for id_ in ("first", "second"):
            models.remember(connection, [StoredModel(id_, "appearance")], at=NOW)
        models.put_to_use(connection, "second", at=LATER)
        assert [model.id for model in models.listing(connection, "appearance")] == ["second"]
        models.put_to_use(connection, "first", at=LATER)
        assert [model.id for model in models.listing(connection, "appearance")] == ["first"]


def test_a_model_keeps_the_length_of_its_first_vectors(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        models.remember(connection, [StoredModel("plates", "plate_vector")], at=NOW)
        assert models.dims_of(connection, "plates") == 0
        models.check_dims(connection, "plates", 192)
        models.check_dims(connection, "plates", 192)
        models.retire(connection, "plates", at=LATER)
        assert models.dims_of(connection, "plates") == 192
        with pytest.raises(ArchiveError, match="another model needs another id"):
            models.check_dims(connection, "plates", 64)
