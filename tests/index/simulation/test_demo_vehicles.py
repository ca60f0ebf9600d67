"""The demo asks about vehicles that a rule chooses from the truth, whatever the search would answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from index.records import Sighting
from index.simulation.demo_vehicles import recurring_vehicle, single_vehicle
from index.simulation.matching import Match
from index.simulation.questions import KnownSighting, draw_questions
from index.simulation.truth import TruePassage
from reid.vehicle import Attributes, Box, Plate
from tests.ui.cli.conftest import NOON

Pass = tuple[str, str, int, bool]
"""Vehicle, camera, height of the picture in pixels, whether the plate was read."""


def city(passes: list[Pass]) -> tuple[list[Sighting], dict[str, Match], list[TruePassage]]:
    """Return one sighting a passage, ten seconds apart."""
    sightings, matches, passages = [], {}, []
    for number, (vehicle, camera, height_px, read) in enumerate(passes):
        time = NOON + timedelta(seconds=10 * number)
        plate = Plate(Box(0, 0, 9, 3), (), "AB12", 0.9, ()) if read else None
        box = Box(0, 0, 100, height_px)
        sightings.append(
            Sighting(f"s{number}", camera, None, time, time, time, box, Attributes({}, {}), plate, None, ())
        )
        matches[f"s{number}"] = Match(f"s{number}", vehicle, f"p{number}")
        passages.append(TruePassage(f"p{number}", vehicle, camera, time, time, height_px, 0.0, 0.0, True))
    return sightings, matches, passages


def chosen(passes: list[Pass]) -> tuple[str, str, tuple[str, ...], tuple[str, ...]] | None:
    sightings, matches, passages = city(passes)
    known = [KnownSighting(matches[one.id], one.camera, one.best) for one in sightings]
    found = recurring_vehicle(sightings, matches, draw_questions(known, passages, n=99, seed=0))
    return None if found is None else (found.vehicle, found.asked.id, found.cameras, found.unread)


THREE = [("v1", "a", 50, True), ("v1", "b", 60, True), ("v1", "c", 70, True)]


@pytest.mark.parametrize(
    ("passes", "expected"),
    [
        pytest.param(
            [*THREE, ("v2", "a", 90, True), ("v2", "b", 90, False)],
            ("v1", "s2", ("a", "b", "c"), ()),
            id="the most cameras come first, though every one read the plate",
        ),
        pytest.param(
            [*THREE, ("v2", "b", 20, True), ("v2", "a", 90, False), ("v2", "c", 30, True)],
            ("v2", "s5", ("b", "a", "c"), ("a",)),
            id="then a plate that one of them could not read, asked with the largest that was read",
        ),
        pytest.param(
            [*THREE, ("v2", "a", 90, False), ("v2", "b", 90, False), ("v2", "c", 90, False)],
            ("v1", "s2", ("a", "b", "c"), ()),
            id="a plate that none could read is no better",
        ),
        pytest.param(
            [("v1", "a", 50, True), ("v1", "b", 50, False), ("v2", "a", 60, True), ("v2", "b", 50, False)],
            ("v2", "s2", ("a", "b"), ("b",)),
            id="then the clearest picture",
        ),
        pytest.param([("v1", "a", 50, True), ("v1", "a", 50, True)], None, id="one camera is no story"),
    ],
)
def test_the_vehicle_with_the_story_is_chosen(passes: list[Pass], expected: object) -> None:
    assert chosen(passes) == expected


def test_the_vehicle_that_nobody_saw_again_passes_once() -> None:
    sightings, matches, passages = city([*THREE, ("v2", "a", 40, True), ("v3", "b", 90, False), ("v4", "a", 95, True)])
    passages.append(replace(passages[-1], passage="missed", camera="c", counts=False))
    found = single_vehicle(sightings, matches, passages)
    assert found is not None
    assert (found.vehicle, found.asked.id) == ("v2", "s3")


def test_where_every_vehicle_recurs_nobody_is_chosen() -> None:
    assert single_vehicle(*city(THREE)) is None
