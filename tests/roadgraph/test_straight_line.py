import numpy as np
import pytest

from roadgraph.camera_times import CameraTimes
from roadgraph.straight_line import FASTEST_MPS, UNPLACED_S, StraightLines, circle_reached, usual_seconds
from roadgraph.travel_time import PairPassage, TravelTimes

IDS = ("a", "b", "c")
WHERE = {"a": (51.38, -2.36), "b": (51.39, -2.36)}


def straight_times() -> TravelTimes:
    return TravelTimes(CameraTimes.without_roads(IDS), straight=StraightLines.of(IDS, WHERE))


def test_the_scale_grows_with_the_distance_and_is_wide_without_a_place() -> None:
    lines = StraightLines.of(IDS, WHERE)
    metres = lines.metres(np.array([0, 0]), np.array([1, 2]))
    assert metres[0] == pytest.approx(1112, rel=0.01)
    assert np.isnan(metres[1])
    earliest_s, unit_s = lines.scales(np.array([0, 0]), np.array([1, 2]))
    assert earliest_s == pytest.approx([metres[0] / FASTEST_MPS, 0.0])
    assert earliest_s[0] + unit_s[0] == pytest.approx(float(usual_seconds(metres)[0]))
    assert unit_s[1] == UNPLACED_S


def test_longer_distances_never_take_less() -> None:
    metres = np.geomspace(10, 1e6, 200)
    assert (np.diff(usual_seconds(metres)) > 0).all()
    assert (usual_seconds(metres) > metres / FASTEST_MPS).all()


def test_one_pair_and_many_agree_and_no_camera_has_a_way() -> None:
    travel = straight_times()
    starts, ends = np.array([0, 1, 0, 2]), np.array([1, 0, 2, 1])
    earliest_s, unit_s = travel.scales(starts, ends)
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        scale = travel.scale(IDS[start], IDS[end])
        assert scale is not None
        assert (scale.earliest_s, scale.unit_s) == pytest.approx((earliest_s[row], unit_s[row]))
        assert not travel.has_way(IDS[start], IDS[end])


def test_passages_teach_a_pair_without_roads_and_pairs_like_it() -> None:
    travel = straight_times()
    passages = [PairPassage("a", "b", 100.0 + second) for second in range(20)]
    learned = travel.learn(passages)
    assert learned.quantile("a", "b", 0.5) == pytest.approx(110, abs=6)
    rows, table = learned.shape_table(np.array([0, 0, 1]), np.array([1, 2, 0]))
    u = np.zeros(3)
    own = [learned.shape(*pair).log_density(u[:1])[0] for pair in (("a", "b"), ("a", "c"), ("b", "a"))]
    assert table.log_density(rows, u) == pytest.approx(own, abs=1e-6)
    # The pair back has learned from the pair forth: it is surer than before.
    spread = [one.quantile("b", "a", 0.9) / one.quantile("b", "a", 0.1) for one in (travel, learned)]
    assert spread[1] < spread[0]


def test_nobody_leaves_the_circle() -> None:
    (ring,) = circle_reached(51.38, -2.36, 60.0)["coordinates"]  # type: ignore[attr-defined,misc]
    lon, lat = np.array(ring[0]).T
    north_m = (lat.max() - 51.38) * 111_195
    assert north_m == pytest.approx(FASTEST_MPS * 60, rel=0.01)
    assert lon[0] == lon[-1]
