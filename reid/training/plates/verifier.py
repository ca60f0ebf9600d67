"""Train the plate verifier: pairs of views of one plate against views of plates that hardly differ."""

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
from reid.plates.alphabet import CHARACTERS
from reid.plates.networks.verifier import PlateFeatures, VerifierNet, VerifierOptions
from reid.training import checkpoint
from reid.training.loop import Lessons, LoopOptions, train
from reid.training.plates.calibrate import calibrate
from reid.training.plates.export_verifier import export_verifier, write_verifier_card
from reid.training.plates.lighting import lit
from reid.training.plates.picture_input import as_input
from reid.training.plates.pictures import draw_view, network_picture
from reid.training.plates.twins import TwinPlates, draw_twins
from reid.training.table import Row
from reid.vehicle import Image
from reid.weights import Card, Weights

_VIEWS = 2
"""Views of each plate; a group is two plates that hardly differ: a a b b."""

_TURNS, _APART = 3, 40
"""Drawing costs more than looking: plates come in three batches, so many batches apart, in other views each time."""


_USUAL = LoopOptions(4_000, 800, learning_rate=2e-3, report_every=100)


@dataclass(frozen=True, slots=True)
class VerifierRecipe:
    """What goes in: `groups` of two plates in a batch, `start` the `best.pt` of a reader or verifier to begin with.

    `judged_groups` of four pictures that no training sees say what the scores are worth.
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
        """Return all that decides the outcome, so that two runs can be compared."""
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
class Groups:
    """Pictures (4 * groups, HEIGHT_PX, WIDTH_PX, 3), of each group two views a plate, and what stands on them."""

    pictures: npt.NDArray[np.uint8]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MakeGroups:
    """Make the batches of a training."""

    seed: int
    groups: int

    def __call__(self, number: int) -> Groups:
        """Return batch `number`, the same whichever process makes it."""
        rng = np.random.default_rng([self.seed, 71, number])
        turn, place = divmod(number, _TURNS * _APART)
        drawn = _drawn_groups(self.seed, turn * _APART + place % _APART, self.groups)
        shown = [one for plates in drawn for one in _shown(plates, rng)]
        return Groups(np.stack([picture for picture, _ in shown]), tuple(text for _, text in shown))


def follow(recipe: VerifierRecipe, out: Path, report: Callable[[Row], None]) -> Card:
    """Write `out`/NAME.onnx, calibrated, and its card; the same recipe goes on where it was stopped."""
    torch.manual_seed(recipe.loop.seed)
    network = VerifierNet(recipe.network)
    if recipe.start is not None:
        _begin_with(network, recipe.start)
    lessons = Lessons(MakeGroups(recipe.loop.seed, recipe.groups), _Losses(recipe), recipe.text)
    trained = train(network, lessons, out, recipe.loop, report)
    onnx = out / f"{recipe.name}.onnx"
    export_verifier(trained, onnx)
    length = f"--steps {recipe.loop.steps} --last-steps {recipe.loop.last_steps}"
    source = f"retrace train verifier {length} --seed {recipe.loop.seed}"
    card = write_verifier_card(onnx, name=recipe.name, source=source)
    calibrate(Weights(card, onnx, packaged=False), groups=recipe.judged_groups, seed=recipe.loop.seed + 1)
    return write_verifier_card(onnx, name=recipe.name, source=source)


@dataclass(frozen=True, slots=True)
class _Losses:
    recipe: VerifierRecipe

    def __call__(self, network: VerifierNet, batch: Groups) -> Mapping[str, Tensor]:
        """Return how badly the other view is found among all, pairs are judged, and plates are spelled."""
        device = network.log_scale.device
        features = network.trunk(as_input(batch.pictures, device))
        looks = network.looks(features)
        pairs, same = _pairs(self.recipe.groups)
        a, b = (PlateFeatures(looks.vector[side], looks.map[side]) for side in pairs.to(device))
        judged = network.pairs(a, b).float()
        return {
            "search": self.recipe.search_weight * _search_loss(looks.vector, network.log_scale),
            "pairs": self.recipe.pair_weight * functional.binary_cross_entropy_with_logits(judged, same.to(device)),
            "spelling": self.recipe.spelling_weight * _spelling_loss(network.spelling(features), batch.texts),
        }


def _search_loss(vectors: Tensor, log_scale: Tensor) -> Tensor:
    """Ask each view for the other of its plate among all of the batch (InfoNCE; van den Oord et al., 2018)."""
    likeness = (vectors.float() @ vectors.float().T) * log_scale.clamp(max=4.0).exp()
    count = len(vectors)
    itself = torch.eye(count, dtype=torch.bool, device=vectors.device)
    other = torch.arange(count, device=vectors.device) ^ 1
    return functional.cross_entropy(likeness.masked_fill(itself, -1e4), other)


def _spelling_loss(logits: Tensor, texts: tuple[str, ...]) -> Tensor:
    """Let the columns spell the text in order, each character somewhere (CTC; Graves et al., 2006)."""
    letters = [[CHARACTERS.find(letter) + 1 or len(CHARACTERS) + 1 for letter in text] for text in texts]
    lengths = torch.tensor([len(text) for text in texts])
    spelled = logits.float().log_softmax(1).permute(2, 0, 1)
    steps = torch.full_like(lengths, len(spelled))
    targets = torch.tensor([code for text in letters for code in text], device=logits.device)
    return functional.ctc_loss(spelled, targets, steps, lengths, zero_infinity=True)


def _pairs(groups: int) -> tuple[Tensor, Tensor]:
    """Return (2, n) rows of pairs and whether they are the same: both plates, their twins, and strangers."""
    a1, a2, b1, b2 = torch.arange(4 * groups).view(groups, 4).T
    stranger = torch.roll(b2, 1)
    first = torch.cat([a1, b1, a1, a2, a1])
    second = torch.cat([a2, b2, b1, b2, stranger])
    same = torch.cat([torch.ones(2 * groups), torch.zeros(3 * groups)])
    return torch.stack([first, second]), same


@lru_cache(maxsize=_APART + 1)
def _drawn_groups(seed: int, number: int, groups: int) -> tuple[TwinPlates, ...]:
    """Draw the plates of a batch; kept until all batches that show them are made."""
    rng = np.random.default_rng([seed, 73, number])
    return tuple(draw_twins(rng) for _ in range(groups))


def _shown(plates: TwinPlates, rng: np.random.Generator) -> list[tuple[Image, str]]:
    """Return the views of two plates, each in its own light."""
    sides = zip(plates.pictures, plates.texts, strict=True)
    return [
        (network_picture(draw_view(lit(side, rng), rng), rng, careless=True, harsh=True), text)
        for side, text in sides
        for _ in range(_VIEWS)
    ]


def _begin_with(network: VerifierNet, start: Path) -> None:
    """Take what another plate network has learned of characters: its trunk; of a verifier, everything."""
    known, weights = network.state_dict(), checkpoint.read(start).get("network", {})
    fitting = {name: value for name, value in weights.items() if name in known and value.shape == known[name].shape}
    if not fitting:
        raise SeeingError(
            f"{start} holds nothing that a verifier could begin with: give a reader's or verifier's best.pt"
        )
    network.load_state_dict({**known, **fitting})
