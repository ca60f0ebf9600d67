"""Weigh the plates of a gallery against the target's: by their texts, and by their pictures where nobody can read them.

A sighting keeps where its plate is in its shots, and a vector for each of these. The vectors are compared first. The
likeliest sightings are compared again by feature maps, which tell similar plates apart and are made from the pictures.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from index.records import Window
from index.search.question import Question
from index.search.target import Target, TargetPlate, plate_pictures
from index.store.archive import Archive
from index.store.catalogue import plates
from index.store.catalogue.plates import PlateShot
from reid.arrays import Floats
from reid.plates.fusion import fused_llr
from reid.plates.likelihood import text_llrs
from reid.plates.verify import height_px
from reid.vehicle import Plate

COMPARED_BY_MAP = 24
"""So many sightings of a gallery are compared by feature maps: each costs reading a picture and running the network."""


def compare_plates(archive: Archive, question: Question, windows: Sequence[Window] | None) -> Floats:
    """Return the llr of each plate of the gallery, (n,); NaN where there is nothing to compare."""
    target, gallery = question.target, question.gallery
    read: Mapping[str, Plate] = {}
    if target.has_text:
        with archive.catalogue.reading() as connection:
            read = plates.by_sighting(connection, gallery.ids)
    pictures = None
    if target.plate_pictures is not None:
        pictures = picture_llrs(archive, target.plate_pictures, gallery.ids, gallery.appearance, windows)
    return plate_llrs(target, [read.get(id_) for id_ in gallery.ids], pictures)


def plate_llrs(target: Target, read: Sequence[Plate | None], pictures: Floats | None = None) -> Floats:
    """Return the llr of each plate, (n,); NaN where there is nothing to compare.

    `pictures` are the llrs of the plates' pictures where these were compared: they count as far as reading leaves room.
    """
    text = text_llr(target, read)
    return text if pictures is None else fused_llr(text, pictures)


def text_llr(target: Target, read: Sequence[Plate | None]) -> Floats:
    """Return the llr of each plate text; NaN where the target's text or the other is not known."""
    llrs = np.full(len(read), np.nan)
    rows = [row for row, plate in enumerate(read) if plate is not None and plate.characters]
    readable = [plate for plate in read if plate is not None and plate.characters]
    pattern = target.pattern
    if pattern is not None:
        chance = {length: pattern.log_chance(length) for length in {len(plate.characters) for plate in readable}}
        fits = pattern.log_probabilities([plate.characters for plate in readable])
        llrs[rows] = fits - np.array([chance[len(plate.characters)] for plate in readable])
    elif target.plate is not None and target.plate.characters:
        llrs[rows] = text_llrs(target.plate, readable)
    return llrs


def picture_llrs(
    archive: Archive, plate: TargetPlate, ids: Sequence[str], appearance: Floats, windows: Sequence[Window] | None
) -> Floats:
    """Return the llr of each sighting by the pictures of its plate, (n,); NaN where none was found.

    `appearance` are the llrs of the vehicles' appearance: with those of the vectors they choose whom to compare by map.
    """
    with archive.catalogue.reading() as connection:
        shots = plates.shots_by_sighting(connection, ids)
    llrs = _by_vector(archive, plate, ids, shots, windows)
    likeliest = np.argsort(-(llrs + np.nan_to_num(appearance)), kind="stable").tolist()
    for row in [row for row in likeliest if not np.isnan(llrs[row])][:COMPARED_BY_MAP]:
        by_map = _by_map(archive, plate, shots[ids[row]])
        llrs[row] = llrs[row] if by_map is None else by_map
    return llrs


def _by_vector(
    archive: Archive,
    plate: TargetPlate,
    ids: Sequence[str],
    shots: Mapping[str, tuple[PlateShot, ...]],
    windows: Sequence[Window] | None,
) -> Floats:
    """Return the llrs of the vectors alone: the most similar shot of each, taken to be as high as its highest plate."""
    largest = plate.largest
    scores = archive.vectors.all_scores(plate.verifier.model_id, largest.vectors, windows)
    cosines = {id_.decode(): score for id_, score in zip(scores.ids.tolist(), scores.values.tolist(), strict=True)}
    rows = [row for row, id_ in enumerate(ids) if id_ in cosines and id_ in shots]
    heights = np.array([max(height_px(shot.corners) for shot in shots[ids[row]]) for row in rows], dtype=np.float64)
    similarity = np.array([cosines[ids[row]] for row in rows], dtype=np.float64)
    llrs = np.full(len(ids), np.nan)
    llrs[rows] = plate.verifier.coarse_llr(similarity, np.full(len(rows), float(largest.heights_px[0])), heights)
    return llrs


def _by_map(archive: Archive, plate: TargetPlate, shots: Sequence[PlateShot]) -> float | None:
    """Return the mean llr of every pair of pictures; None if no picture can be read."""
    pictures = plate_pictures(archive, shots)
    if not pictures:
        return None
    looks = plate.verifier.appearance(pictures)
    first, second = np.divmod(np.arange(len(plate.looks) * len(looks)), len(looks))
    return float(plate.verifier.llr(plate.looks.take(first), looks.take(second)).mean())
