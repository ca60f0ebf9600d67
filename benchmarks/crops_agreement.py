"""Compare cities from crops with filmed cities of the same options, passage by passage.

`python -m benchmarks.crops_agreement town9:town9-crops town10:town10-crops`: each pair was made with the same seed and
preset, the second with `--crops`; the archive of each city is its folder's `archive`. Every passage that an archive can
be asked about in both cities is asked in both. Prints each figure of both, and the mean difference over passages with
its 95 % interval by bootstrap over vehicles.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.claim import machine
from index.search.plate_memory import PlateMemory
from index.search.question import SearchOptions
from index.simulation.answer_score import ask, rank_scores
from index.simulation.match_archive import MatchedArchive, match_archive, read_truth
from index.simulation.plate_score import passage_readings
from index.simulation.questions import draw_questions
from index.simulation.truth import TruePassage, TrueVehicle
from index.store.archive import Archive
from reid.evaluation.intervals import Figure, share

EVERY_QUESTION = 1_000_000
ASKED: Mapping[str, tuple[str, str]] = {
    "looks, hit@1": ("appearance", "hit1"),
    "looks, mAP": ("appearance", "map"),
    "with plates, mAP": ("plate", "map"),
    "as shown, hit@1": ("itinerary", "hit1"),
    "as shown, mAP": ("itinerary", "map"),
}
"""The figures of the answers: their name, the stage, and the score."""


@dataclass(frozen=True, slots=True)
class PassageFigures:
    """What a city's archive makes of each true passage: a value by the figure's name and the passage."""

    vehicle_of: Mapping[str, str]
    values: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """A figure of the passages that both cities have a value for: filmed, from crops, and the difference."""

    name: str
    passages: int
    filmed: Figure
    crops: Figure
    apart: Figure


def main() -> None:
    """Print a row for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="+", help="FILMED:CROPS, two folders")
    pairs = [pair.split(":") for pair in parser.parse_args().pairs]
    if any(len(pair) != 2 for pair in pairs):
        parser.error("give each pair of cities as FILMED:CROPS")
    filmed, crops = ([figures_of(Path(pair[side])) for pair in pairs] for side in (0, 1))
    print(f"{len(pairs)} pairs of cities; {machine()}\n")
    print("| | passages | filmed | from crops | from crops less filmed |\n|---|---|---|---|---|")
    for row in agreement(filmed, crops):
        gap = f"{row.apart.value:+.3f} [{row.apart.low:+.3f}, {row.apart.high:+.3f}]"
        print(f"| {row.name} | {row.passages} | {row.filmed.value:.3f} | {row.crops.value:.3f} | {gap} |")


def agreement(filmed: Sequence[PassageFigures], crops: Sequence[PassageFigures]) -> list[Agreement]:
    """Return each figure that some passages have a value of in both cities of a pair."""
    rows = []
    for name in filmed[0].values:
        groups, before, after = [], [], []
        for number, (one, other) in enumerate(zip(filmed, crops, strict=True)):
            for passage in sorted(one.values[name].keys() & other.values[name].keys()):
                groups.append(f"{number}/{one.vehicle_of[passage]}")
                before.append(one.values[name][passage])
                after.append(other.values[name][passage])
        if groups:
            gaps = [new - old for old, new in zip(before, after, strict=True)]
            rows.append(Agreement(name, len(groups), share(groups, before), share(groups, after), share(groups, gaps)))
    return rows


def figures_of(city: Path) -> PassageFigures:
    """Return what the archive of a city makes of each passage."""
    truth = read_truth(city)
    with Archive.open(city / "archive") as archive:
        matched = match_archive(archive, city, truth)
        known = matched.known_sightings(truth)
        options = SearchOptions(plate_memory=PlateMemory())
        asked: dict[str, dict[str, float]] = {name: {} for name in ASKED}
        for question in draw_questions(known, truth.passages, n=EVERY_QUESTION, seed=0):
            answer = ask(archive, question, seed=0, options=options)
            passage = matched.matches[question.sighting].passage or ""
            for name, (stage, score) in ASKED.items():
                asked[name].setdefault(passage, rank_scores(answer, stage, matched.matches)[score])
    readings = passage_readings(city.name, matched, truth)
    return PassageFigures(
        {passage.passage: passage.vehicle for passage in truth.passages},
        {
            **_found(matched, truth.passages),
            "plates read exactly": {reading.passage: float(reading.right) for reading in readings},
            **_described(matched, truth.vehicles),
            **asked,
        },
    )


def _found(matched: MatchedArchive, passages: Sequence[TruePassage]) -> dict[str, dict[str, float]]:
    """Return whether each passage that counts was found, and how many times more than once."""
    times = dict.fromkeys((passage.passage for passage in passages if passage.counts), 0)
    for match in matched.matches.values():
        if match.passage in times:
            times[match.passage] += 1
    return {
        "recall": {passage: float(count > 0) for passage, count in times.items()},
        "sightings too many": {passage: float(max(0, count - 1)) for passage, count in times.items()},
    }


def _described(matched: MatchedArchive, vehicles: Mapping[str, TrueVehicle]) -> dict[str, dict[str, float]]:
    """Return whether the first sighting of each passage has the right type, and the right colour."""
    right: dict[str, dict[str, float]] = {"type": {}, "colour": {}}
    for sighting in matched.sightings:
        match = matched.matches[sighting.id]
        if match.passage is not None and match.vehicle is not None:
            vehicle = vehicles[match.vehicle]
            right["type"].setdefault(match.passage, float(sighting.attributes.type == vehicle.type))
            right["colour"].setdefault(match.passage, float(sighting.attributes.colour == vehicle.colour))
    return right


if __name__ == "__main__":
    main()
