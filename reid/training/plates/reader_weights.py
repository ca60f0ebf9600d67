"""Train the plate reader to the end: the network, how sure it may be, and what it takes for what."""

from collections.abc import Callable, Iterator
from pathlib import Path

from reid.plates.alphabet import CHARACTERS
from reid.plates.confusion import LEARNED, write_confusion
from reid.plates.networks.reader import END
from reid.plates.reader import READER, Reader
from reid.plates.spelling import Spelling
from reid.training.plates.confusions import fit_confusion
from reid.training.plates.export_reader import export_reader, fit_temperature, write_reader_card
from reid.training.plates.lettering import CJK_FONTS, LATIN_FONTS, installed
from reid.training.plates.reader import HELD_OUT, ReaderRecipe, train_reader
from reid.training.plates.readings import MakeTexts
from reid.training.table import Row
from reid.weights import Card, Weights

CALIBRATION, CONFUSION = HELD_OUT + 1, HELD_OUT + 2
"""Parts of the made-up plates that nothing else sees: for the temperature, and for the confusion."""

_CALIBRATION_PICTURES = 3_200
_CONFUSION_PICTURES = 6_400
_LEAST_CONFIDENCE = 0.3
"""Readings less sure than this decide nothing, and their mistakes would be blamed on those that do."""


def follow(recipe: ReaderRecipe, out: Path, report: Callable[[Row], None]) -> Card:
    """Train, and write weights, their card and the confusion into `out`; go on where an earlier run stopped."""
    network = train_reader(recipe, out, report)
    calibration = MakeTexts(recipe.seed, recipe.count, CALIBRATION)
    pictures = _CALIBRATION_PICTURES // recipe.count
    temperature = fit_temperature(network, [calibration(number) for number in range(pictures)])
    onnx = out / f"{READER}.onnx"
    export_reader(network, onnx, temperature=temperature)
    card = write_reader_card(onnx, name=READER, source=_source(recipe, temperature))
    reader = Reader(Weights(card, onnx, packaged=False))
    write_confusion(fit_confusion(_readings(reader, recipe)), out / LEARNED.name)
    return card


def _readings(reader: Reader, recipe: ReaderRecipe) -> Iterator[tuple[Spelling, str]]:
    """Yield what the reader makes of plates that it has never seen, where it is sure enough, with their texts."""
    make = MakeTexts(recipe.seed, recipe.count, CONFUSION)
    for number in range(_CONFUSION_PICTURES // recipe.count):
        batch = make(number)
        for spelling, classes in zip(reader.read(list(batch.pictures)), batch.classes, strict=True):
            truth = "".join(CHARACTERS[code] for code in classes if code != END)
            if spelling.confidence >= _LEAST_CONFIDENCE and truth:
                yield spelling, truth


def _source(recipe: ReaderRecipe, temperature: float) -> str:
    fonts = f"{len(installed(LATIN_FONTS))} Latin and {len(installed(CJK_FONTS))} Chinese fonts installed"
    return f"retrace train reader, seed {recipe.seed}: drawn plates, {fonts}; temperature {temperature:.3f}"
