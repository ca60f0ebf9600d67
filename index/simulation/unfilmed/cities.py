"""Read filmed cities with their archives, and fit the noise of seeing on them."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from index.archive import Archive
from index.catalogue import models, vectors
from index.errors import ArchiveError
from index.sighting import Sighting
from index.simulation import truth
from index.simulation.about import read_about
from index.simulation.calibrate import FIRST_PUBLISHED_SEED
from index.simulation.questions import middle
from index.simulation.recall import CityTruth, Remembered, read_truth, remember
from index.simulation.truth import TrueSighting, TrueWeather
from index.simulation.unfilmed.draw import view_of
from index.simulation.unfilmed.fit import fit
from index.simulation.unfilmed.likeness import Portrait
from index.simulation.unfilmed.seeing_noise import SeeingNoise
from index.simulation.unfilmed.seen import SeenCity, SeenPassage

Progress = Callable[[str], None]


def fit_noise(cities: Sequence[Path], progress: Progress | None = None) -> SeeingNoise:
    """Return the noise fitted on filmed cities, each with its archive in `archive` inside its folder."""
    say = progress or (lambda line: None)
    for city in cities:
        _check(city)
    seen = []
    for city in cities:
        seen.append(see(city))
        say(f"{city}: {len(seen[-1].passages)} passages, {len(seen[-1].phantoms)} phantoms")
    return fit(seen, made=datetime.now(UTC).date().isoformat())


def see(city: Path) -> SeenCity:
    """Return what the pipeline made of a city, beside what is true."""
    with Archive.open(city / "archive") as archive:
        true = read_truth(city)
        remembered = remember(archive, city, true)
        by_passage: dict[str, list[Sighting]] = defaultdict(list)
        for sighting in remembered.sightings:
            passage = remembered.matches[sighting.id].passage
            if passage is not None:
                by_passage[passage].append(_at_true_time(sighting, true.clocks[sighting.camera]))
        stations = {weather.camera: weather for weather in truth.read(city, TrueWeather)}
        about = read_about(city)
        passages = tuple(
            SeenPassage(
                city=str(city),
                passage=p,
                at_s=(middle(p) - about.start).total_seconds(),
                vehicle=true.vehicles[p.vehicle],
                kind=stations[p.camera].kind,
                weather=stations[p.camera].weather,
                sightings=tuple(by_passage[p.passage]),
            )
            for p in true.passages
        )
        phantoms = tuple(s for s in remembered.sightings if remembered.matches[s.id].vehicle is None)
        used, portraits = _portraits(archive, remembered, true)
        return SeenCity(about.seed, used, passages, phantoms, portraits)


def _check(city: Path) -> None:
    seed = read_about(city).seed
    if seed >= FIRST_PUBLISHED_SEED:
        raise ArchiveError(
            f"{city} has seed {seed}: seeds from {FIRST_PUBLISHED_SEED} on are for published figures, "
            "fit on cities of lower ones"
        )
    if truth.has(city, TrueSighting):
        raise ArchiveError(f"{city} was made with --no-video: the noise is fitted on cities that were filmed")


def _at_true_time(sighting: Sighting, ahead_s: float) -> Sighting:
    ahead = timedelta(seconds=ahead_s)
    return replace(sighting, first=sighting.first - ahead, best=sighting.best - ahead, last=sighting.last - ahead)


def _portraits(
    archive: Archive, remembered: Remembered, true: CityTruth
) -> tuple[tuple[str, ...], tuple[Portrait, ...]]:
    """Return the archive's models, and the vectors of all sightings that show a vehicle on the move."""
    passages = {passage.passage: passage for passage in true.passages}
    shown = {s.id: p for s in remembered.sightings if (p := remembered.matches[s.id].passage) is not None}
    with archive.catalogue.reading() as connection:
        known = models.listing(connection)
        looks = [model.id for model in known if model.kind == "appearance"]
        if len(looks) != 1:
            raise ArchiveError(f"{archive.path} has vectors of {len(looks)} models, not of one: ingest the city anew")
        stored = vectors.of_sightings(connection, looks[0], sorted(shown))
    portraits = []
    for id_ in sorted(stored):
        passage = passages[shown[id_]]
        vehicle = true.vehicles[passage.vehicle]
        kind = f"{vehicle.model} {vehicle.colour}"
        portraits.append(Portrait(vehicle.vehicle, kind, view_of(passage.heading), stored[id_]))
    return tuple(sorted(model.id for model in known)), tuple(portraits)
