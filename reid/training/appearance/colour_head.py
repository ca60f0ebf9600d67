"""Refit the colour head on pictures in their own colours, after the rest of the network is trained."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.appearance.network import HeadedNet
from reid.training.appearance.batches import normalise
from reid.training.appearance.datasets import BOX_SIDE_PX, UNKNOWN, Crops
from reid.training.augmentation import AugmentOptions, augmented

UNCHANGED_COLOURS = AugmentOptions(
    side_px=BOX_SIDE_PX,
    occlusion_chance=0.0,
    exposure=0.0,
    cast=0.0,
    gamma=0.0,
    lift=(0.0, 0.0),
    saturation=(1.0, 1.0),
    grey_chance=0.0,
    glare_chance=0.0,
    blur_chance=0.1,
    small_chance=0.2,
    noise_chance=0.1,
)
"""Random crops as in training, but no change of light or colour."""

MOST_PICTURES = 24_000
PICTURES_AT_ONCE = 128
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 30, 256, 3e-3, 1e-2


def refit_colour_head(network: HeadedNet, crops: Crops, *, seed: int) -> None:
    """Replace the colour head of a trained network by one fitted to these pictures; nothing else changes.

    Training changes light and white balance at random, which removes just what tells silver from white and brown
    from red.
    """
    rng = np.random.default_rng([seed, 51])
    known = rng.permutation(np.flatnonzero(crops.colour != UNKNOWN))[:MOST_PICTURES]
    if len(known) == 0:
        return
    features = _pooled_features(network, crops, known, rng)
    head = _fit_layer(
        features, torch.from_numpy(crops.colour[known]).to(features.device), len(network.colour_head.bias), seed
    )
    network.colour_head.load_state_dict(head.state_dict())


@torch.no_grad()
def _pooled_features(
    network: HeadedNet,
    crops: Crops,
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    rng: np.random.Generator,
) -> Tensor:
    """Return the pooled features of each picture, the input of the heads, (n, channels)."""
    network.eval()
    device = network.colour_head.weight.device
    blocks = []
    for start in range(0, len(rows), PICTURES_AT_ONCE):
        block = rows[start : start + PICTURES_AT_ONCE].tolist()
        shown = np.stack([augmented(crops.pictures[row], UNCHANGED_COLOURS, rng)[0] for row in block])
        blocks.append(network.pooled(normalise(shown).to(device)))
    return torch.cat(blocks)


def _fit_layer(features: Tensor, colour: Tensor, colours: int, seed: int) -> nn.Linear:
    """Return a linear layer fitted by cross-entropy on standardised features; the standardisation is folded into it."""
    middle, spread = features.mean(0), features.std(0) + 1e-6
    standardised = (features - middle) / spread
    generator = torch.Generator().manual_seed(seed)
    weight = torch.zeros(colours, features.shape[1], device=features.device, requires_grad=True)
    bias = torch.zeros(colours, device=features.device, requires_grad=True)
    optimizer = torch.optim.AdamW([weight, bias], LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for epoch in range(EPOCHS):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - epoch / EPOCHS)
        order = torch.randperm(len(features), generator=generator)
        for start in range(0, len(features), BATCH):
            rows = order[start : start + BATCH]
            loss = functional.cross_entropy(functional.linear(standardised[rows], weight, bias), colour[rows])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
    head = nn.Linear(features.shape[1], colours)
    with torch.no_grad():
        head.weight.copy_(weight / spread)
        head.bias.copy_(bias - (weight / spread) @ middle)
    return head.to(features.device)
