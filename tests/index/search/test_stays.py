"""A vehicle that stays in one camera's picture passes no other camera meanwhile."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import local_person
from index.answers import Query
from index.map.places import current_places
from index.records import NewSighting
from index.search.calibration import packaged_calibration
from index.search.drives import USUAL_DOUBT, Drives
from index.search.measured import measure
from index.search.search import search
from index.search.stays import TWO_IN_ONE, Stays, log_meanwhile
from index.search.travel import travel_llr
from tests.index.search.straight_street import make, others, seen


def waiting(sighting: NewSighting, *, before_s: float = 1.0, after_s: float = 1.0) -> NewSighting:
    first, last = sighting.best - timedelta(seconds=before_s), sighting.best + timedelta(seconds=after_s)
    return replace(sighting, first=first, last=last)


def probabilities(folder: Path, sightings: Sequence[NewSighting], *asked: str) -> list[dict[str, float]]:
    """Return the probabilities of the others, for each sighting that is asked about."""
    with make(folder, [*sightings, *others()]) as archive:
        answers = [list(search(archive, Query(sighting=id_, top=100), local_person()))[-1] for id_ in asked]
    return [{one.sighting.id: one.probability or 0.0 for one in answer.candidates} for answer in answers]


def test_what_passes_elsewhere_while_it_waits_is_another_vehicle(tmp_path: Path) -> None:
    """It was parked for an hour, and one that looks like it, a minute later and a block away, had 90 %."""
    alike, parked = seen("alike", "c2", 70, 0), waiting(seen("q", "c1", 0, 0), after_s=3600.0)
    passed = probabilities(tmp_path / "passed", [seen("q", "c1", 0, 0), alike], "q")
    waited = probabilities(tmp_path / "waited", [parked, alike], "q", "alike")
    assert waited[0]["alike"] < 0.6 < 0.8 < passed[0]["alike"]
    assert waited[1]["q"] < 0.6


def test_a_wait_at_a_light_changes_nothing_of_what_comes_after_or_before(tmp_path: Path) -> None:
    after, before = seen("after", "c2", 170, 0), seen("before", "c3", -140, 0)
    waited = [waiting(seen("q", "c1", 0, 0), before_s=12.0, after_s=90.0), after, before]
    (found,) = probabilities(tmp_path / "waited", waited, "q")
    (passed,) = probabilities(tmp_path / "passed", [seen("q", "c1", 0, 0), after, before], "q")
    for id_ in ("after", "before"):
        assert found[id_] == pytest.approx(passed[id_], abs=0.01)


def test_of_two_that_wait_one_alone_is_in_the_story(tmp_path: Path) -> None:
    both = [waiting(seen("here", "c3", 200, 0), after_s=900.0), seen("there", "c5", 400, 0)]
    (found,) = probabilities(tmp_path, [seen("q", "c1", 0, 0), *both], "q")
    assert min(found["here"], found["there"]) < 0.5


def test_a_stay_excludes_nothing_and_one_camera_is_no_drive(tmp_path: Path) -> None:
    with make(tmp_path, [seen("q", "c1", 0, 0)]) as archive:
        drives = Drives(current_places(archive).travel, doubt=USUAL_DOUBT)
        stays = Stays.of(drives.codes(["c1", "c2", "c1", "nowhere"]), np.zeros(4), np.zeros(4), np.full(4, 3600.0))
        possible = np.exp(log_meanwhile(drives, stays.by_row(), stays))
    expected = np.ones((4, 4))
    expected[[0, 1, 1, 2], [1, 0, 2, 1]] = TWO_IN_ONE
    assert possible == pytest.approx(expected)


def test_a_stay_that_one_camera_saw_in_pieces_is_not_excluded_by_its_second_piece(tmp_path: Path) -> None:
    """It waited at a light, a bus hid it for two seconds, and what was seen after that had 0 %, with the same plate."""
    waited = waiting(seen("q", "c1", 0, 0, text="AB123C"), after_s=9.0)
    (found,) = probabilities(tmp_path, [waited, seen("again", "c1", 20, 0, text="AB123C")], "q")
    assert found["again"] > 0.5


def test_a_stay_of_an_hour_speaks_against_no_other_piece_of_it(tmp_path: Path) -> None:
    pieces = waiting(seen("q", "c1", 0, 0), after_s=1000.0), waiting(seen("again", "c1", 1700, 0), before_s=697.0)
    (found,) = probabilities(tmp_path / "pieces", pieces, "q")
    (passed,) = probabilities(tmp_path / "passed", [seen("q", "c1", 0, 0), seen("again", "c1", 1700, 0)], "q")
    assert found["again"] == pytest.approx(passed["again"], abs=0.01)


def test_what_the_same_camera_sees_beside_a_parked_vehicle_is_another_one(tmp_path: Path) -> None:
    """One that looks like it, past the same camera while it was parked there, had 85 %."""
    parked = waiting(seen("q", "c1", 0, 0), after_s=3600.0)
    (beside,) = probabilities(tmp_path, [parked, seen("alike", "c1", 100, 0)], "q")
    assert beside["alike"] < 0.5


def test_what_the_same_camera_sees_at_once_is_said_as_what_it_is(tmp_path: Path) -> None:
    """It said that the time between hardly allows the drive: there is none."""
    parked = waiting(seen("q", "c1", 0, 0), after_s=3600.0)
    with make(tmp_path, [parked, seen("alike", "c1", 100, 0), seen("far", "c2", 200, 0), *others()]) as archive:
        *_, last = search(archive, Query(sighting="q", top=100), local_person())
    reasons = {one.sighting.id: [str(reason) for reason in one.reasons] for one in last.candidates}
    assert "this camera saw both at once" in reasons["alike"]
    assert "the time between hardly allows the drive" not in reasons["alike"]
    assert "this camera saw both at once" not in reasons["far"]


@pytest.mark.parametrize(("slack_s", "least", "most"), [(0.0, 0.0, 0.02), (600.0, 0.2, 1.0)])
def test_a_stay_elsewhere_at_a_moment_that_may_be_off_speaks_little_against(
    tmp_path: Path, slack_s: float, least: float, most: float
) -> None:
    """A search that allowed the moment to be ten minutes off held the stay against it as if it were exact."""
    asked, elsewhere = seen("q", "c1", 0, 0), waiting(seen("stays", "c3", 250, 0), before_s=350.0, after_s=60.0)
    with make(tmp_path, [asked, elsewhere, *others()]) as archive:
        measured = measure(archive, Query(sighting="q", slack_s=slack_s), local_person())
    row = measured.ids.index("stays")
    assert least <= np.exp(measured.possible[row]) <= most + 0.01


def test_of_two_with_one_plate_in_one_picture_hardly_both_are_it(tmp_path: Path) -> None:
    """Both had 99 %, as if it had come back while it was still there."""
    parked = waiting(seen("parked", "c1", 0, 0, text="AB123C"), after_s=1200.0)
    with make(tmp_path, [parked, seen("beside", "c1", 600, 0, text="AB123C"), *others()]) as archive:
        *_, last = search(archive, Query(plate="AB123C"), local_person())
    found = {one.sighting.id: one.probability or 0.0 for one in last.candidates}
    assert min(found["parked"], found["beside"]) < 0.9


def test_a_calibration_is_fitted_on_what_a_stay_tells_in_a_search(tmp_path: Path) -> None:
    alike, parked = seen("alike", "c2", 70, 0), waiting(seen("q", "c1", 0, 0), after_s=3600.0)
    with make(tmp_path, [parked, alike, *others()]) as archive:
        measured = measure(archive, Query(sighting="q"), local_person())
        travel = next(
            one for one in search(archive, Query(sighting="q"), local_person()) if one.stages[-1].name == "travel"
        )
    share = packaged_calibration().drive_share(measured.window_s)
    row = measured.ids.index("alike")
    found = next(one.evidence.travel for one in travel.candidates if one.sighting.id == "alike")
    assert travel_llr(measured.drive, measured.possible, share)[row] == pytest.approx(found)
    assert found is not None
    assert found < -1
