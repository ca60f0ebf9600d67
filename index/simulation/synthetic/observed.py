"""Read what the pipeline made of a filmed city: its sightings by true passage, its phantoms and its vectors."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from index.errors import ArchiveError
from index.records import Sighting
from index.simulation import truth
from index.simulation.match_archive import CityTruth, MatchedArchive, match_archive, read_truth
from index.simulation.options import read_city_record
from index.simulation.questions import passage_middle
from index.simulation.synthetic.draw_sighting import view_of
from index.simulation.synthetic.similarity import SightingVectors
from index.simulation.truth import TruePassage, TrueVehicle, TrueWeather
from index.store.archive import Archive
from index.store.catalogue import models, vectors


@dataclass(frozen=True, slots=True)
class ObservedVehicle:
    """A true passage, the second of its middle, its vehicle, and the kind and weather of its camera.

    `sightings` show it, at true time.
    """

    city: str
    passage: TruePassage
    at_s: float
    vehicle: TrueVehicle
    kind: str
    weather: str
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class ObservedCity:
    """The passages, phantoms and vectors of one city, and the models that were used."""

    seed: int
    models: tuple[str, ...]
    passages: tuple[ObservedVehicle, ...]
    phantoms: tuple[Sighting, ...]
    vectors: tuple[SightingVectors, ...]


def observe_city(city: Path) -> ObservedCity:
    """Read a city's archive, `archive` inside its folder, together with its truth."""
    with Archive.open(city / "archive") as archive:
        city_truth = read_truth(city)
        matched = match_archive(archive, city, city_truth)
        used_models, sighting_vectors = _vectors(archive, matched, city_truth)
    return ObservedCity(
        seed=read_city_record(city).seed,
        models=used_models,
        passages=_passages(city, matched, city_truth),
        phantoms=tuple(s for s in matched.sightings if matched.matches[s.id].vehicle is None),
        vectors=sighting_vectors,
    )


def _passages(city: Path, matched: MatchedArchive, city_truth: CityTruth) -> tuple[ObservedVehicle, ...]:
    start = read_city_record(city).start
    stations = {weather.camera: weather for weather in truth.read(city, TrueWeather)}
    by_passage: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in matched.sightings:
        passage = matched.matches[sighting.id].passage
        if passage is not None:
            by_passage[passage].append(_at_true_time(sighting, city_truth.clocks[sighting.camera]))
    return tuple(
        ObservedVehicle(
            city=str(city),
            passage=p,
            at_s=(passage_middle(p) - start).total_seconds(),
            vehicle=city_truth.vehicles[p.vehicle],
            kind=stations[p.camera].kind,
            weather=stations[p.camera].weather,
            sightings=tuple(by_passage[p.passage]),
        )
        for p in city_truth.passages
    )


def _at_true_time(sighting: Sighting, ahead_s: float) -> Sighting:
    ahead = timedelta(seconds=ahead_s)
    return replace(sighting, first=sighting.first - ahead, best=sighting.best - ahead, last=sighting.last - ahead)


def _vectors(
    archive: Archive, matched: MatchedArchive, city_truth: CityTruth
) -> tuple[tuple[str, ...], tuple[SightingVectors, ...]]:
    """Return the archive's models, and the vectors of all sightings of moving vehicles."""
    passages = {passage.passage: passage for passage in city_truth.passages}
    passage_of = {s.id: p for s in matched.sightings if (p := matched.matches[s.id].passage) is not None}
    with archive.catalogue.reading() as connection:
        known = models.listing(connection)
        appearance = [model.id for model in known if model.kind == "appearance"]
        if len(appearance) != 1:
            raise ArchiveError(
                f"{archive.path} has vectors of {len(appearance)} models, not of one: ingest the city anew"
            )
        stored = vectors.of_sightings(connection, appearance[0], sorted(passage_of))
    found = []
    for id_ in sorted(stored):
        passage = passages[passage_of[id_]]
        vehicle = city_truth.vehicles[passage.vehicle]
        kind = f"{vehicle.model} {vehicle.colour}"
        found.append(SightingVectors(vehicle.vehicle, kind, view_of(passage.heading), stored[id_]))
    return tuple(sorted(model.id for model in known)), tuple(found)
