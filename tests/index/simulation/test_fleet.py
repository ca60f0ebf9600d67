from dataclasses import replace

import pytest

from index.errors import ArchiveError
from index.simulation.fleet import TWO_WHEELED_SHARES, FleetVehicle, make_fleet
from index.simulation.options import PRESETS, Preset, preset_named


def _fleet(seed: int, vehicles: int, preset: Preset) -> tuple[FleetVehicle, ...]:
    (fleet,) = make_fleet(seed, vehicles, preset, at_once=vehicles)
    return fleet


@pytest.mark.parametrize("name", PRESETS)
def test_twins_and_unreadable_plates_come_in_their_shares(name: str) -> None:
    preset = preset_named(name)
    fleet = _fleet(3, 400, preset)
    in_pairs = {member.name for member in fleet if member.twin} | {member.twin for member in fleet if member.twin}
    unreadable = sum(member.body.plate.state in ("covered", "absent") for member in fleet)
    assert len(in_pairs) / 400 == pytest.approx(preset.twin_share, abs=0.01)
    assert unreadable / 400 == pytest.approx(preset.unreadable_share + preset.absent_share, abs=0.07)


def test_a_twin_has_the_model_type_and_colour_of_the_other() -> None:
    fleet = {member.name: member.truth for member in _fleet(3, 200, PRESETS["hard"])}
    for vehicle in fleet.values():
        if vehicle.twin:
            other = fleet[vehicle.twin]
            assert (vehicle.model, vehicle.type, vehicle.colour) == (other.model, other.type, other.colour)


def test_only_clones_share_a_plate() -> None:
    plates = [member.truth.plate for member in _fleet(3, 300, PRESETS["normal"]) if member.truth.plate]
    assert len(set(plates)) == len(plates)
    cloned = [member for member in _fleet(3, 600, PRESETS["hard"]) if member.truth.plate]
    assert len({member.truth.plate for member in cloned}) < len(cloned)


def test_an_absent_plate_has_no_text() -> None:
    absent = [m.truth for m in _fleet(3, 300, PRESETS["hard"]) if m.body.plate.state == "absent"]
    assert absent
    assert {vehicle.plate for vehicle in absent} == {None}


def test_the_same_seed_casts_the_same_fleet() -> None:
    first, again, other = (_fleet(seed, 30, PRESETS["normal"]) for seed in (1, 1, 2))
    assert first == again != other


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(ArchiveError, match="easy, normal, hard"):
        preset_named("impossible")


@pytest.mark.parametrize("country", TWO_WHEELED_SHARES)
def test_motorcycles_are_as_common_as_where_the_plates_come_from(country: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.simulation.fleet._HOMES", (country,))
    fleet = _fleet(5, 600, replace(PRESETS["easy"], twin_share=0.0))
    share = sum(member.body.type == "motorcycle" for member in fleet) / len(fleet)
    assert share == pytest.approx(TWO_WHEELED_SHARES[country], abs=0.06)
    cars = [str(member.truth.plate_layout) for member in fleet if member.body.type == "car"]
    assert sum(layout.startswith(country) for layout in cars) > 0.8 * len(cars)
