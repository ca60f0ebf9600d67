"""Read headings in pictures as one camera's, though it was turned or moved between them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from index.records import SightingBrief
from index.store.catalogue.cameras import StoredCamera
from roadgraph.way_past import Pose


def headings_as_posed(
    headings: Mapping[str, float],
    seen: Iterable[tuple[SightingBrief, datetime]],
    history: Sequence[StoredCamera],
    poses: Mapping[str, Pose],
) -> dict[str, float]:
    """Return headings as if each camera had always stood as in `poses`; those that nobody can read so are left out.

    `seen` are the sightings with their true times, `history` every place that any camera had.
    """
    stood: dict[str, list[StoredCamera]] = {}
    for place in history:
        stood.setdefault(place.id, []).append(place)
    turned = {sighting.id: _turned_deg(stood.get(sighting.camera, []), time, poses) for sighting, time in seen}
    return {
        id_: heading_deg + turn_deg
        for id_, heading_deg in headings.items()
        if (turn_deg := turned.get(id_)) is not None
    }


def _turned_deg(places: Sequence[StoredCamera], time: datetime, poses: Mapping[str, Pose]) -> float | None:
    """Return how far to the right of its pose a camera looked then, None where nobody knows or it stood elsewhere."""
    if len(places) <= 1:
        return 0.0
    then = next((place for place in places if place.holds_at(time)), None)
    pose = None if then is None else poses.get(then.id)
    if then is None or pose is None or (then.lat, then.lon) != (pose.lat, pose.lon):
        return None
    if then.bearing_deg is None or pose.bearing_deg is None:
        return None
    return (then.bearing_deg - pose.bearing_deg) % 360
