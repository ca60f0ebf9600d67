"""Ask the detector for the vehicles of pictures: which places should see which, and how wrong they are."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from reid.detect.grid import LARGEST_LOGARITHM, places
from reid.detect.network import DetectorNet, flattened

KNOWN, IGNORED, NOTHING = 1, 0, -1
"""What a row of `DetectorBatch.boxes` is: a vehicle to find, one too small or hidden to be asked for, no row."""

PLACES_OF_A_VEHICLE = 8
SCORE_POWER, OVERLAP_POWER = 0.5, 4.0
NEAR_STRIDES = 0.8
"""A place this near to the middle of a vehicle may see it, however small it is."""

BOX_WEIGHT, TYPE_WEIGHT = 2.0, 0.5
GENTLE = 2.0
"""Places that see nothing weigh by this power of how sure they are of a vehicle (Zhang et al., VarifocalNet, 2021)."""


class DetectorBatch(NamedTuple):
    """Pictures (n, h, w, CHANNELS) uint8; boxes (n, m, 4) xyxy; types (n, m), -1 unknown; `kinds` (n, m) as above."""

    pictures: Tensor
    boxes: Tensor
    types: Tensor
    kinds: Tensor


@dataclass(frozen=True, slots=True)
class Asked:
    """What each place should say: `quality` 0 to 1, which row it sees, and whether it is asked at all, (n, places)."""

    quality: Tensor
    row: Tensor
    counts: Tensor


def detector_losses(network: DetectorNet, batch: DetectorBatch) -> dict[str, Tensor]:
    """Return how wrong the network is about vehicles being there, their boxes and their types."""
    device = next(network.parameters()).device
    batch = DetectorBatch(*(part.to(device) for part in batch))
    told = flattened(network(batch.pictures)).float()
    height, width = batch.pictures.shape[1:3]
    grid = torch.from_numpy(places(height, width)).to(device)
    found = _boxes(told, grid)
    with torch.no_grad():
        asked = _ask(told[..., 0].sigmoid(), found, grid, batch)
    total = asked.quality.sum().clamp(min=1.0)
    return {
        "there": (_there(told[..., 0], asked) / total),
        "box": BOX_WEIGHT * _box_loss(found, batch, asked) / total,
        "type": TYPE_WEIGHT * _type_loss(told[..., 5:], batch, asked) / total,
    }


def _boxes(told: Tensor, grid: Tensor) -> Tensor:
    """Return the (n, places, 4) xyxy boxes that the places tell of."""
    away = told[..., 1:5].clamp(max=LARGEST_LOGARITHM).exp() * grid[:, 2:]
    return torch.cat([grid[:, :2] - away[..., :2], grid[:, :2] + away[..., 2:]], dim=-1)


def _ask(scores: Tensor, found: Tensor, grid: Tensor, batch: DetectorBatch) -> Asked:
    """Choose the places that should see each vehicle: those that see it best already (Feng et al., TOOD, section 3)."""
    may = _may_see(grid, batch.boxes) & (batch.kinds == KNOWN)[..., None]
    overlap = overlaps(batch.boxes[:, :, None], found[:, None]) * may
    worth = scores[:, None] ** SCORE_POWER * overlap**OVERLAP_POWER + 1e-9 * may
    count = min(PLACES_OF_A_VEHICLE, worth.shape[-1])
    best, where = worth.topk(count, dim=-1)
    chosen = torch.zeros_like(may).scatter_(-1, where, best > 0) & may
    worth, overlap = worth * chosen, overlap * chosen
    # a place that several vehicles choose sees the one that it fits best
    row = (overlap + 1e-6 * chosen).argmax(dim=1)
    sees = chosen.any(dim=1)
    share = worth / worth.amax(dim=-1, keepdim=True).clamp(min=1e-12) * overlap.amax(dim=-1, keepdim=True)
    quality = share.gather(1, row[:, None])[:, 0] * sees
    ignored = (_inside(grid, batch.boxes) & (batch.kinds == IGNORED)[..., None]).any(dim=1)
    return Asked(quality, row, sees | ~ignored)


def _may_see(grid: Tensor, boxes: Tensor) -> Tensor:
    """Return (n, m, places): whether a place lies in a box or near its middle."""
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    near = (grid[:, :2] - middle[:, :, None]).abs().amax(dim=-1) < NEAR_STRIDES * grid[:, 2]
    return near | _inside(grid, boxes)


def _inside(grid: Tensor, boxes: Tensor) -> Tensor:
    after, before = grid[:, :2] - boxes[:, :, None, :2], boxes[:, :, None, 2:] - grid[:, :2]
    return torch.minimum(after, before).amin(dim=-1) > 0


def overlaps(first: Tensor, second: Tensor) -> Tensor:
    """Return the intersection over union of pairs of (..., 4) boxes."""
    shared, union, _ = _areas(first, second)
    return shared / union.clamp(min=1e-6)


def _areas(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return what pairs of boxes share, cover together, and the area of the box around both."""
    low, high = torch.maximum(first[..., :2], second[..., :2]), torch.minimum(first[..., 2:], second[..., 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    union = _area(first) + _area(second) - shared
    left, right = torch.minimum(first[..., :2], second[..., :2]), torch.maximum(first[..., 2:], second[..., 2:])
    return shared, union, (right - left).prod(dim=-1)


def _area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(dim=-1)


def _there(logits: Tensor, asked: Asked) -> Tensor:
    wrong = functional.binary_cross_entropy_with_logits(logits, asked.quality, reduction="none")
    weight = torch.where(asked.quality > 0, asked.quality, 0.75 * logits.detach().sigmoid() ** GENTLE)
    return (wrong * weight * asked.counts).sum()


def _box_loss(found: Tensor, batch: DetectorBatch, asked: Asked) -> Tensor:
    """Return 1 - GIoU of the places that see a vehicle (Rezatofighi et al. 2019), by their quality."""
    wanted = batch.boxes.gather(1, asked.row[..., None].expand(-1, -1, 4))
    shared, union, around = _areas(found, wanted)
    likeness = shared / union.clamp(min=1e-6) - (around - union) / around.clamp(min=1e-6)
    return ((1.0 - likeness) * asked.quality).sum()


def _type_loss(logits: Tensor, batch: DetectorBatch, asked: Asked) -> Tensor:
    wanted = batch.types.gather(1, asked.row)
    known = wanted >= 0
    wrong = functional.cross_entropy(
        logits.transpose(1, 2), wanted.clamp(min=0), reduction="none", label_smoothing=0.05
    )
    return (wrong * asked.quality * known).sum()
