"""Make the ranking of each step, with the time that the step took."""

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from index.answers import Candidate, Evidence, Ranking, Reason, Searched, Stage
from index.records import Sighting
from index.search.doubts import doubts_of, doubts_of_way
from index.search.ending import LIKELY, Ending
from index.search.fusion import Llrs
from index.search.listing import Listed
from index.search.one_row import in_one_row
from index.search.pieces import pieces_among
from index.search.plate import read_plate
from index.search.question import BoundedQuestion, Question
from index.search.reasons import CONFIRMED, FITS, ReadPlate, against, explain
from index.search.scope import rests_on
from index.search.stays import beside_start
from index.store.catalogue import missing_vectors, sightings
from reid.arrays import Floats

JOINED = 100
"""So many of the likeliest are looked at for pieces of one passage."""


def likeliest(probabilities: Floats, most: int) -> list[int]:
    """Return the rows of the highest probabilities, ties by row, which is by id."""
    rows: list[int] = np.argsort(-probabilities, kind="stable")[:most].tolist()
    return rows


class Progress:
    """Keeps the stages of one search; its clock stands still while somebody looks at a ranking."""

    def __init__(self, bounded: BoundedQuestion, searched: Searched) -> None:
        self._bounded, self._archive, self._top = bounded, bounded.archive, bounded.query.top
        self._confirmed, self._target = bounded.marks.yes, bounded.target
        self._began, self._windows = bounded.began, bounded.scope.windows
        self._fetched: dict[str, Sighting] = {}
        self._read: dict[str, ReadPlate | None] = {}
        rest = rests_on(bounded.places, bounded.target, bounded.scope) if bounded.compares else None
        changed = (*bounded.options.changed, *bounded.calibration.own)
        self._ranking = Ranking(stages=(), candidates=(), searched=searched, rests_on=rest, settings=changed)

    def resume(self) -> None:
        """Start the clock of the next step."""
        self._began = perf_counter()

    def bounded(self) -> Ranking:
        """Return the ranking of the first step: nothing is compared yet, only bounded."""
        return self._finish("hypothesis", self._ranking.searched.cameras, self._ranking.searched.inside)

    def doubt(self, question: Question) -> None:
        """Let every ranking from here on say what of the case's marks, and of the plates given, to look at."""
        gallery = question.gallery
        searched = replace(self._ranking.searched, ruled_out=gallery.ruled_out, own=len(gallery.asked_about))
        self._ranking = replace(self._ranking, doubts=doubts_of(self._bounded, question), searched=searched)

    def rank(self, name: str, question: Question, llrs: Llrs, probabilities: Floats) -> Ranking:
        """Return the ranking by probability, ties by id, with as many candidates as the query asks for."""
        ranked = likeliest(probabilities, len(probabilities))
        self._ranking = replace(
            self._ranking,
            candidates=self._candidates(question, llrs, probabilities, ranked[: self._top]),
            order=tuple(question.gallery.ids[row] for row in ranked),
            likely=int((probabilities >= LIKELY).sum()),
            searched=replace(self._ranking.searched, compared=self._compared(question)),
        )
        return self._finish(name, len(set(question.gallery.cameras)), question.gallery.size)

    def _compared(self, question: Question) -> int:
        """Return how many sightings were weighed; the one asked about and those ruled out count as weighed."""
        few = len(question.gallery)
        return few if few < question.gallery.size else self._ranking.searched.inside

    def listing(self, listed: Listed) -> Ranking:
        """Return the ranking that only lists what fits a description, in the order of time."""
        self._ranking = replace(
            self._ranking,
            candidates=tuple(
                Candidate(sighting, time, None, Evidence(), (FITS,))
                for sighting, time in zip(listed.sightings, listed.times, strict=True)
            ),
            searched=replace(
                self._ranking.searched, compared=self._ranking.searched.inside, ruled_out=listed.ruled_out
            ),
            fitting=listed.fitting,
            unknown=listed.unknown,
        )
        return self._finish("listing", listed.cameras, listed.fitting)

    def end(self, name: str, question: Question, llrs: Llrs, probabilities: Floats, ending: Ending) -> Ranking:
        """Return the last ranking, with the story; that nobody is the target is told only where all were looked at."""
        looked = self._all_looked_at(question)
        of_way = doubts_of_way(self._bounded, question, ending.itinerary)
        self._ranking = replace(
            self._ranking,
            itinerary=ending.itinerary if looked or ending.itinerary.stops else None,
            alternatives=ending.alternatives,
            area_now=None if ending.area_now is None else ending.area_now.area,
            off_map=ending.area_now is not None and ending.area_now.off_map,
            in_circle=ending.area_now is not None and ending.area_now.is_circle,
            area_likely=ending.area_likely,
            nobody=ending.nobody if looked else None,
            rivals=ending.rivals,
            doubts=(*self._ranking.doubts, *of_way),
        )
        return self._in_one_row(self.rank(name, question, llrs, probabilities))

    def _in_one_row(self, ranking: Ranking) -> Ranking:
        """Return the ranking with one row for a passage of which the camera saw several pieces, none of them marked."""
        unmarked = [one.sighting for one in ranking.candidates[:JOINED] if one.sighting.id not in self._confirmed]
        pieces = pieces_among(self._archive, self._target, unmarked)
        self._ranking = in_one_row(ranking, pieces)
        return self._ranking

    def _all_looked_at(self, question: Question) -> bool:
        """Tell whether what was not compared is known to be less likely: it has a vector, and a less similar one."""
        if self._ranking.searched.searched_nothing:
            return False
        if len(question.gallery) >= question.gallery.size:
            return True
        model = question.target.compared_by
        with self._archive.catalogue.reading() as connection:
            return model is not None and not missing_vectors.are_inside(connection, model, self._windows)

    def _finish(self, name: str, cameras: int, sightings_left: int) -> Ranking:
        stage = Stage(name, perf_counter() - self._began, cameras, sightings_left)
        self._ranking = replace(self._ranking, stages=(*self._ranking.stages, stage))
        return self._ranking

    def _candidates(
        self, question: Question, llrs: Llrs, probabilities: Floats, rows: Sequence[int]
    ) -> tuple[Candidate, ...]:
        found = self._fetch([question.gallery.sightings[row].id for row in rows])
        times, evidence = question.gallery.true_times(rows), llrs.of_rows(rows)
        at_once = beside_start(question, rows).tolist()
        return tuple(
            Candidate(sighting, time, float(probabilities[row]), own, self._reasons(sighting, own, beside))
            for row, sighting, time, own, beside in zip(rows, found, times, evidence, at_once, strict=True)
        )

    def _reasons(self, sighting: Sighting, evidence: Evidence, at_once: bool) -> tuple[Reason, ...]:
        read = self._read[sighting.id]
        if sighting.id in self._confirmed:
            return (CONFIRMED, *against(evidence, read, at_once=at_once))
        described = self._target.vectors is None and self._target.is_described
        return explain(evidence, read, described=described, at_once=at_once)

    def _fetch(self, ids: Sequence[str]) -> list[Sighting]:
        """Return whole sightings; those that no earlier step has read are read, and their plates compared."""
        missing = [id_ for id_ in ids if id_ not in self._fetched]
        with self._archive.catalogue.reading() as connection:
            found = {sighting.id: sighting for sighting in sightings.by_ids(connection, missing)}
        self._fetched |= found
        self._read |= {id_: read_plate(self._target, sighting.plate) for id_, sighting in found.items()}
        return [self._fetched[id_] for id_ in ids]
