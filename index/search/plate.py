"""Weigh the plates of a gallery against the target's: by their texts, and by their pictures where nobody can read them.

A sighting keeps where its plate is in its shots, and a vector for each of these. The vectors are compared first. The
sightings that are shown are compared again by feature maps, which tell similar plates apart and are made from the
pictures: each costs reading a picture and running the network.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from index.records import Window
from index.search.plate_memory import PlateMemory, looks_of
from index.search.reasons import ReadPlate
from index.search.similarity import most_similar, similarities
from index.search.target import Target, TargetPlate, verifier_of
from index.store.archive import Archive
from index.store.catalogue import plates, vectors
from reid.arrays import Floats
from reid.plates.fusion import fused_llr
from reid.plates.likelihood import text_llrs
from reid.plates.pattern import exactly
from reid.plates.pattern_likelihood import pattern_llrs
from reid.plates.twins import among_alike
from reid.plates.verify import PlateAppearance, heights_px
from reid.vehicle import Corners, Plate

LOOKED_AT, MOST_LOOKED_AT = 24, 100
"""The plates of so many of the likeliest sightings are looked at closely, however few or many are shown."""

NEARLY = 0.5
"""A text that is at least half as likely as the one that was read is told, too."""


class GalleryPlates:
    """The plates of sightings against the target's: all by text and by vector, and by feature maps those looked at."""

    def __init__(
        self,
        archive: Archive,
        target: Target,
        ids: Sequence[str],
        windows: Sequence[Window] | None = None,
        memory: PlateMemory | None = None,
        appearance: Floats | None = None,
    ) -> None:
        self._archive, self._target, self._ids = archive, target, ids
        self._appearance = np.full(len(ids), np.nan) if appearance is None else appearance
        self._looks_of = looks_of if memory is None else memory.looks
        self._read: list[Plate | None] = [None] * len(self._ids)
        self._pictures: Floats | None = None
        self._against_twins = np.full(len(ids), np.nan)
        self._by_map: set[int] = set()
        with archive.catalogue.reading() as connection:
            if self._target.has_text:
                read = plates.by_sighting(connection, self._ids)
                self._read = [read.get(id_) for id_ in self._ids]
            if self._target.plate_pictures is not None:
                corners = plates.corners_by_sighting(connection, self._ids)
        self._text = text_llr(target, self._read)
        if self._target.plate_pictures is not None:
            self._pictures = _by_vector(archive, self._target.plate_pictures, self._ids, corners, windows)

    @property
    def llrs(self) -> Floats:
        """Return the llr of each plate, (n,); NaN where there is nothing to compare.

        Pictures count as far as reading leaves room.
        """
        pictures = self._among_alike()
        return self._text.copy() if pictures is None else fused_llr(self._text, pictures)

    def _among_alike(self) -> Floats | None:
        """Return the llrs of the pictures as they count among vehicles that look so much the same.

        By their vectors alone, plates that differ in one character are not told apart at all.
        """
        if self._pictures is None:
            return None
        known = ~np.isnan(self._against_twins)
        twins = np.where(known, self._against_twins, np.minimum(self._pictures, 0.0))
        return among_alike(self._pictures, twins, self._appearance)

    @property
    def fitting(self) -> tuple[str | None, ...]:
        """Return the plate text of each that fits the pattern asked for, None where it does not; empty without one."""
        pattern = self._target.pattern
        if pattern is None:
            return ()
        texts = [plate.text if plate is not None else None for plate in self._read]
        return tuple(text if text and pattern.differing(text) == 0 else None for text in texts)

    def look_closer(self, rows: Iterable[int]) -> bool:
        """Compare the plates of some rows by feature maps; return whether any was not compared so before."""
        plate, pictures = self._target.plate_pictures, self._pictures
        if plate is None or pictures is None:
            return False
        closer = [row for row in rows if row not in self._by_map and not np.isnan(pictures[row])]
        with self._archive.catalogue.reading() as connection:
            shots = plates.shots_by_sighting(connection, [self._ids[row] for row in closer])
        for row in closer:
            looks = self._looks_of(self._archive, plate.verifier, shots.get(self._ids[row], ()))
            if looks is not None:
                pictures[row], self._against_twins[row] = _by_map(plate, looks)
        self._by_map.update(closer)
        return bool(closer)


def pair_llrs(archive: Archive, ids: Sequence[str], appearance: Floats) -> Floats:
    """Return the llr of the plates of each two sightings, (n, n), by text and vector; NaN where there is nothing.

    `appearance` (n, n) is the llr of their vehicles' looks.
    """
    with archive.catalogue.reading() as connection:
        read = {id_: plate for id_, plate in plates.by_sighting(connection, ids).items() if plate.characters}
        corners = plates.corners_by_sighting(connection, ids)
        verifier = verifier_of(archive)
        stored = {} if verifier is None else vectors.of_sightings(connection, verifier.model_id, ids)
    text, pictures = np.full(appearance.shape, np.nan), np.full(appearance.shape, np.nan)
    readable = [place for place, id_ in enumerate(ids) if id_ in read]
    for place in readable:
        text[place, readable] = text_llrs(read[ids[place]], [read[ids[other]] for other in readable])
    seen = [place for place, id_ in enumerate(ids) if id_ in stored and id_ in corners]
    if verifier is not None and seen:
        highest = np.array([heights_px(corners[ids[place]]).max() for place in seen])
        one, other = (each.ravel() for each in np.meshgrid(highest, highest, indexing="ij"))
        cosines = most_similar([stored[ids[place]] for place in seen])
        of_vectors = verifier.coarse_llr(cosines.ravel(), one, other).reshape(cosines.shape)
        pictures[np.ix_(seen, seen)] = of_vectors
    return fused_llr(text, among_alike(pictures, np.minimum(pictures, 0.0), appearance))


def text_llr(target: Target, read: Sequence[Plate | None]) -> Floats:
    """Return the llr of each plate text; NaN where the target's text or the other is not known."""
    llrs = np.full(len(read), np.nan)
    rows = [row for row, plate in enumerate(read) if plate is not None and plate.characters]
    readable = [plate for plate in read if plate is not None and plate.characters]
    pattern = target.pattern
    if pattern is not None:
        llrs[rows] = pattern_llrs(pattern, readable)
    elif target.plate is not None and target.plate.characters:
        llrs[rows] = text_llrs(target.plate, readable)
    return llrs


def read_plate(target: Target, plate: Plate | None) -> ReadPlate | None:
    """Return a plate's text and how far it is from the target's; None where there are no two texts."""
    pattern = target.pattern
    if pattern is None and target.plate is not None and target.plate.text:
        pattern = exactly(target.plate.text)
    if pattern is None or plate is None or not plate.text:
        return None
    return ReadPlate(plate.text, pattern.differing(plate.text), nearly_as_likely(plate))


def nearly_as_likely(plate: Plate) -> str | None:
    """Return the text that is likeliest beside the one that was read, None where it is much less likely."""
    ranked = [sorted(place.items(), key=lambda one: (-one[1], one[0]))[:2] for place in plate.characters]
    shares = [two[1][1] / two[0][1] if len(two) == 2 else 0.0 for two in ranked]
    best = max(range(len(shares)), key=shares.__getitem__, default=None)
    if best is None or shares[best] < NEARLY:
        return None
    return "".join(two[place == best][0] for place, two in enumerate(ranked))


def _by_vector(
    archive: Archive,
    plate: TargetPlate,
    ids: Sequence[str],
    corners: Mapping[str, Sequence[Corners]],
    windows: Sequence[Window] | None,
) -> Floats:
    """Return the llrs of the vectors alone: the most similar shot of each, taken to be as high as its highest plate."""
    largest = plate.largest
    cosines = similarities(archive, plate.verifier.model_id, largest.vectors, ids, windows)
    rows = [row for row, id_ in enumerate(ids) if id_ in corners and not np.isnan(cosines[row])]
    located = [corners[ids[row]] for row in rows]
    each = heights_px([one for of_sighting in located for one in of_sighting])
    first = np.cumsum([0, *(len(of_sighting) for of_sighting in located)])[:-1]
    heights = np.maximum.reduceat(each, first) if rows else each
    llrs = np.full(len(ids), np.nan)
    llrs[rows] = plate.verifier.coarse_llr(cosines[rows], np.full(len(rows), float(largest.heights_px[0])), heights)
    return llrs


def _by_map(plate: TargetPlate, looks: PlateAppearance) -> tuple[float, float]:
    """Return the mean llr of every pair of pictures, and that against plates that differ in one character."""
    first, second = np.divmod(np.arange(len(plate.looks) * len(looks)), len(looks))
    llrs, against_twins = plate.verifier.both_llrs(plate.looks.take(first), looks.take(second))
    return float(llrs.mean()), float(against_twins.mean())
