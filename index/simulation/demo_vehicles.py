"""Choose by the truth of a city which vehicles a demo asks about: one that recurs, and one that passes once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.records import Sighting
from index.simulation.matching import Match
from index.simulation.questions import CityQuestion
from index.simulation.truth import TruePassage


@dataclass(frozen=True, slots=True)
class DemoVehicle:
    """A vehicle and the sighting to ask about; `cameras` truly saw it, in order of time, `unread` without its plate."""

    vehicle: str
    asked: Sighting
    cameras: tuple[str, ...]
    unread: tuple[str, ...]


def recurring_vehicle(
    sightings: Sequence[Sighting], matches: Mapping[str, Match], questions: Iterable[CityQuestion]
) -> DemoVehicle | None:
    """Return the vehicle that the most cameras saw; None if there is no question about one that recurs.

    Of vehicles seen by as many cameras, one whose plate some of them could read and others not comes first, then the
    clearest picture. The choice does not depend on any answer.
    """
    asked = {question.sighting for question in questions}
    found = _vehicles([sighting for sighting in sightings if matches[sighting.id].passage], matches, asked)
    return max(found, key=_story_worth, default=None)


def single_vehicle(
    sightings: Sequence[Sighting], matches: Mapping[str, Match], passages: Iterable[TruePassage]
) -> DemoVehicle | None:
    """Return the vehicle with the clearest picture of those that pass a camera once in all; None if all recur."""
    times = Counter(passage.vehicle for passage in passages)
    once = [one for one in sightings if matches[one.id].passage and times[matches[one.id].vehicle or ""] == 1]
    found = _vehicles(once, matches, {sighting.id for sighting in once})
    return max(found, key=lambda one: _clearness(one.asked), default=None)


def has_text(sighting: Sighting) -> bool:
    """Tell whether the plate of a sighting was read."""
    return bool(sighting.plate and sighting.plate.text)


def _vehicles(sightings: Sequence[Sighting], matches: Mapping[str, Match], askable: set[str]) -> list[DemoVehicle]:
    by_vehicle: dict[str, list[Sighting]] = {}
    for sighting in sorted(sightings, key=lambda one: (one.best, one.id)):
        by_vehicle.setdefault(matches[sighting.id].vehicle or "", []).append(sighting)
    return [
        _vehicle(name, seen, asked)
        for name, seen in by_vehicle.items()
        if (asked := [sighting for sighting in seen if sighting.id in askable])
    ]


def _vehicle(name: str, seen: Sequence[Sighting], asked: Sequence[Sighting]) -> DemoVehicle:
    cameras = tuple(dict.fromkeys(sighting.camera for sighting in seen))
    read = {sighting.camera for sighting in seen if has_text(sighting)}
    return DemoVehicle(name, max(asked, key=_clearness), cameras, tuple(one for one in cameras if one not in read))


def _story_worth(vehicle: DemoVehicle) -> tuple[int, bool, bool, float, str]:
    some_read = 0 < len(vehicle.unread) < len(vehicle.cameras)
    return len(vehicle.cameras), some_read, *_clearness(vehicle.asked)


def _clearness(sighting: Sighting) -> tuple[bool, float, str]:
    """Order pictures as an investigator would choose one: a read plate first, then the largest."""
    return has_text(sighting), sighting.box.width * sighting.box.height, sighting.id
