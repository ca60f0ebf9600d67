"""Measure what adapting to a simulated city's archive gains on vehicles whose plates were never read.

`python -m benchmarks.adapting ARCHIVE CITY` reads the plates in the archive's pictures with the reader of today, learns
as `retrace adapt` would and asks by looks alone, with what is true of CITY beside it. The archive is not changed.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.claim import machine
from index.adapt import AdaptOptions, known_pictures
from index.archive import Archive
from index.catalogue import cameras, glimpses
from index.learning.known_passages import LEAST_CHARACTERS, LEAST_CONFIDENCE
from index.learning.model_check import Comparison, Vectors, compare
from index.learning.reembedding import pictures_of
from index.learning.vehicle_labels import Labels, at_true_time, labels_of
from index.sighting import Sighting
from index.simulation.matching import Match
from index.simulation.recall import Remembered, read_truth, remember
from reid.appearance.embedder import Embedder
from reid.appearance.onnx_embedder import EmbedderOptions, OnnxEmbedder
from reid.evaluation.intervals import Figure
from reid.plates.locate import packaged_locator
from reid.plates.passage import passage_plate
from reid.plates.read import spell
from reid.training.datasets import BOX_SIDE_PX
from reid.training.export import export_onnx, write_appearance_card
from reid.training.reload import network_of
from reid.training.tuning import Known, TuneOptions, tune
from reid.weights import Weights, find_weights


def main() -> None:
    """Print how much is known, and mAP before and after on the vehicles kept aside and on those never read."""
    asked = _arguments()
    archive = Archive.open(asked.archive)
    remembered = remember(archive, asked.city, read_truth(asked.city))
    shown = [one for one in remembered.sightings if one.shots]
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
    options = EmbedderOptions(threads=asked.threads)
    known = known_pictures(archive, labels, AdaptOptions().shots)
    with TemporaryDirectory() as folder:
        tuned = _tuned(known, Path(folder), asked.steps, asked.threads)
        old, new = (_vectors(archive, shown, OnnxEmbedder(one, options)) for one in (find_weights("appearance"), tuned))
    never = replace(labels, held_out=never_read(remembered, texts))
    for name, told in (("kept aside", labels), ("never read", never)):
        print(_line(name, compare(told, old, new)))


def read_surely(archive: Archive, sightings: Sequence[Sighting]) -> dict[str, str]:
    """Return what stands on the plates, of those sightings that labels may come from."""
    texts = {}
    for one in sightings:
        seen = passage_plate(pictures_of(archive, one), packaged_locator(), spell)
        text = None if seen is None else seen.plate.text
        if seen is not None and text and seen.plate.confidence >= LEAST_CONFIDENCE and len(text) >= LEAST_CHARACTERS:
            texts[one.id] = text
    return texts


def never_read(remembered: Remembered, texts: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return the sightings of each vehicle that passed two cameras and whose plate was surely read at none."""
    matches: Mapping[str, Match] = remembered.matches
    of_vehicle: dict[str, list[Sighting]] = defaultdict(list)
    for one in remembered.sightings:
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
        ahead_s = {camera: offset.offset_s for camera, offset in cameras.offsets(connection).items()}
        passages = glimpses.by_ids(connection, sorted(camera_of))
    times = None if archive.places is None else archive.places.travel.times
    return labels_of([at_true_time(one, ahead_s.get(one.camera, 0.0)) for one in passages], joined, texts, times)


def _tuned(known: Known, folder: Path, steps: int, threads: int) -> Weights:
    options = TuneOptions(steps, max(1, steps // 2), threads=threads)
    network = tune(network_of(find_weights("appearance").path), known, folder, options, lambda _: None)
    onnx = folder / "tuned.onnx"
    export_onnx(network, onnx, side_px=BOX_SIDE_PX)
    return Weights(write_appearance_card(onnx, name="tuned", side_px=BOX_SIDE_PX, source=""), onnx, packaged=False)


def _vectors(archive: Archive, sightings: Sequence[Sighting], embedder: Embedder) -> Vectors:
    return {one.id: embedder.embed(pictures_of(archive, one)) for one in sightings}


def _line(name: str, found: Comparison) -> str:
    told = (f"{label} {_figure(one)}" for label, one in (("before", found.before), ("after", found.after)))
    figures = ", ".join(told)
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
