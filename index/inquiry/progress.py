"""Make the ranking of each step, with the time that the step took."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import numpy.typing as npt

from index.inquiry.fusion import Ratios, explain
from index.inquiry.gallery import Gallery
from index.sighting import Candidate, Itinerary, Ranking, Searched, Sighting, Stage

Floats = npt.NDArray[np.float64]

Fetch = Callable[[Sequence[str]], Sequence[Sighting]]
"""Returns whole sightings by their ids."""

CONFIRMED = "confirmed by a person"


@dataclass(frozen=True, slots=True)
class Ending:
    """What the last step adds to the ranking."""

    itinerary: Itinerary | None
    alternatives: tuple[Itinerary, ...]
    area_now: Mapping[str, object] | None


class Progress:
    """Keeps the stages of one search; the clock stands still while the ranking is being looked at."""

    def __init__(
        self,
        began: float,
        top: int,
        searched: Searched,
        fetch: Fetch,
        *,
        confirmed: Collection[str],
        compares_texts: bool,
    ) -> None:
        self._began = began
        self._fetch = fetch
        self._whole: dict[str, Sighting] = {}
        self._top = top
        self._confirmed = confirmed
        self._compares_texts = compares_texts
        self._ranking = Ranking(stages=(), candidates=(), searched=searched)

    def resume(self) -> None:
        """Start the clock of the next step."""
        self._began = perf_counter()

    def bound(self) -> Ranking:
        """Return the ranking of the first step: nothing is looked at yet, only bounded."""
        return self._finish("hypothesis", self._ranking.searched.cameras, self._ranking.searched.sightings)

    def rank(self, name: str, gallery: Gallery, ratios: Ratios, chances: Floats) -> Ranking:
        """Return the ranking by the probability of each candidate, ties by id, and as many as were asked for."""
        best = np.argsort(-chances, kind="stable")[: self._top].tolist()
        missing = [id_ for row in best if (id_ := gallery.sightings[row].id) not in self._whole]
        self._whole |= {sighting.id: sighting for sighting in self._fetch(missing)}
        self._ranking = replace(
            self._ranking,
            candidates=tuple(self._candidate(gallery, ratios, float(chances[row]), row) for row in best),
        )
        return self._finish(name, len(set(gallery.cameras)), gallery.size)

    def end(self, name: str, gallery: Gallery, ratios: Ratios, chances: Floats, ending: Ending) -> Ranking:
        """Return the last ranking, with the story."""
        self._ranking = replace(
            self._ranking,
            itinerary=ending.itinerary,
            alternatives=ending.alternatives,
            area_now=ending.area_now,
        )
        return self.rank(name, gallery, ratios, chances)

    def _finish(self, name: str, cameras: int, sightings: int) -> Ranking:
        stage = Stage(name, perf_counter() - self._began, cameras, sightings)
        self._ranking = replace(self._ranking, stages=(*self._ranking.stages, stage))
        return self._ranking

    def _candidate(self, gallery: Gallery, ratios: Ratios, chance: float, row: int) -> Candidate:
        sighting, evidence = self._whole[gallery.sightings[row].id], ratios.of(row)
        text = sighting.plate.text if self._compares_texts and sighting.plate else None
        return Candidate(
            sighting=sighting,
            time=gallery.true_time(row),
            probability=chance,
            evidence=evidence,
            why=CONFIRMED if sighting.id in self._confirmed else explain(evidence, text),
        )
