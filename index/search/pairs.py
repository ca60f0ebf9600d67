"""Weigh how likely one sighting is the next of another's vehicle: by looks, plates, time and road."""

import numpy as np

from index.search.calibration import LinkScale, usual_llr
from index.search.drives import Drives
from index.search.fusion import NEVER, Llrs
from index.search.looks import Pictures
from index.search.plate import pair_llrs
from index.search.question import Question
from index.search.stays import log_meanwhile, stays_of
from index.search.travel import direction_llr, drive_llr, fit_of_drives, travel_llr
from index.store.archive import Archive
from index.store.catalogue import vectors
from reid.arrays import Flags, Floats, Ints

NEXT = 15
"""So many later sightings that look and read the most alike are weighed as the next one of each."""

HARDLY = -3.0
"""Of pairs with log odds below this the road is not weighed: whichever was taken, hardly anything is reached so."""

MOST_LIKELY = 30.0
"""Log odds beyond which nothing is surer: sums of odds stay finite."""


def next_log_odds(question: Question, llrs: Llrs) -> Floats:
    """Return the log odds of each sighting of the gallery to be the next after the moment asked about, or last before.

    They are beside there being no such sighting.
    """
    scale = question.calibration.links
    roads = _known(llrs.way_back) + scale.direction * _known(llrs.direction)
    seen = scale.appearance * _known(llrs.appearance) + scale.plate * _known(llrs.plate)
    return _log_odds(scale, question.gallery_size, seen + roads + scale.travel * _known(llrs.travel))


def pair_log_odds(archive: Archive, question: Question, rows: Ints) -> Floats:
    """Return the log odds of each column to be the next sighting of each row's vehicle, (n, n), rows in order of time.

    They are -inf of what is earlier, and of what others look and read more alike than.
    """
    gallery, scale, drives = question.gallery, question.calibration.links, question.drives
    looks = _looks(archive, question, rows)
    plates = pair_llrs(archive, [gallery.ids[row] for row in rows], looks)
    seen = scale.appearance * _known(looks) + scale.plate * _known(plates)
    seen[question.of_two_plates(rows.tolist())] = -np.inf
    first, second = np.nonzero(_most_alike(seen))
    log_odds = np.full(seen.shape, -np.inf)
    if drives is None or not len(first):
        return log_odds
    cameras, times_s = [gallery.cameras[row] for row in rows], gallery.time_s[rows]
    codes, elapsed_s = drives.codes(cameras), times_s[second] - times_s[first]
    fit = fit_of_drives(drives, codes[first], codes[second], elapsed_s)
    # Of two sightings on one drive the farther from the start is compared with the traffic of its side.
    window_s = np.maximum(question.window_s[rows[first]], question.window_s[rows[second]])
    stays = stays_of(drives, gallery, rows.tolist())
    ways = np.zeros(len(first))
    if question.ways is not None:
        ways = question.ways.between(cameras, [gallery.edges[row] for row in rows], gallery.cameras)[first, second]
    share = question.calibration.drive_share(window_s)
    travel = travel_llr(drive_llr(fit.log_density, window_s) + ways, fit.log_possible, share)
    travel = travel + log_meanwhile(drives, stays.by_row(), stays)[first, second]
    evidence = seen[first, second] + scale.travel * _known(travel)
    each = _log_odds(scale, question.gallery_size[rows[second]], evidence)
    fair = np.flatnonzero(each > HARDLY)
    roads = _roads(drives, question, rows, first[fair], second[fair])
    each[fair] = np.minimum(each[fair] + scale.direction * _known(roads), MOST_LIKELY)
    log_odds[first, second] = each
    return log_odds


def _log_odds(scale: LinkScale, gallery_size: Floats, evidence: Floats) -> Floats:
    prior = np.log(scale.expected / (np.maximum(gallery_size, 1.0) + scale.expected))
    return np.asarray(np.minimum(prior + evidence, MOST_LIKELY))


def _looks(archive: Archive, question: Question, rows: Ints) -> Floats:
    """Return the llr of looks of each two, (n, n); NaN where one has no vectors."""
    gallery, model = question.gallery, question.target.model_id
    llrs = np.full((len(rows), len(rows)), np.nan)
    if model is None or gallery.shared is None:
        return llrs
    place_of = {gallery.ids[row]: place for place, row in enumerate(rows)}
    with archive.catalogue.reading() as connection:
        ids, stacked, starts = vectors.stacked(connection, model, list(place_of))
    if not ids:
        return llrs
    own = [place_of[id_] for id_ in ids]
    cameras, roads = ([of[row] for row in rows[own]] for of in (gallery.cameras, gallery.edges))
    pictures = gallery.shared.taken_off(Pictures(stacked, starts), list(zip(cameras, roads, strict=True)))
    same, scale = np.array(cameras)[:, None] == np.array(cameras), question.calibration.scale_of(model)
    llrs[np.ix_(own, own)] = usual_llr(pictures.alike(pictures), scale, same)
    return llrs


def _most_alike(seen: Floats) -> Flags:
    """Return of each row the NEXT later columns that are the most alike, (n, n)."""
    later = np.where(np.triu(np.ones(seen.shape, dtype=np.bool_), k=1), seen, -np.inf)
    if len(seen) <= NEXT:
        return np.asarray(later > -np.inf)
    least = np.partition(later, -NEXT, axis=1)[:, -NEXT]
    return np.asarray((later >= least[:, None]) & (later > -np.inf))


def _roads(drives: Drives, question: Question, rows: Ints, first: Ints, second: Ints) -> Floats:
    """Return the llr of the road that each second one took past its camera, coming from the first; NaN if unknown."""
    gallery, llrs = question.gallery, np.full(len(first), np.nan)
    if question.ways is not None and question.ways.graph is None:
        return llrs
    past = {camera: drives.roads_past(camera) for camera in set(gallery.cameras)}
    drives_by_road, pairs, is_taken = [], [], []
    for pair, (one, other) in enumerate(zip(rows[first].tolist(), rows[second].tolist(), strict=True)):
        cameras, roads = (gallery.cameras[one], gallery.cameras[other]), past[gallery.cameras[other]]
        if gallery.edges[other] in roads and len(roads) > 1 and cameras[0] != cameras[1] and past[cameras[0]]:
            drives_by_road += [(cameras, (gallery.edges[one], road)) for road in roads]
            pairs += [pair] * len(roads)
            is_taken += [road == gallery.edges[other] for road in roads]
    if not pairs:
        return llrs
    elapsed_s = gallery.time_s[rows[second[pairs]]] - gallery.time_s[rows[first[pairs]]]
    cameras_of, roads_of = zip(*drives_by_road, strict=True)
    density = drives.log_density_by_roads(cameras_of, roads_of, elapsed_s)
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    total, count = np.logaddexp.reduceat(density, starts), np.diff(starts, append=len(pairs))
    with np.errstate(invalid="ignore"):
        on_the_way = np.exp(density[is_taken] - total)
    llrs[np.array(pairs)[starts]] = np.where(np.isneginf(total), np.nan, direction_llr(on_the_way, 1 / count))
    return llrs


def _known(llrs: Floats) -> Floats:
    return np.nan_to_num(llrs, nan=0.0, neginf=NEVER)
