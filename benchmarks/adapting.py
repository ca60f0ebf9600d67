"""Measure what adapting to a simulated city's archive gains on vehicles whose plates were never read.

`python -m benchmarks.adapting ARCHIVE CITY` reads the plates in the archive's pictures with the current reader, learns
as `retrace adapt` does, searches by appearance alone, and compares with the truth of CITY. The archive is not changed.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.claim import machine
from index.learning.adapting import AdaptOptions, ModelComparison, ShotVectors, compare, known_pictures
from index.learning.known_pairs import LEAST_CHARACTERS, LEAST_CONFIDENCE
from index.learning.labels import Labels, at_true_time, labels_of
from index.learning.reembedding import pictures_of
from index.map.places import current_places
from index.records import Sighting
from index.simulation.match_archive import MatchedArchive, match_archive, read_truth
from index.simulation.matching import Match
from index.store.archive import Archive
from index.store.catalogue import clocks
from index.store.catalogue import sightings as stored_sightings
from reid.appearance.embedders import Embedder, EmbedderOptions, OnnxEmbedder
from reid.evaluation.intervals import Figure
from reid.plates.locate import packaged_locator
from reid.plates.passage import passage_plate
from reid.plates.read import spell
from reid.training.appearance.datasets import BOX_SIDE_PX
from reid.training.appearance.export import export_onnx, load_network, write_appearance_card
from reid.training.appearance.tuning import TuneOptions, TuningLabels, tune
from reid.weights import Weights, find_weights


def main() -> None:
    """Print what the labels hold, and mAP before and after on held-out vehicles and on those never read."""
    arguments = _arguments()
    archive = Archive.open(arguments.archive)
    matched = match_archive(archive, arguments.city, read_truth(arguments.city))
    shown = [one for one in matched.sightings if one.shots]
    texts = read_surely(archive, shown)
    labels = _labels(archive, shown, texts)
    joined = len(labels.ids) - len(set(labels.vehicle.tolist()))
    print(f"{find_weights('appearance').model_id}; {machine()}")
    print(
        f"{len(shown)} sightings, {len(texts)} plates surely read, {joined} joined, {len(labels.held_out)} kept aside"
    )
    if joined == 0:
        print("plates join nothing that could be learned from")
        return
    options = EmbedderOptions(threads=arguments.threads)
    known = known_pictures(archive, labels, AdaptOptions().shots)
    with TemporaryDirectory() as folder:
        tuned = _tuned(known, Path(folder), arguments.steps, arguments.threads)
        old, new = (_vectors(archive, shown, OnnxEmbedder(one, options)) for one in (find_weights("appearance"), tuned))
    never = replace(labels, held_out=never_read(matched, texts))
    for name, split in (("kept aside", labels), ("never read", never)):
        print(_line(name, compare(split, old, new)))


def read_surely(archive: Archive, sightings: Sequence[Sighting]) -> dict[str, str]:
    """Return the plate texts that are sure enough for labels, by sighting."""
    texts = {}
    for one in sightings:
        reading = passage_plate(pictures_of(archive, one), packaged_locator(), spell)
        text = None if reading is None else reading.plate.text
        is_sure = reading is not None and reading.plate.confidence >= LEAST_CONFIDENCE
        if text and is_sure and len(text) >= LEAST_CHARACTERS:
            texts[one.id] = text
    return texts


def never_read(matched: MatchedArchive, texts: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return the sightings of each vehicle that passed two cameras and whose plate was read surely at neither."""
    matches: Mapping[str, Match] = matched.matches
    of_vehicle: dict[str, list[Sighting]] = defaultdict(list)
    for one in matched.sightings:
        vehicle = matches[one.id].vehicle
        if vehicle is not None and one.shots:
            of_vehicle[vehicle].append(one)
    return tuple(
        tuple(one.id for one in own)
        for _, own in sorted(of_vehicle.items())
        if len({one.camera for one in own}) > 1 and not any(one.id in texts for one in own)
    )


def _labels(archive: Archive, sightings: Sequence[Sighting], texts: Mapping[str, str]) -> Labels:
    camera_of = {one.id: one.camera for one in sightings}
    of_text: dict[str, list[str]] = defaultdict(list)
    for id_, text in texts.items():
        of_text[text].append(id_)
    joined = [sorted(own) for own in of_text.values() if len({camera_of[id_] for id_ in own}) > 1]
    with archive.catalogue.reading() as connection:
        known = clocks.by_camera(clocks.all_offsets(connection))
        passages = stored_sightings.briefs(connection, sorted(camera_of))
    places = current_places(archive)
    times = None if places is None else places.travel.times
    ahead_s = [known.get(one.camera, clocks.TRUE_CLOCK).ahead_s(one.best) for one in passages]
    return labels_of(list(map(at_true_time, passages, ahead_s)), joined, texts, times)


def _tuned(known: TuningLabels, folder: Path, steps: int, threads: int) -> Weights:
    options = TuneOptions(steps, max(1, steps // 2), threads=threads)
    network = tune(load_network(find_weights("appearance").path), known, folder, options, lambda _: None)
    onnx = folder / "tuned.onnx"
    export_onnx(network, onnx, side_px=BOX_SIDE_PX)
    return Weights(write_appearance_card(onnx, name="tuned", side_px=BOX_SIDE_PX, source=""), onnx, packaged=False)


def _vectors(archive: Archive, sightings: Sequence[Sighting], embedder: Embedder) -> ShotVectors:
    return {one.id: embedder.embed(pictures_of(archive, one)) for one in sightings}


def _line(name: str, found: ModelComparison) -> str:
    figures = f"before {_figure(found.before)}, after {_figure(found.after)}"
    return f"{name}: {found.vehicles} vehicles, {found.questions} questions, mAP {figures}, gain {_figure(found.gain)}"


def _figure(one: Figure) -> str:
    return "none" if one.value is None else f"{one.value:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("city", type=Path, help="the folder of `retrace city make`")
    parser.add_argument("--steps", type=int, default=AdaptOptions().steps)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
