"""Compare plates by their looks, where nobody can read them: stored vectors first, then the likeliest from their crops.

A sighting keeps where its plate is in its pictures, and a vector for each of these. Maps, which tell twins apart, are
made again from the pictures for the few that could be the wanted one.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.catalogue import models, plate_shots
from index.catalogue.plate_shots import PlateShot
from index.crops import CropError
from index.sighting import Query, Window
from reid.images import decode_image
from reid.plates.looks import PlateLooks, Verifier, height_px
from reid.plates.verify import installed_verifier
from reid.vehicle import Corners, Image, Plate

if TYPE_CHECKING:
    from index.archive import Archive

Floats = npt.NDArray[np.float64]

FROM_NEAR = 24
"""So many of a gallery are compared by their maps: each costs reading a picture and running the network."""
PICTURES_EACH = 2
"""The largest plates of a sighting that are compared; more frames of one passage say little more."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WantedPlate:
    """How the wanted plate looks to the verifier that the archive's plate vectors are from."""

    verifier: Verifier
    looks: PlateLooks

    @property
    def best_seen(self) -> PlateLooks:
        """Return the largest of the looks."""
        return self.looks.taken([int(np.argmax(self.looks.heights_px))])


def wanted_plate(archive: "Archive", query: Query, read: Sequence[tuple[Image, Plate]]) -> WantedPlate | None:
    """Return how the plate looks in the pictures of the question and of its sighting; None where that says nothing.

    `read` are the plates that were found in the question's pictures, each with its picture.
    """
    verifier = _verifier(archive)
    if verifier is None:
        return None
    shown: list[tuple[Image, Corners]] = [(picture, plate.corners) for picture, plate in read]
    if query.sighting is not None:
        with archive.catalogue.reading() as connection:
            stored = plate_shots.of_sightings(connection, [query.sighting])
        shown += _pictures(archive, stored.get(query.sighting, ()))
    return WantedPlate(verifier, verifier.look(shown)) if shown else None


def looks_llr(
    archive: "Archive", wanted: WantedPlate, ids: Sequence[str], appearance: Floats, windows: Sequence[Window] | None
) -> Floats:
    """Return the ratio of each candidate by the looks of its plate, (n,); NaN where none was found.

    `appearance` are the ratios of the vehicles' looks: with the plates' they choose whom to compare from near.
    """
    with archive.catalogue.reading() as connection:
        shots = plate_shots.of_sightings(connection, ids)
    ratios = _coarse(archive, wanted, ids, shots, windows)
    hopeful = np.argsort(-(ratios + np.nan_to_num(appearance)), kind="stable").tolist()
    for row in [row for row in hopeful if not np.isnan(ratios[row])][:FROM_NEAR]:
        near = _from_near(archive, wanted, shots[ids[row]])
        ratios[row] = ratios[row] if near is None else near
    return ratios


def like_plates(archive: "Archive", wanted: WantedPlate, windows: Sequence[Window] | None, k: int) -> list[str]:
    """Return the k sightings whose plates look most like the wanted one."""
    hits = archive.vectors.search(wanted.verifier.model_id, wanted.best_seen.vectors, windows, k)
    return [hit.sighting for hit in hits]


def _coarse(
    archive: "Archive",
    wanted: WantedPlate,
    ids: Sequence[str],
    shots: Mapping[str, tuple[PlateShot, ...]],
    windows: Sequence[Window] | None,
) -> Floats:
    """Return the ratios by the vectors alone: the best picture of each, as high as its plate is at most."""
    best = wanted.best_seen
    cosines = archive.vectors.all_scores(wanted.verifier.model_id, best.vectors, windows)
    rows = [row for row, id_ in enumerate(ids) if id_ in cosines and id_ in shots]
    heights = np.array([max(height_px(shot.corners) for shot in shots[ids[row]]) for row in rows], dtype=np.float64)
    alike = np.array([cosines[ids[row]] for row in rows], dtype=np.float64)
    ratios = np.full(len(ids), np.nan)
    ratios[rows] = wanted.verifier.coarse_llr(alike, np.full(len(rows), float(best.heights_px[0])), heights)
    return ratios


def _from_near(archive: "Archive", wanted: WantedPlate, shots: Sequence[PlateShot]) -> float | None:
    """Return the mean ratio of every pair of pictures; None where no picture can be had."""
    shown = _pictures(archive, shots)
    if not shown:
        return None
    looks = wanted.verifier.look(shown)
    first, second = np.divmod(np.arange(len(wanted.looks) * len(looks)), len(looks))
    return float(wanted.verifier.llr(wanted.looks.taken(first), looks.taken(second)).mean())


def _pictures(archive: "Archive", shots: Sequence[PlateShot]) -> list[tuple[Image, Corners]]:
    """Return the pictures with the largest plates, each with where it is; a picture that is lost is left out."""
    largest = sorted(shots, key=lambda shot: (-height_px(shot.corners), shot.number))[:PICTURES_EACH]
    found = []
    for shot in largest:
        try:
            found.append((decode_image(archive.crops.read(shot.crop), shot.crop.pack), shot.corners))
        except CropError as error:
            _log.warning("a plate is not compared from near: %s", error)
    return found


def _verifier(archive: "Archive") -> Verifier | None:
    """Return the verifier that made the archive's newest plate vectors, None where it is not installed here."""
    with archive.catalogue.reading() as connection:
        known = models.listing(connection, kind="plate_vector")
    installed = installed_verifier() if known else None
    if installed is None or installed.model_id != known[-1].id:
        return None
    return installed
