"""Tell how much alike different vehicles look, in pictures of two cameras and of one, and who comes back which way.

`python -m benchmarks.alike hard22 normal32`: each city with its archive in CITY/archive. Prints for each the similarity
that of two sightings of different vehicles one in a hundred and one in a thousand exceeds, beside the mean of one
vehicle: at two cameras, at one, and at one with headings less than 45 degrees apart. Then how many pairs of a thousand
are of one vehicle, and of its pairs at one camera whose roads are known how many took another road.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.claim import machine
from index.simulation.match_archive import match_archive, read_truth
from index.store.archive import Archive
from index.store.catalogue import models, sightings, vectors
from reid.arrays import Flags, Floats, Floats32
from roadgraph.geometry import turn_between_deg

NEAR_DEG = 45.0
RARE = (0.01, 0.001)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """All pairs of sightings, (n,) each: similarity, whether of one vehicle and of one camera, NaN where unknown.

    `turn_deg` is the angle between the headings, `another` 1 where the two took different roads and 0 where the same.
    """

    similarity: Floats
    same: Flags
    one_camera: Flags
    turn_deg: Floats
    another: Floats

    @property
    def kinds(self) -> dict[str, Flags]:
        """Return which pairs are compared together, by name."""
        with np.errstate(invalid="ignore"):
            near = self.one_camera & (self.turn_deg < NEAR_DEG)
        names = ("two cameras", "one camera", f"one camera, headings within {NEAR_DEG:.0f} degrees")
        return dict(zip(names, (~self.one_camera, self.one_camera, near), strict=True))


def main() -> None:
    """Print a row for each city."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cities", type=Path, nargs="+")
    arguments = parser.parse_args()
    print(f"{machine()}\n")
    for city in arguments.cities:
        print("\n".join([f"{city.name}:", *lines(pairs_of(city))]), flush=True)


def lines(pairs: Pairs) -> Iterator[str]:
    """Yield the figures of each kind of pairs, and those of coming back."""
    for name, rows in pairs.kinds.items():
        strangers, own = pairs.similarity[rows & ~pairs.same], pairs.similarity[rows & pairs.same]
        if not strangers.size or not own.size:
            yield f"  {name}: too few"
            continue
        rare = " / ".join(f"{value:.2f}" for value in np.quantile(strangers, [1 - share for share in RARE]))
        share = 1000 * own.size / (own.size + strangers.size)
        yield f"  {name}: {rare}; {own.mean():.2f} ({own.size} pairs of one vehicle, {share:.1f} of a thousand)"
    back = pairs.another[pairs.one_camera & pairs.same]
    yield f"  {int(np.nansum(back))} of {int((~np.isnan(back)).sum())} that came back past a camera took another road"


def pairs_of(city: Path) -> Pairs:
    """Return all pairs of sightings of a city whose vehicle is known; two pieces of one passage are no pair."""
    archive, truth = Archive.open(city / "archive"), read_truth(city)
    known = {one.id: one for one in match_archive(archive, city, truth).known_sightings(truth)}
    with archive.catalogue.reading() as connection:
        model = models.in_use(connection, "appearance")
        found = vectors.of_sightings(connection, model.id, sorted(known)) if model else {}
        headings = sightings.headings_of(connection, found)
        edges = {one.id: one.edge for one in sightings.by_ids(connection, found)}
    ids = [id_ for id_ in sorted(found) if known[id_].match.vehicle is not None]
    first, second = np.triu_indices(len(ids), k=1)
    vehicle, passage, camera = (
        np.array([str(part) for part in parts])
        for parts in zip(*((known[i].match.vehicle, known[i].match.passage, known[i].camera) for i in ids), strict=True)
    )
    heading = np.array([headings.get(id_, np.nan) for id_ in ids])
    edge = np.array([np.nan if (own := edges[id_]) is None else own for id_ in ids], dtype=np.float64)
    apart = passage[first] != passage[second]
    first, second = first[apart], second[apart]
    unknown = np.isnan(edge[first]) | np.isnan(edge[second])
    return Pairs(
        similarity=best_pairs([found[id_] for id_ in ids])[first, second],
        same=vehicle[first] == vehicle[second],
        one_camera=camera[first] == camera[second],
        turn_deg=np.asarray(turn_between_deg(heading[first], heading[second])),
        another=np.where(unknown, np.nan, edge[first] != edge[second]),
    )


def best_pairs(shots: list[Floats32]) -> Floats:
    """Return the similarity of the most similar shots of each two sightings, (n, n)."""
    stacked = np.concatenate(shots)
    starts = np.cumsum([0, *map(len, shots)])[:-1]
    best = np.maximum.reduceat(np.maximum.reduceat(stacked @ stacked.T, starts, axis=0), starts, axis=1)
    return best.astype(np.float64)


if __name__ == "__main__":
    main()
