"""Gather what each camera saw lately: when by its own clock, with which looks, and which vehicles plates tell."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np

from index.learning.known_pairs import LEAST_CHARACTERS, LEAST_CONFIDENCE, KnownVehicle, known_vehicles
from index.records import SightingBrief
from index.search.calibration import AppearanceScale, calibration_of, packaged_calibration
from index.store.catalogue import Connection, models, plates, sightings, vectors
from reid.arrays import Flags, Floats, Floats32, Ints
from roadgraph.way_past import road_or_way


@dataclass(frozen=True, slots=True, eq=False)
class CameraView:
    """The newest sightings of one camera: clock seconds (n,), vectors (n, shots, d), roads taken or ways past.

    `vehicle` is the number of the vehicle that plates or verdicts tell, -1 where they tell none; `plates` the texts
    that were read with confidence.
    """

    camera: str
    clock_s: Floats
    vectors: Floats32
    edges: tuple[int | None, ...]
    vehicle: Ints
    plates: tuple[str | None, ...]

    @property
    def has_vectors(self) -> Flags:
        """Return for each sighting whether its looks are known."""
        return np.asarray(self.vectors.any(axis=(1, 2)))


@dataclass(frozen=True, slots=True, eq=False)
class RecentViews:
    """What the cameras saw lately, and how similarity becomes an llr; of the cameras in `whole` nothing is left out."""

    views: tuple[CameraView, ...]
    scale: AppearanceScale
    whole: frozenset[str]


def recent_views(
    connection: Connection, cameras: Collection[str], most: int, since: Mapping[str, datetime] = MappingProxyType({})
) -> RecentViews:
    """Return the newest sightings of some cameras, `most` of each at most; nothing else of the archive is read.

    `since` is when each camera was put where it stands: what it saw elsewhere tells nothing of drives from there.
    """
    every = {camera: sightings.newest(connection, camera, most) for camera in sorted(cameras)}
    newest = {id_: [one for one in own if id_ not in since or one.best >= since[id_]] for id_, own in every.items()}
    seen = [sighting for own in newest.values() for sighting in own]
    ids = [sighting.id for sighting in seen]
    used = models.in_use(connection, "appearance")
    model = used.id if used else None
    looks = vectors.of_sightings(connection, model, ids) if model else {}
    reads = plates.confident_reads(
        connection, least_confidence=LEAST_CONFIDENCE, least_characters=LEAST_CHARACTERS, of=ids
    )
    texts = {read.sighting: read.text for read in reads}
    return RecentViews(
        views=tuple(
            views_of(seen, looks, known_vehicles(connection, ids), texts, sightings.headings_of(connection, ids))
        ),
        scale=calibration_of(connection, model, packaged_calibration()).scale_of(model or ""),
        whole=frozenset(id_ for id_, own in every.items() if len(own) < most and len(newest[id_]) == len(own)),
    )


def views_of(
    sightings: Sequence[SightingBrief],
    vectors: Mapping[str, Floats32],
    known: Sequence[KnownVehicle],
    plates: Mapping[str, str],
    headings: Mapping[str, float] = MappingProxyType({}),
) -> list[CameraView]:
    """Return the sightings camera by camera; those without vectors tell something only by their plates."""
    vehicle = {passage.sighting: number for number, own in enumerate(known) for passage in own}
    by_camera: dict[str, list[SightingBrief]] = {}
    for sighting in sightings:
        by_camera.setdefault(sighting.camera, []).append(sighting)
    return [_view(camera, own, vectors, vehicle, plates, headings) for camera, own in sorted(by_camera.items())]


def _view(
    camera: str,
    own: Sequence[SightingBrief],
    vectors: Mapping[str, Floats32],
    vehicle: Mapping[str, int],
    plates: Mapping[str, str],
    headings: Mapping[str, float],
) -> CameraView:
    return CameraView(
        camera=camera,
        clock_s=np.array([sighting.best.timestamp() for sighting in own]),
        vectors=_padded([vectors.get(sighting.id) for sighting in own]),
        edges=tuple(road_or_way(sighting.edge, headings.get(sighting.id)) for sighting in own),
        vehicle=np.array([vehicle.get(sighting.id, -1) for sighting in own], dtype=np.int64),
        plates=tuple(plates.get(sighting.id) for sighting in own),
    )


def _padded(matrices: Sequence[Floats32 | None]) -> Floats32:
    """Return the vectors (n, shots, d): fewer shots repeat the last one, missing vectors are zeros."""
    known = [matrix for matrix in matrices if matrix is not None and len(matrix)]
    shots, dims = max((len(matrix) for matrix in known), default=1), known[0].shape[1] if known else 1
    padded = np.zeros((len(matrices), shots, dims), dtype=np.float32)
    for row, matrix in zip(padded, matrices, strict=True):
        if matrix is not None and len(matrix):
            row[:] = matrix[np.minimum(np.arange(shots), len(matrix) - 1)]
    return padded
