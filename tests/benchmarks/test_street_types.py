"""The sightings that one person looked at can be read, and hold nothing but types that there are."""

from benchmarks.street_types import LABELS, read_judged
from reid.vehicle import VEHICLE_TYPES


def test_the_judged_sightings_are_of_eight_clips_and_known_types() -> None:
    judged = read_judged(LABELS)
    sightings = [one for of_clip in judged.values() for one in of_clip]
    assert (len(judged), len(sightings)) == (8, 70)
    assert {type_ for one in sightings for type_ in one.types} == set(VEHICLE_TYPES)
    assert any(one.types == ("van", "truck") for one in sightings)
