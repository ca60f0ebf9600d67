"""Teach the network's colour head once more on pictures as they were filmed, when all else is learned."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.appearance.network import AppearanceNet
from reid.training.augmentation import CameraOptions, as_another_camera
from reid.training.batches import normalise
from reid.training.datasets import BOX_SIDE_PX, UNKNOWN, Crops

AS_FILMED = CameraOptions(
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
"""Cut as carelessly as ever, but in the light and the colours that the camera gave it."""

MOST_PICTURES = 24_000
PICTURES_AT_ONCE = 128
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 30, 256, 3e-3, 1e-2


def teach_colours(network: AppearanceNet, crops: Crops, *, seed: int) -> None:
    """Replace the colour head of a trained network by one that is fitted to these pictures; nothing else changes.

    While the network learns, light and white balance are changed at random so that it leans on neither: for naming
    paint that takes away what tells silver from white and brown from red.
    """
    rng = np.random.default_rng([seed, 51])
    known = rng.permutation(np.flatnonzero(crops.colour != UNKNOWN))[:MOST_PICTURES]
    if len(known) == 0:
        return
    seen = _pooled(network, crops, known, rng)
    head = _fitted(seen, torch.from_numpy(crops.colour[known]).to(seen.device), len(network.colour_head.bias), seed)
    network.colour_head.load_state_dict(head.state_dict())


@torch.no_grad()
def _pooled(
    network: AppearanceNet, crops: Crops, rows: np.ndarray[tuple[int], np.dtype[np.int64]], rng: np.random.Generator
) -> Tensor:
    """Return what the heads get to see of each picture, (n, channels)."""
    network.eval()
    device = network.colour_head.weight.device
    blocks = []
    for start in range(0, len(rows), PICTURES_AT_ONCE):
        some = rows[start : start + PICTURES_AT_ONCE].tolist()
        shown = np.stack([as_another_camera(crops.pictures[row], AS_FILMED, rng)[0] for row in some])
        blocks.append(network.pooled(normalise(shown).to(device)))
    return torch.cat(blocks)


def _fitted(seen: Tensor, colour: Tensor, colours: int, seed: int) -> nn.Linear:
    """Return the layer that names the colours best, by cross-entropy; the channels' spread is folded into it."""
    middle, spread = seen.mean(0), seen.std(0) + 1e-6
    evened = (seen - middle) / spread
    chance = torch.Generator().manual_seed(seed)
    weight = torch.zeros(colours, seen.shape[1], device=seen.device, requires_grad=True)
    bias = torch.zeros(colours, device=seen.device, requires_grad=True)
    optimizer = torch.optim.AdamW([weight, bias], LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for epoch in range(EPOCHS):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - epoch / EPOCHS)
        order = torch.randperm(len(seen), generator=chance)
        for start in range(0, len(seen), BATCH):
            rows = order[start : start + BATCH]
            loss = functional.cross_entropy(functional.linear(evened[rows], weight, bias), colour[rows])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
    head = nn.Linear(seen.shape[1], colours)
    with torch.no_grad():
        head.weight.copy_(weight / spread)
        head.bias.copy_(bias - (weight / spread) @ middle)
    return head.to(seen.device)
