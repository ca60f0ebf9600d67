"""Tell which sightings of an archive surely show one vehicle and which surely two, without anybody looking."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.catalogue import Connection, cameras, glimpses, plate_reads, sightings
from index.catalogue.glimpses import Glimpse
from index.catalogue.sightings import SightingFilter
from index.learning.known_passages import LEAST_CHARACTERS, LEAST_CONFIDENCE, known_vehicles
from reid.plates.alphabet import CHARACTERS
from roadgraph.camera_times import CameraTimes

if TYPE_CHECKING:
    from index.archive import Archive

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

HELD_OUT = 3
"""Of so many vehicles that plates join one is kept aside: what was not learned from it is measured on it."""
SLACK = 1.3
"""So much faster than the limits nobody drives from camera to camera."""
CLOCK_DOUBT_S = 10.0
"""Clocks whose offset nobody knows are taken to be right to so many seconds."""
OVERLAP_S = 0.5
"""Two on one camera at once for so long are two vehicles; less can be one track broken in two."""
LEAST_APART = 3
"""Plates of which so many characters differ are not two readings of one."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What is known of sightings: `vehicle` (n,) numbers from 0 those known to be one, `rivals` (v, v) are surely two.

    `held_out` are vehicles that plates join but whose sightings stand here as if nobody had read them.
    """

    ids: tuple[str, ...]
    cameras: tuple[str, ...]
    vehicle: Numbers
    rivals: Flags
    held_out: tuple[tuple[str, ...], ...]


def pick_labels(archive: "Archive", *, most: int) -> Labels:
    """Return the labels of the sightings of known vehicles, and of the newest others, together at most `most`."""
    places = archive.places
    times = None if places is None else places.travel.times
    with archive.catalogue.reading() as connection:
        joined = [tuple(sorted({one.sighting for one in vehicle})) for vehicle in known_vehicles(connection)]
        chosen = _choose(connection, joined, most)
        texts = {read.sighting: read.text for read in _reads(connection)}
        ahead_s = {camera: offset.offset_s for camera, offset in cameras.offsets(connection).items()}
    passages = [at_true_time(one, ahead_s.get(one.camera, 0.0)) for one in chosen]
    return labels_of(passages, joined, texts, times)


def labels_of(
    passages: Sequence[Glimpse],
    joined: Iterable[Sequence[str]],
    texts: Mapping[str, str],
    times: CameraTimes | None,
) -> Labels:
    """Return the labels of passages at true time, ordered by id.

    `joined` are sightings of one vehicle each by plate or by what people said, `texts` the plates surely read.
    """
    place = {one.id: row for row, one in enumerate(passages)}
    impossible = _impossible(passages, times)
    rows = [[place[id_] for id_ in vehicle if id_ in place] for vehicle in joined]
    possible = [own for own in rows if len(own) > 1 and not impossible[np.ix_(own, own)].any()]
    aside = [own for own in possible if _is_held_out(passages[own[0]].id)]
    vehicle = _numbered(len(passages), [own for own in possible if own not in aside])
    unread = {passages[row].id for own in aside for row in own}
    read = [None if one.id in unread else texts.get(one.id) for one in passages]
    apart = (impossible | _at_once(passages) | _other_plate(read)) & (vehicle[:, None] != vehicle[None])
    return Labels(
        ids=tuple(one.id for one in passages),
        cameras=tuple(one.camera for one in passages),
        vehicle=vehicle,
        rivals=_between_vehicles(apart, vehicle),
        held_out=tuple(tuple(passages[row].id for row in own) for own in aside),
    )


def _choose(connection: Connection, joined: Sequence[Sequence[str]], most: int) -> list[Glimpse]:
    newest = [one.id for one in sightings.listing(connection, SightingFilter()) if one.shots][::-1]
    alive = set(newest)
    known = [id_ for vehicle in joined for id_ in vehicle if id_ in alive]
    return glimpses.by_ids(connection, list(dict.fromkeys([*known, *newest]))[:most])


def _reads(connection: Connection) -> list[plate_reads.PlateRead]:
    return plate_reads.confident(connection, least_confidence=LEAST_CONFIDENCE, least_characters=LEAST_CHARACTERS)


def at_true_time(one: Glimpse, ahead_s: float) -> Glimpse:
    """Return the passage as a clock would have told it that is not ahead."""
    ahead = timedelta(seconds=ahead_s)
    return Glimpse(one.id, one.camera, one.first - ahead, one.best - ahead, one.last - ahead, one.edge)


def _is_held_out(sighting: str) -> bool:
    """Draw by the id, so that the same vehicle is held out in every run."""
    return int(hashlib.sha256(sighting.encode()).hexdigest(), 16) % HELD_OUT == 0


def _numbered(count: int, vehicles: Sequence[Sequence[int]]) -> Numbers:
    """Return the number of each row's vehicle; who is joined to nobody is a vehicle alone."""
    first = np.arange(count)
    for own in vehicles:
        first[list(own)] = min(own)
    return np.unique(first, return_inverse=True)[1].astype(np.int64)


def _seconds(passages: Sequence[Glimpse]) -> tuple[Floats, Floats]:
    """Return when each began and ended."""
    return (
        np.array([one.first.timestamp() for one in passages], dtype=np.float64),
        np.array([one.last.timestamp() for one in passages], dtype=np.float64),
    )


def _at_once(passages: Sequence[Glimpse]) -> Flags:
    """Tell which are on one camera at the same moment."""
    first, last = _seconds(passages)
    _, camera = np.unique([one.camera for one in passages], return_inverse=True)
    shared_s = np.minimum(last[:, None], last[None]) - np.maximum(first[:, None], first[None])
    return np.asarray((camera[:, None] == camera[None]) & (shared_s >= OVERLAP_S) & ~np.eye(len(passages), dtype=bool))


def _impossible(passages: Sequence[Glimpse], times: CameraTimes | None) -> Flags:
    """Tell which follow each other on two cameras faster than any driver can go; nothing is without a map."""
    if times is None or not passages:
        return np.zeros((len(passages), len(passages)), dtype=bool)
    number = {camera: row for row, camera in enumerate(times.ids)}
    camera = np.array([number.get(one.camera, -1) for one in passages])
    least_s = times.earliest_s(slack=SLACK)[camera[:, None], camera[None]]
    first, last = _seconds(passages)
    took_s = first[None] - last[:, None]
    too_soon = (took_s >= 0) & (took_s + CLOCK_DOUBT_S < least_s)
    apart = (camera[:, None] != camera[None]) & (camera >= 0)[:, None] & (camera >= 0)[None]
    # while one is still on the first camera it cannot be on the second, unless both see the same place
    at_once = (took_s < 0) & (took_s.T < 0) & (np.minimum(least_s, least_s.T) > CLOCK_DOUBT_S)
    return np.asarray(apart & (too_soon | too_soon.T | at_once))


def _other_plate(texts: Sequence[str | None]) -> Flags:
    """Tell which plates are surely two: what one has that the other has not is at most their edit distance."""
    counts = np.array([[(text or "").count(character) for character in CHARACTERS] for text in texts], dtype=np.int16)
    more = np.zeros((len(texts), len(texts)), dtype=np.int16)
    for count in counts.T:
        more += np.maximum(count[:, None] - count[None], 0)
    read = np.array([text is not None for text in texts], dtype=bool)
    return np.asarray((np.maximum(more, more.T) >= LEAST_APART) & read[:, None] & read[None])


def _between_vehicles(apart: Flags, vehicle: Numbers) -> Flags:
    count = int(vehicle.max(initial=-1)) + 1
    rivals = np.zeros((count, count), dtype=bool)
    rows, columns = np.nonzero(apart)
    rivals[vehicle[rows], vehicle[columns]] = True
    return rivals
