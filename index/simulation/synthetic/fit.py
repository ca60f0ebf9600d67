"""Fit the noise of seeing: compare what the pipeline made of filmed cities with their truth."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from index.errors import ArchiveError
from index.records import Sighting
from index.simulation import truth
from index.simulation.options import fitting_seed
from index.simulation.sighting_score import LEAST_PLATE_PX
from index.simulation.synthetic.fit_correlations import fit_fault_correlations, fit_weathers
from index.simulation.synthetic.fit_curves import (
    PRIOR_COUNT,
    fit_confusion,
    fit_curve,
    fit_quantiles,
    fit_share,
    fit_shares,
)
from index.simulation.synthetic.fit_plates import fit_plates, has_text, is_exact
from index.simulation.synthetic.observed import ObservedCity, ObservedVehicle, observe_city
from index.simulation.synthetic.seeing_noise import (
    HeadingNoise,
    HeightCurve,
    NoiseOrigin,
    PassageSize,
    PhantomNoise,
    SeeingNoise,
    TimeNoise,
)
from index.simulation.synthetic.similarity import (
    PairSimilarities,
    fit_similarity,
    join_cities,
    pair_similarities,
)
from index.simulation.truth import TrueSighting
from reid.vehicle import COLOURS, VEHICLE_TYPES
from roadgraph.geometry import turn_between_deg

SEEN = HeightCurve(half_px=30, steep=6, most=0.95)
DUPLICATES, PHANTOMS, UNEVEN = 0.05, 0.1, 0.5
"""The priors, before anything is counted."""
NONSENSE_DEG = 45.0
"""A heading that is off by more is wrong, not just inexact."""
MOST_UNEVEN = 3.0
MOST_SIZES = 150
"""At most this many passages of each kind of camera are kept to draw sizes from."""

Progress = Callable[[str], None]


def fit_noise(cities: Sequence[Path], progress: Progress | None = None) -> SeeingNoise:
    """Return the noise fitted on filmed cities; the archive of each is its folder's `archive`."""
    say = progress or (lambda line: None)
    for city in cities:
        fitting_seed(city)
        if truth.has(city, TrueSighting):
            raise ArchiveError(f"{city} was made with --no-video: the noise is fitted on cities that were filmed")
    observed = []
    for city in cities:
        observed.append(observe_city(city))
        say(f"{city}: {len(observed[-1].passages)} passages, {len(observed[-1].phantoms)} phantoms")
    return fit(observed, made=datetime.now(UTC).date().isoformat())


def fit(cities: Sequence[ObservedCity], *, made: str) -> SeeingNoise:
    """Return the noise of all cities together; `made` is the date."""
    passages = [passage for city in cities for passage in city.passages]
    phantoms = [sighting for city in cities for sighting in city.phantoms]
    seen = [passage for passage in passages if passage.sightings]
    shown = [(passage, sighting) for passage in seen for sighting in passage.sightings]
    pairs = join_cities([pair_similarities(city.vectors) for city in cities])
    looks = [(passage.vehicle, sighting.attributes) for passage, sighting in shown]
    heights_px = [passage.passage.height_px for passage in passages]
    seeing = fit_curve(heights_px, [bool(passage.sightings) for passage in passages], [1] * len(passages), SEEN)
    types = fit_confusion(
        [(true.type, look.type, look.types[look.type]) for true, look in looks if look.type is not None],
        VEHICLE_TYPES,
        right_prior=0.8,
    )
    colours = fit_confusion(
        [(true.colour, look.colour, look.colours[look.colour]) for true, look in looks if look.colour is not None],
        COLOURS,
        right_prior=0.7,
    )
    headings, plates = _headings(shown), fit_plates(shown)
    weathers = fit_weathers(passages, shown, seeing, plates)
    return SeeingNoise(
        seen=seeing,
        duplicates=fit_share(len(shown) - len(seen), len(seen), DUPLICATES),
        phantoms=_phantoms(cities),
        times=_times(shown),
        types=types,
        colours=colours,
        headings=headings,
        plates=plates,
        likeness=fit_similarity(pairs),
        ties=fit_fault_correlations(
            passages, shown, weathers, seen=seeing, types=types, colours=colours, headings=headings, plates=plates
        ),
        weathers=weathers,
        sights=_sizes(passages),
        origin=_origin(cities, passages, shown, phantoms, pairs, made),
    )


def _phantoms(cities: Sequence[ObservedCity]) -> PhantomNoise:
    phantoms = [sighting for city in cities for sighting in city.phantoms]
    per_passage = fit_share(len(phantoms), sum(len(city.passages) for city in cities), PHANTOMS)
    return PhantomNoise(
        per_passage=per_passage,
        uneven=_unevenness(cities, per_passage),
        types=fit_shares([s.attributes.type for s in phantoms if s.attributes.type is not None], VEHICLE_TYPES),
        colours=fit_shares([s.attributes.colour for s in phantoms if s.attributes.colour is not None], COLOURS),
        height_px=fit_quantiles([s.box.height for s in phantoms], (20, 40, 120)),
        seconds=fit_quantiles([(s.last - s.first).total_seconds() for s in phantoms], (0.5, 2, 10)),
    )


def _unevenness(cities: Sequence[ObservedCity], per_passage: float) -> float:
    """Return the variance of the cameras' phantom rates over their squared mean, by the method of moments."""
    passed = Counter((n, passage.passage.camera) for n, city in enumerate(cities) for passage in city.passages)
    phantoms = Counter((n, sighting.camera) for n, city in enumerate(cities) for sighting in city.phantoms)
    expected = np.array([per_passage * count for count in passed.values()])
    counted = np.array([phantoms[camera] for camera in passed])
    beyond = float(((counted - expected) ** 2 - expected).sum()) + PRIOR_COUNT * UNEVEN
    return round(float(np.clip(beyond / (float((expected**2).sum()) + PRIOR_COUNT), 0.0, MOST_UNEVEN)), 4)


def _times(shown: Sequence[tuple[ObservedVehicle, Sighting]]) -> TimeNoise:
    first, last = [], []
    best: dict[bool, list[float]] = {True: [], False: []}
    for passage, sighting in shown:
        true, length = passage.passage, passage.passage.last - passage.passage.first
        if length > timedelta(0):
            first.append(float(np.clip((sighting.first - true.first) / length, -0.1, 1)))
            last.append(float(np.clip((sighting.last - true.first) / length, 0, 1.1)))
        if sighting.last > sighting.first:
            towards = turn_between_deg(true.heading, 180.0) < 90
            share = (sighting.best - sighting.first) / (sighting.last - sighting.first)
            best[towards].append(float(np.clip(share, 0, 1)))
    return TimeNoise(
        first=fit_quantiles(first, (0, 0, 0.3)),
        last=fit_quantiles(last, (0.7, 1, 1)),
        best_away=fit_quantiles(best[False], (0.05, 0.2, 0.6)),
        best_towards=fit_quantiles(best[True], (0.4, 0.8, 0.95)),
    )


def _headings(shown: Sequence[tuple[ObservedVehicle, Sighting]]) -> HeadingNoise:
    turns = [
        turn_between_deg(passage.passage.heading, sighting.attributes.heading_deg)
        for passage, sighting in shown
        if sighting.attributes.heading_deg is not None
    ]
    near = [turn for turn in turns if turn <= NONSENSE_DEG]
    squares = sum(turn**2 for turn in near)
    # A random heading is sometimes near the truth by chance.
    wrong = (len(turns) - len(near)) / (1 - NONSENSE_DEG / 180)
    return HeadingNoise(
        known_share=fit_share(len(turns), len(shown), 0.8),
        wrong_share=min(fit_share(wrong, len(turns), 0.05), 1.0),
        deviation_deg=round(float(np.sqrt((squares + 5 * 8.0**2) / (len(near) + 5))), 2),
    )


def _sizes(passages: Sequence[ObservedVehicle]) -> dict[str, tuple[PassageSize, ...]]:
    """Return the sizes and lengths of passages by kind of camera, evenly chosen if there are many."""
    found: dict[str, list[PassageSize]] = {}
    for passage in passages:
        true = passage.passage
        if passage.vehicle.plate is not None:
            seconds = round((true.last - true.first).total_seconds(), 2)
            found.setdefault(passage.kind, []).append(
                PassageSize(true.height_px, true.plate_height_px, seconds, true.counts)
            )
    return {kind: tuple(_evenly(sizes, MOST_SIZES)) for kind, sizes in sorted(found.items())}


def _evenly(sizes: Sequence[PassageSize], most: int) -> list[PassageSize]:
    ordered = sorted(sizes, key=lambda size: (size.height_px, size.seconds, size.plate_height_px))
    chosen = np.linspace(0, len(ordered) - 1, min(most, len(ordered))).round().astype(int)
    return [ordered[i] for i in chosen]


def _origin(
    cities: Sequence[ObservedCity],
    passages: Sequence[ObservedVehicle],
    shown: Sequence[tuple[ObservedVehicle, Sighting]],
    phantoms: Sequence[Sighting],
    pairs: PairSimilarities,
    made: str,
) -> NoiseOrigin:
    looks = [(passage.vehicle, sighting.attributes) for passage, sighting in shown]
    high = [p for p in passages if p.vehicle.plate is not None and p.passage.plate_height_px >= LEAST_PLATE_PX]
    counts = {
        "passages": len(passages),
        "passages_seen": sum(bool(passage.sightings) for passage in passages),
        "passages_that_count": sum(passage.passage.counts for passage in passages),
        "passages_that_count_seen": sum(passage.passage.counts and bool(passage.sightings) for passage in passages),
        "sightings": len(shown) + len(phantoms),
        "phantoms": len(phantoms),
        "types_right": sum(look.type == vehicle.type for vehicle, look in looks),
        "colours_right": sum(look.colour == vehicle.colour for vehicle, look in looks),
        "plates_high": len(high),
        "plates_high_read": sum(any(map(has_text, p.sightings)) for p in high),
        "plates_high_exact": sum(any(is_exact(p.vehicle, s) for s in p.sightings) for p in high),
        "pairs_other": len(pairs.other),
        "pairs_twin": len(pairs.twin),
        "pairs_other_view": len(pairs.other_view),
        "pairs_same_view": len(pairs.same_view),
    }
    models = sorted({model for city in cities for model in city.models})
    return NoiseOrigin(made, tuple(city.seed for city in cities), tuple(models), counts)
