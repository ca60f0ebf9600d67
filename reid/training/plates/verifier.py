"""Make the plate verifier's weights from start to end: train on twin plates, calibrate, export, write the card."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from reid.errors import SeeingError
from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX, as_input
from reid.plates.networks.grid import MEAN, SPREAD
from reid.plates.networks.verifier import PlateFeatures, VerifierNet, VerifierOptions
from reid.plates.spelling import CHARACTERS
from reid.plates.verify import TASK
from reid.training import checkpoint
from reid.training.loop import LogRow, LoopOptions, TrainingTask, train
from reid.training.onnx_file import Ports, ServedNetwork, write_onnx, write_onnx_card
from reid.training.plates.calibration import calibrate_verifier
from reid.training.plates.degradation import relit
from reid.training.plates.verifier_samples import TwinPlates, draw_plate_view, draw_twins, network_picture
from reid.training.served_start import load_start
from reid.vehicle import Image
from reid.weights import Card, PictureInput, Weights

_VIEWS = 2
"""Views of each plate; a group is two twin plates: a a b b."""

_TURNS, _APART = 3, 40
"""Each plate is used in three batches, this many batches apart, in new views, because drawing plates is slow."""

_USUAL = LoopOptions(4_000, 800, learning_rate=2e-3, report_every=100)
_LOOKS = ("vector", "map")
_PAIRS = ("vector_a", "map_a", "vector_b", "map_b")


@dataclass(frozen=True, slots=True)
class VerifierRecipe:
    """All inputs of a training: `groups` of two plates a batch.

    `start` is the `best.pt` of a reader or verifier, or the ONNX file of a verifier to begin with.
    `judged_groups` held-out groups of four pictures calibrate the scores.
    """

    loop: LoopOptions = field(default_factory=lambda: _USUAL)
    groups: int = 40
    search_weight: float = 1.0
    pair_weight: float = 2.0
    spelling_weight: float = 0.5
    network: VerifierOptions = field(default_factory=VerifierOptions)
    start: Path | None = None
    judged_groups: int = 3_000
    name: str = "verifier"

    @property
    def text(self) -> str:
        """Return all options that decide the outcome as comparable text."""
        return json.dumps(
            {
                "plates": "verifier",
                "seed": self.loop.seed,
                "groups": self.groups,
                "weights": [self.search_weight, self.pair_weight, self.spelling_weight],
                "learning_rate": self.loop.learning_rate,
                "network": asdict(self.network),
                "start": self.start is not None,
            },
            sort_keys=True,
        )


@dataclass(frozen=True, slots=True)
class VerifierBatch:
    """Pictures (4 * groups, HEIGHT_PX, WIDTH_PX, 3), two views of each plate of a group, and their texts."""

    pictures: npt.NDArray[np.uint8]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifierBatches:
    """Makes the batches of a training."""

    seed: int
    groups: int

    def __call__(self, number: int) -> VerifierBatch:
        """Return batch `number`, the same in any process."""
        rng = np.random.default_rng([self.seed, 71, number])
        turn, place = divmod(number, _TURNS * _APART)
        drawn = _drawn_groups(self.seed, turn * _APART + place % _APART, self.groups)
        shown = [one for plates in drawn for one in _views_of(plates, rng)]
        return VerifierBatch(np.stack([picture for picture, _ in shown]), tuple(text for _, text in shown))


def train_verifier(recipe: VerifierRecipe, out: Path, report: Callable[[LogRow], None]) -> Card:
    """Train, calibrate and write `out`/NAME.onnx and its card; the same recipe resumes where it was stopped."""
    torch.manual_seed(recipe.loop.seed)
    network = VerifierNet(recipe.network)
    if recipe.start is not None:
        _load_start(network, recipe.start)
    task = TrainingTask(VerifierBatches(recipe.loop.seed, recipe.groups), _VerifierLosses(recipe), recipe.text)
    trained = train(network, task, out, recipe.loop, report)
    onnx = out / f"{recipe.name}.onnx"
    export_verifier(trained, onnx)
    length = f"--steps {recipe.loop.steps} --last-steps {recipe.loop.last_steps}"
    source = f"retrace train verifier {length} --seed {recipe.loop.seed}"
    card = write_verifier_card(onnx, name=recipe.name, source=source)
    calibrate_verifier(Weights(card, onnx, packaged=False), groups=recipe.judged_groups, seed=recipe.loop.seed + 1)
    return write_verifier_card(onnx, name=recipe.name, source=source)


@dataclass(frozen=True, slots=True)
class _VerifierLosses:
    recipe: VerifierRecipe

    def __call__(self, network: VerifierNet, batch: VerifierBatch) -> Mapping[str, Tensor]:
        """Return the losses of retrieval, of pair scores and of spelling."""
        device = network.log_scale.device
        features = network.trunk(as_input(batch.pictures, device))
        plates = network.plate_features(features)
        pairs, same = _pairs(self.recipe.groups)
        a, b = (PlateFeatures(plates.vector[side], plates.map[side]) for side in pairs.to(device))
        judged = network.pairs(a, b).float()
        return {
            "search": self.recipe.search_weight * _search_loss(plates.vector, network.log_scale),
            "pairs": self.recipe.pair_weight * functional.binary_cross_entropy_with_logits(judged, same.to(device)),
            "spelling": self.recipe.spelling_weight * _spelling_loss(network.spelling(features), batch.texts),
        }


def export_verifier(network: VerifierNet, path: Path) -> None:
    """Write the network without what only training needs."""
    pictures = torch.zeros(2, 3, HEIGHT_PX, WIDTH_PX)
    served = ServedNetwork(network.to("cpu"), _serve).eval()
    with torch.no_grad():
        features = network(pictures)
    free = {name: {0: "plates"} for name in ("pictures", *_LOOKS)} | {name: {0: "pairs"} for name in (*_PAIRS, "score")}
    ports = Ports(("pictures", *_PAIRS), (*_LOOKS, "score"), free)
    write_onnx(served, (pictures, features.vector, features.map, features.vector, features.map), path, ports, half=True)


def write_verifier_card(onnx: Path, *, name: str, source: str) -> Card:
    """Write the card beside the file and return it."""
    picture = PictureInput(WIDTH_PX, HEIGHT_PX, "RGB", (MEAN,) * 3, (SPREAD,) * 3)
    return write_onnx_card(onnx, name=name, task=TASK, source=source, picture=picture, output="vector")


def _serve(
    network: VerifierNet, pictures: Tensor, vector_a: Tensor, map_a: Tensor, vector_b: Tensor, map_b: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the features of the pictures, and a score of each pair; there may be none of either."""
    features = network(pictures)
    score = network.pairs(PlateFeatures(vector_a, map_a), PlateFeatures(vector_b, map_b))
    return features.vector, features.map, score


def _search_loss(vectors: Tensor, log_scale: Tensor) -> Tensor:
    """Return the loss of finding each view's other view among the batch (InfoNCE; van den Oord et al., 2018)."""
    likeness = (vectors.float() @ vectors.float().T) * log_scale.clamp(max=4.0).exp()
    count = len(vectors)
    itself = torch.eye(count, dtype=torch.bool, device=vectors.device)
    other = torch.arange(count, device=vectors.device) ^ 1
    return functional.cross_entropy(likeness.masked_fill(itself, -1e4), other)


def _spelling_loss(logits: Tensor, texts: tuple[str, ...]) -> Tensor:
    """Return the CTC loss of the text spelled along the columns (Graves et al., 2006)."""
    letters = [[CHARACTERS.find(letter) + 1 or len(CHARACTERS) + 1 for letter in text] for text in texts]
    lengths = torch.tensor([len(text) for text in texts])
    spelled = logits.float().log_softmax(1).permute(2, 0, 1)
    steps = torch.full_like(lengths, len(spelled))
    targets = torch.tensor([code for text in letters for code in text], device=logits.device)
    return functional.ctc_loss(spelled, targets, steps, lengths, zero_infinity=True)


def _pairs(groups: int) -> tuple[Tensor, Tensor]:
    """Return rows of pairs (2, n) and whether they are the same: same plates, twins, and unrelated plates."""
    a1, a2, b1, b2 = torch.arange(4 * groups).view(groups, 4).T
    stranger = torch.roll(b2, 1)
    first = torch.cat([a1, b1, a1, a2, a1])
    second = torch.cat([a2, b2, b1, b2, stranger])
    same = torch.cat([torch.ones(2 * groups), torch.zeros(3 * groups)])
    return torch.stack([first, second]), same


@lru_cache(maxsize=_APART + 1)
def _drawn_groups(seed: int, number: int, groups: int) -> tuple[TwinPlates, ...]:
    """Draw the plates of a batch; cached until all batches that use them are made."""
    rng = np.random.default_rng([seed, 73, number])
    return tuple(draw_twins(rng) for _ in range(groups))


def _views_of(plates: TwinPlates, rng: np.random.Generator) -> list[tuple[Image, str]]:
    """Return the views of two plates, each with its own light, and their texts."""
    sides = zip(plates.pictures, plates.texts, strict=True)
    return [
        (network_picture(draw_plate_view(relit(side, rng), rng), rng, careless=True, harsh=True), text)
        for side, text in sides
        for _ in range(_VIEWS)
    ]


def _load_start(network: VerifierNet, start: Path) -> None:
    """Load the ONNX file of a verifier, or what matches of a `best.pt`: a reader's trunk, or all of a verifier."""
    if start.suffix == ".onnx":
        load_start(network, torch.zeros(1, 3, HEIGHT_PX, WIDTH_PX), start)
        return
    known, weights = network.state_dict(), checkpoint.read(start).get("network", {})
    fitting = {name: value for name, value in weights.items() if name in known and value.shape == known[name].shape}
    if not fitting:
        raise SeeingError(
            f"{start} holds no weights that a verifier can start from: give a reader's or verifier's best.pt"
        )
    network.load_state_dict({**known, **fitting})
