"""Make the plate reader's weights from start to end: train, fit temperature and confusion, export, write the card."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from reid.arrays import Flags, Floats
from reid.plates.likelihood import LEARNED, write_confusion
from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX, as_input
from reid.plates.networks.grid import MEAN, SPREAD
from reid.plates.networks.reader import END, PLACES, TOKEN_COLUMNS, TOKEN_ROWS, ReaderNet, ReaderOptions
from reid.plates.read import READER, Reader
from reid.plates.spelling import CHARACTERS, Spelling
from reid.training.loop import LogRow, LoopOptions, TrainingTask, train
from reid.training.onnx_file import Ports, ServedNetwork, write_onnx, write_onnx_card
from reid.training.plates.calibration import fit_confusion
from reid.training.plates.lettering import CJK_FONTS, LATIN_FONTS, installed_fonts
from reid.training.plates.reader_samples import ReaderBatch, ReaderBatches
from reid.training.plates.real_crops import TEXTS, read_real_plates
from reid.training.served_start import load_start
from reid.weights import Card, PictureInput, Weights, file_sha256

LOOP = LoopOptions(20_000, 1_500, clip=2.0)
REAL_LOOP = LoopOptions(3_000, 2_000, learning_rate=4e-4, clip=2.0)
"""Real plates teach a network that has learned from drawn ones."""

HELD_OUT = 1
"""The part of the synthetic plates held out for validation."""

_VALIDATION_BATCHES = 30
_ATTENTION_SPREAD = (0.9, 0.7)
"""Spread of the target attention around a character's centre, in columns and rows of tokens."""

CALIBRATION, CONFUSION = HELD_OUT + 1, HELD_OUT + 2
"""Parts of the synthetic plates held out for the temperature and for the confusion."""

_CALIBRATION_PICTURES = 3_200
_CONFUSION_PICTURES = 6_400
_LEAST_CONFIDENCE = 0.3
"""Readings below this confidence are not used in a search, so they must not shape the confusion."""

TASK = "plate reader"
_TEMPERATURES = np.exp(np.linspace(np.log(0.5), np.log(3.0), 60))


@dataclass(frozen=True, slots=True)
class ReaderRecipe:
    """All inputs of a training; `count` is the batch size, the first `easy` batches are easier.

    `end_weight` is the loss weight of a place without character, `look_weight` that of the attention. `start` is the
    `best.pt` or ONNX file of a reader to start from, without easy batches. `crops` are folders of real plates.
    """

    loop: LoopOptions = field(default_factory=lambda: LOOP)
    seed: int = 0
    count: int = 32
    end_weight: float = 0.3
    look_weight: float = 0.5
    easy: int = 3_000
    network: ReaderOptions = field(default_factory=ReaderOptions)
    start: Path | None = None
    crops: tuple[Path, ...] = ()

    @property
    def text(self) -> str:
        """Return all options that decide the outcome as comparable text."""
        return json.dumps(
            {
                "plates": "reader",
                "seed": self.seed,
                "count": self.count,
                "easy": self.easy,
                "weights": [self.end_weight, self.look_weight],
                "learning_rate": self.loop.learning_rate,
                "network": asdict(self.network),
                "start": self.start is not None,
                **({"crops": [file_sha256(folder / TEXTS) for folder in self.crops]} if self.crops else {}),
            },
            sort_keys=True,
        )


def train_reader_network(recipe: ReaderRecipe, out: Path, report: Callable[[LogRow], None]) -> ReaderNet:
    """Return the trained network; the same recipe resumes where it was stopped."""
    torch.manual_seed(recipe.seed)
    network = ReaderNet(recipe.network)
    if recipe.start is not None:
        load_start(network, torch.zeros(1, 3, HEIGHT_PX, WIDTH_PX), recipe.start)
    real = read_real_plates(recipe.crops)
    make = ReaderBatches(recipe.seed, recipe.count, easy=recipe.easy if recipe.start is None else 0, real=real)
    held = ReaderBatches(recipe.seed, recipe.count, HELD_OUT)
    task = TrainingTask(make, _ReaderLosses(recipe), recipe.text, _ReaderValidation(held))
    return train(network, task, out, recipe.loop, report)


@dataclass(frozen=True, slots=True)
class _ReaderLosses:
    recipe: ReaderRecipe

    def __call__(self, network: ReaderNet, batch: ReaderBatch) -> Mapping[str, Tensor]:
        """Return the losses of the characters and of the attention."""
        device = network.slots.device
        reading = network(as_input(batch.pictures, device))
        classes = torch.from_numpy(batch.classes).to(device)
        places = torch.from_numpy(batch.places).to(device)
        return {
            "characters": _spelling_loss(reading.characters, classes, self.recipe.end_weight),
            "looks": self.recipe.look_weight * _attention_loss(reading.attention, places),
        }


@dataclass(frozen=True, slots=True)
class _ReaderValidation:
    held: ReaderBatches

    def __call__(self, network: ReaderNet) -> Mapping[str, float]:
        """Return the mean log probability of held-out texts, which decides, and the share read exactly."""
        network.eval()
        exact, likely = zip(
            *(_scored(network, self.held(number)) for number in range(_VALIDATION_BATCHES)), strict=True
        )
        return {"log_likelihood": float(np.concatenate(likely).mean()), "exact": float(np.concatenate(exact).mean())}


def train_reader(recipe: ReaderRecipe, out: Path, report: Callable[[LogRow], None]) -> Card:
    """Train and write weights, their card and the confusion into `out`; the same recipe resumes."""
    network = train_reader_network(recipe, out, report)
    calibration = ReaderBatches(recipe.seed, recipe.count, CALIBRATION)
    pictures = _CALIBRATION_PICTURES // recipe.count
    temperature = fit_temperature(network, [calibration(number) for number in range(pictures)])
    onnx = out / f"{READER}.onnx"
    export_reader(network, onnx, temperature=temperature)
    card = write_reader_card(onnx, name=READER, source=_source(recipe, temperature))
    reader = Reader(Weights(card, onnx, packaged=False))
    write_confusion(fit_confusion(_readings(reader, recipe)), out / LEARNED.name)
    return card


@torch.no_grad()
def fit_temperature(network: ReaderNet, batches: Sequence[ReaderBatch]) -> float:
    """Return the temperature that makes the true texts of held-out pictures most probable.

    Guo et al., "On calibration of modern neural networks", 2017, section 4.
    """
    network.eval()
    device = network.slots.device
    logits = torch.cat([network(as_input(batch.pictures, device)).characters.float().cpu() for batch in batches])
    classes = torch.from_numpy(np.concatenate([batch.classes for batch in batches]))
    counted = torch.arange(PLACES) <= (classes != END).sum(1, keepdim=True)
    likely = [_log_likelihood(logits / float(value), classes, counted) for value in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmax(likely))])


def export_reader(network: ReaderNet, path: Path, *, temperature: float) -> None:
    """Write the network for any number of rectified plates; it gives calibrated probabilities (n, PLACES, END + 1)."""
    free = {name: {0: "plates"} for name in ("pictures", "characters")}
    ports = Ports(("pictures",), ("characters",), free)
    served = ServedNetwork(network, lambda reader, pictures: (reader(pictures).characters / temperature).softmax(2))
    write_onnx(served, (torch.zeros(2, 3, HEIGHT_PX, WIDTH_PX),), path, ports, half=True)


def write_reader_card(onnx: Path, *, name: str, source: str) -> Card:
    """Write the card beside the file and return it."""
    picture = PictureInput(WIDTH_PX, HEIGHT_PX, "RGB", (MEAN,) * 3, (SPREAD,) * 3)
    return write_onnx_card(onnx, name=name, task=TASK, source=source, picture=picture, output="characters")


def _spelling_loss(logits: Tensor, classes: Tensor, end_weight: float) -> Tensor:
    """Return the mean cross-entropy of the places; those after the first end weigh less."""
    each = functional.cross_entropy(logits.float().transpose(1, 2), classes, reduction="none")
    ended = (classes == END).long().cumsum(1)
    weight = torch.where(ended > 1, 0.1 * end_weight, torch.where(ended == 1, end_weight, 1.0))
    return (each * weight).sum() / weight.sum()


def _attention_loss(attention: Tensor, places: Tensor) -> Tensor:
    """Return the cross-entropy of each place's attention against a small Gaussian on its character."""
    rows, columns = torch.meshgrid(
        (torch.arange(TOKEN_ROWS, device=attention.device) + 0.5) / TOKEN_ROWS,
        (torch.arange(TOKEN_COLUMNS, device=attention.device) + 0.5) / TOKEN_COLUMNS,
        indexing="ij",
    )
    known = ~places[..., 0].isnan()
    x, y = places[known].unbind(1)
    across = (columns.flatten() - x[:, None]) * TOKEN_COLUMNS / _ATTENTION_SPREAD[0]
    down = (rows.flatten() - y[:, None]) * TOKEN_ROWS / _ATTENTION_SPREAD[1]
    target = (-(across**2 + down**2) / 2).softmax(1)
    log_attention = attention.float()[known].log_softmax(1)
    return -(target * log_attention).sum(1).mean() if len(log_attention) else attention.sum() * 0.0


@torch.no_grad()
def _scored(network: ReaderNet, batch: ReaderBatch) -> tuple[Flags, Floats]:
    """Return whether the text of each picture is read exactly, and its log probability."""
    device = network.slots.device
    log_probability = network(as_input(batch.pictures, device)).characters.float().log_softmax(2).cpu().numpy()
    likely = np.take_along_axis(log_probability, batch.classes[..., None], axis=2)[..., 0]
    counted = np.arange(PLACES) <= (batch.classes != END).sum(axis=1)[:, None]
    exact = ((log_probability.argmax(axis=2) == batch.classes) | ~counted).all(axis=1)
    return exact, (likely * counted).sum(axis=1).astype(np.float64)


def _readings(reader: Reader, recipe: ReaderRecipe) -> Iterator[tuple[Spelling, str]]:
    """Yield sure enough readings of held-out plates with their true texts."""
    make = ReaderBatches(recipe.seed, recipe.count, CONFUSION)
    for number in range(_CONFUSION_PICTURES // recipe.count):
        batch = make(number)
        for spelling, classes in zip(reader.read(list(batch.pictures)), batch.classes, strict=True):
            truth = "".join(CHARACTERS[code] for code in classes if code != END)
            if spelling.confidence >= _LEAST_CONFIDENCE and truth:
                yield spelling, truth


def _source(recipe: ReaderRecipe, temperature: float) -> str:
    fonts = f"{len(installed_fonts(LATIN_FONTS))} Latin and {len(installed_fonts(CJK_FONTS))} Chinese fonts installed"
    real = f", {len(read_real_plates(recipe.crops))} real crops" if recipe.crops else ""
    return f"retrace train reader, seed {recipe.seed}: drawn plates{real}, {fonts}; temperature {temperature:.3f}"


def _log_likelihood(logits: Tensor, classes: Tensor, counted: Tensor) -> float:
    log_probability = logits.log_softmax(2).gather(2, classes[..., None])[..., 0]
    return float((log_probability * counted).sum() / len(classes))
