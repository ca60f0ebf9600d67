"""Embed all pictures of an archive by another model, beside the one in use, then let questions be answered by it."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.catalogue import models, sightings, vectors
from index.catalogue.models import Model
from index.catalogue.vectors import StoredVectors
from index.errors import ArchiveError
from index.sighting import Sighting
from reid.appearance.embedder import Embedder
from reid.appearance.installed import embedder_names
from reid.images import decode_image
from reid.vehicle import Image

if TYPE_CHECKING:
    from index.archive import Archive

_log = logging.getLogger(__name__)
ADAPTED_FROM = "appearance"
"""The weights that tuning begins with, however often an archive is adapted: nothing wears off."""
AT_ONCE = 64
"""Sightings to a batch: so many are lost by a kill."""

Progress = Callable[[int], None]


def switch_to(archive: "Archive", embedder: Embedder, progress: Progress) -> int:
    """Embed every picture that the model has not seen, then put the model to use; return how many sightings it took.

    Until the last row is written questions are answered as before, and footage may be taken in meanwhile. Stopped at
    any moment, the same call goes on. `progress` gets how many are done.
    """
    with archive.catalogue.writing() as connection:
        if embedder.model_id not in {model.id for model in models.listing(connection, kind="appearance")}:
            new = Model(embedder.model_id, "appearance", embedder.dims)
            models.prepare(connection, new, at=datetime.now(UTC))
    done = 0
    while some := _next(archive, embedder.model_id):
        _embed(archive, embedder, some)
        done += len(some)
        progress(done)
    with archive.catalogue.writing() as connection:
        models.put_to_use(connection, embedder.model_id, at=datetime.now(UTC))
    return done


def weights_for(archive: "Archive", asked: str) -> str:
    """Return the weights that new footage is embedded by: those asked for, or what was adapted from them and is in use.

    Vectors of others would not be found by questions that the adapted ones answer.
    """
    with archive.catalogue.reading() as connection:
        used = models.listing(connection, kind="appearance")
    if asked != ADAPTED_FROM or not used or not used[-1].id.startswith(name_start(archive)):
        return asked
    names = {model: name for name, model in embedder_names().items()}
    if used[-1].id not in names:
        raise ArchiveError(
            f"the archive's pictures were embedded by {used[-1].id}, which is not installed here: "
            "copy its files into the folder of weights, or run `retrace adapt` here again"
        )
    return names[used[-1].id]


def name_start(archive: "Archive") -> str:
    """Return how the names of the weights adapted to an archive begin."""
    return f"adapted-{archive.id[:8]}-"


def pictures_of(archive: "Archive", sighting: Sighting) -> list[Image]:
    """Return the pictures of a sighting, in the order of its shots."""
    return [decode_image(archive.crops.read(shot.crop), shot.crop.pack) for shot in sighting.shots]


def _next(archive: "Archive", model: str) -> list[Sighting]:
    with archive.catalogue.reading() as connection:
        return sightings.by_ids(connection, vectors.without(connection, model, at_most=AT_ONCE))


def _embed(archive: "Archive", embedder: Embedder, some: Sequence[Sighting]) -> None:
    """Write the vectors of some sightings, first into the catalogue, then into the segments."""
    matrices = _matrices(archive, embedder, some)
    with archive.catalogue.writing() as connection:
        batch = vectors.add(connection, embedder.model_id, matrices, at=datetime.now(UTC))
    stored = [StoredVectors(one.id, one.camera, one.best, batch, matrices[one.id].astype("<f2")) for one in some]
    try:
        archive.vectors.add(embedder.model_id, batch, stored)
    except OSError as error:
        _log.warning("vectors of %s are in the catalogue only, until there is room: %s", embedder.model_id, error)


def _matrices(archive: "Archive", embedder: Embedder, some: Sequence[Sighting]) -> dict[str, npt.NDArray[np.float32]]:
    pictures = [pictures_of(archive, one) for one in some]
    made = embedder.embed([picture for own in pictures for picture in own])
    ends = np.cumsum([len(own) for own in pictures])
    return {one.id: rows for one, rows in zip(some, np.split(made, ends[:-1]), strict=True)}
