"""Measure what the road map and the places of cameras bring to the search, by taking them away from made cities.

    python -m benchmarks.no_map [--full] [--seeds SEED,...]

Cities of eight cameras, 1,000 vehicles and ten minutes, without video, of seeds that nothing was fitted on. Each
archive learns what it can (`retrace roads learn`): with its map, without it, and without the places of its cameras as
well. The same questions are asked of each, and once with no time at all: by looks and plates alone; and of the first
two once more without the vehicles that were counted from camera to camera, and without the bearings of cameras.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.claim import say
from index.access.permissions import local_person
from index.answers import Query
from index.learning.travel import LearnedRoads, learn_roads
from index.search.fusion import Llrs, from_anchors, probabilities
from index.search.gallery import look_inside
from index.search.plate import LOOKED_AT, GalleryPlates
from index.search.progress import likeliest
from index.search.question import BoundedQuestion, SearchOptions, bound, with_gallery
from index.search.search import search
from index.search.travel import direction_llrs, fit_from_start, travel_llrs, way_back_llrs
from index.simulation.match_archive import match_archive, read_truth
from index.simulation.matching import Match
from index.simulation.options import CityOptions
from index.simulation.questions import HORIZON_S, CityQuestion, draw_questions, judge_ranking
from index.simulation.synthetic.sightings import make_sightings
from index.simulation.take_away import copy_without
from index.store.archive import Archive
from reid.arrays import Floats
from reid.evaluation.intervals import share
from reid.evaluation.metrics import average_precision
from roadgraph.next_counts import NO_COUNTS

CITIES = {"normal": (10_081, 10_082, 10_083), "hard": (10_091, 10_092)}
QUESTIONS, CHECKED = 60, 10
WITH, NO_MAP, NO_PLACES, NO_TIME = "with map", "without map", "without places", "no time"
UNCOUNTED = {WITH: "with map, next cameras not counted", NO_MAP: "without map, directions not counted"}
VARIANTS = (WITH, NO_MAP, NO_PLACES, NO_TIME, *UNCOUNTED.values())


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of some cities: whom each asks about, and its average precision by variant, each (n,)."""

    vehicles: Sequence[str]
    precision: Mapping[str, Floats]
    gallery: float
    learned: Mapping[str, Sequence[LearnedRoads]]
    as_searched: bool
    """Whether the search itself ranked the same sightings first."""


def main() -> None:
    """Print the claims of each preset."""
    presets = CITIES if "--full" in sys.argv else {"normal": CITIES["normal"]}
    if "--seeds" in sys.argv:
        seeds = tuple(int(seed) for seed in sys.argv[sys.argv.index("--seeds") + 1].split(","))
        presets = {"normal": seeds}
    for preset, seeds in presets.items():
        say_claims(preset, seeds, joined([ask_city(preset, seed) for seed in seeds]))


def say_claims(preset: str, seeds: Sequence[int], asked: Asked) -> None:
    """Claim the fused mAP of each variant beside the others, with the paired differences and their intervals."""
    what = f"{preset} cities {', '.join(map(str, seeds))}, {len(asked.vehicles)} questions, gallery {asked.gallery:.0f}"
    for variant in VARIANTS[:3]:
        passages = sum(one.passages for one in asked.learned[variant])
        pairs = sum(one.pairs for one in asked.learned[variant])
        say(f"{what}: fused mAP {variant}, {passages} passages of {pairs} pairs learned",
            value=float(asked.precision[variant].mean()), unit="mAP", peer="no time at all",
            peer_value=float(asked.precision[NO_TIME].mean()), less_is_better=False,
            correct=asked.as_searched)  # fmt: skip
    wanted_apart = [(NO_MAP, WITH, -0.08), (NO_MAP, NO_TIME, 0.05), (NO_PLACES, NO_TIME, 0.0)]
    for variant, other, wanted in (*wanted_apart, *((name, bare, 0.0) for name, bare in UNCOUNTED.items())):
        apart = asked.precision[variant] - asked.precision[other]
        found = share(asked.vehicles, apart.tolist())
        say(f"{what}: {variant} less {other}, paired, interval {found.low or 0:+.3f} to {found.high or 0:+.3f}",
            value=float(apart.mean()), unit="mAP", peer="wanted at least", peer_value=wanted,
            less_is_better=False, correct=bool(apart.mean() >= wanted))  # fmt: skip


def ask_city(preset: str, seed: int) -> Asked:
    """Make a city, take from it what each variant lacks, let each archive learn, and ask the questions of each."""
    with variants(preset, seed) as (folder, archives):
        learned = {name: [learn_roads(archive, local_person())] for name, archive in archives.items()}
        return _asked(folder, archives, learned)


def _asked(folder: Path, archives: Mapping[str, Archive], learned: Mapping[str, Sequence[LearnedRoads]]) -> Asked:
    truth = read_truth(folder)
    matched = match_archive(archives[WITH], folder, truth)
    questions = draw_questions(matched.known_sightings(truth), truth.passages, n=QUESTIONS, seed=0)
    precision = {
        name: np.array([_precision(archive, question, matched.matches) for question in questions])
        for name, archive in archives.items()
    }
    bare = archives[NO_PLACES]
    precision[NO_TIME] = np.array([_precision(bare, one, matched.matches, timed=False) for one in questions])
    for name, uncounted in UNCOUNTED.items():
        found = [_precision(archives[name], one, matched.matches, counted=False) for one in questions]
        precision[uncounted] = np.array(found)
    gallery = float(np.mean([len(question.gallery) for question in questions]))
    right = all(_as_searched(archive, question) for archive in archives.values() for question in questions[:CHECKED])
    return Asked([question.vehicle for question in questions], precision, gallery, learned, right)


@contextmanager
def variants(preset: str, seed: int) -> Iterator[tuple[Path, dict[str, Archive]]]:
    """Make a city and the archives of its variants for a `with` block; nothing is learned yet."""
    with TemporaryDirectory() as scratch:
        folder, whole = Path(scratch) / "city", Path(scratch) / "archive"
        options = CityOptions(seed=seed, cameras=8, vehicles=1000, minutes=10.0, preset=preset)
        make_sightings(folder, options, Archive.create(whole))
        no_map = copy_without(whole, Path(scratch) / "no-map", "map")
        no_places = copy_without(whole, Path(scratch) / "no-places", "places")
        yield folder, {WITH: Archive.open(whole), NO_MAP: no_map, NO_PLACES: no_places}


def joined(cities: Sequence[Asked]) -> Asked:
    """Return the questions of several cities as one set; vehicles of different cities differ."""
    return Asked(
        [f"{number} {vehicle}" for number, city in enumerate(cities) for vehicle in city.vehicles],
        {name: np.concatenate([city.precision[name] for city in cities]) for name in VARIANTS},
        float(np.mean([city.gallery for city in cities])),
        {name: [one for city in cities for one in city.learned[name]] for name in VARIANTS[:3]},
        all(city.as_searched for city in cities),
    )


def _precision(
    archive: Archive,
    question: CityQuestion,
    matches: Mapping[str, Match],
    *,
    timed: bool = True,
    counted: bool = True,
) -> float:
    """Return the average precision of the fused ranking of a question."""
    query = Query(sighting=question.sighting, horizon_s=HORIZON_S, reason="benchmark")
    bounded = bound(archive, query, local_person(), SearchOptions())
    if not timed:
        bounded = replace(bounded, drives=None)
    if not counted:
        bounded = replace(bounded, places=replace(bounded.places, next_counts=NO_COUNTS, poses={}))
    ranking = fused_ranking(bounded)
    return average_precision(judge_ranking(ranking, question, matches), len(question.relevant))


def _as_searched(archive: Archive, question: CityQuestion) -> bool:
    """Return whether the step "fusion" of the search has the same sighting first."""
    query, person = _query(question), local_person()
    fused = next(one for one in search(archive, query, person) if one.stages[-1].name == "fusion")
    first = [candidate.sighting.id for candidate in fused.candidates[:1]]
    return first == fused_ranking(bound(archive, query, person, SearchOptions()))[:1]


def _query(question: CityQuestion) -> Query:
    return Query(sighting=question.sighting, horizon_s=HORIZON_S, reason="benchmark")


def fused_ranking(bounded: BoundedQuestion) -> list[str]:
    """Return all sightings of the gallery in the order of the fused probability, as the step "fusion" ranks them."""
    options = bounded.options
    question = with_gallery(bounded, look_inside(bounded.archive, bounded.scope, shortlist=options.shortlist))
    seen = question.gallery
    plates = GalleryPlates(
        bounded.archive, question.target, seen.ids, bounded.scope.windows, appearance=seen.appearance
    )
    llrs = replace(Llrs.missing(len(question.gallery)), appearance=question.gallery.appearance, plate=plates.llrs)
    llrs = replace(llrs, travel=travel_llrs(question, fit_from_start(question)))
    llrs = replace(llrs, direction=direction_llrs(question), way_back=way_back_llrs(question))
    while plates.look_closer(likeliest(probabilities(question, llrs), LOOKED_AT)):
        llrs = replace(llrs, plate=plates.llrs)
    llrs = from_anchors(question, llrs)
    while plates.look_closer(likeliest(probabilities(question, llrs), LOOKED_AT)):
        llrs = replace(llrs, plate=plates.llrs)
    order = likeliest(probabilities(question, llrs), len(question.gallery))
    return [question.gallery.sightings[row].id for row in order]


if __name__ == "__main__":
    main()
