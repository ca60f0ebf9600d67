"""Assign vehicles to the detector's places, and compute its losses."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from reid.detect.learned import LARGEST_LOGARITHM, grid_places
from reid.detect.network import DetectorNet, flattened

LABELLED, IGNORED, NO_ROW = 1, 0, -1
"""Kinds of rows of `DetectorBatch.boxes`: a vehicle to find, one too small or hidden to count, a filler row."""

PLACES_OF_VEHICLE = 8
SCORE_POWER, OVERLAP_POWER = 0.5, 4.0
NEAR_STRIDES = 0.8
"""A place this near to the middle of a vehicle is a candidate for it, however small the vehicle is."""

BOX_WEIGHT, TYPE_WEIGHT = 2.0, 0.5
FOCAL_POWER = 2.0
"""Places without a vehicle are weighted by this power of their score (Zhang et al., VarifocalNet, 2021)."""


class DetectorBatch(NamedTuple):
    """Pictures (n, h, w, CHANNELS) uint8; boxes (n, m, 4) xyxy; types (n, m), -1 unknown; `kinds` (n, m) as above."""

    pictures: Tensor
    boxes: Tensor
    types: Tensor
    kinds: Tensor


@dataclass(frozen=True, slots=True)
class Assignment:
    """The target of each place (n, places): `quality` 0 to 1, its row of the boxes, and whether it counts."""

    quality: Tensor
    row: Tensor
    counts: Tensor


def detector_losses(network: DetectorNet, batch: DetectorBatch) -> dict[str, Tensor]:
    """Return the losses of presence, boxes and types."""
    device = next(network.parameters()).device
    batch = DetectorBatch(*(part.to(device) for part in batch))
    predicted = flattened(network(batch.pictures)).float()
    height, width = batch.pictures.shape[1:3]
    grid = torch.from_numpy(grid_places(height, width)).to(device)
    boxes_found = _boxes(predicted, grid)
    with torch.no_grad():
        assignment = _assign(predicted[..., 0].sigmoid(), boxes_found, grid, batch)
    total = assignment.quality.sum().clamp(min=1.0)
    return {
        "there": (_presence_loss(predicted[..., 0], assignment) / total),
        "box": BOX_WEIGHT * _box_loss(boxes_found, batch, assignment) / total,
        "type": TYPE_WEIGHT * _type_loss(predicted[..., 5:], batch, assignment) / total,
    }


def _boxes(predicted: Tensor, grid: Tensor) -> Tensor:
    """Return the predicted (n, places, 4) xyxy boxes."""
    away = predicted[..., 1:5].clamp(max=LARGEST_LOGARITHM).exp() * grid[:, 2:]
    return torch.cat([grid[:, :2] - away[..., :2], grid[:, :2] + away[..., 2:]], dim=-1)


def _assign(scores: Tensor, boxes_found: Tensor, grid: Tensor, batch: DetectorBatch) -> Assignment:
    """Assign to each vehicle the places that already predict it best (Feng et al., TOOD, section 3)."""
    may = _candidate_places(grid, batch.boxes) & (batch.kinds == LABELLED)[..., None]
    overlap = overlaps(batch.boxes[:, :, None], boxes_found[:, None]) * may
    worth = scores[:, None] ** SCORE_POWER * overlap**OVERLAP_POWER + 1e-9 * may
    count = min(PLACES_OF_VEHICLE, worth.shape[-1])
    best, where = worth.topk(count, dim=-1)
    chosen = torch.zeros_like(may).scatter_(-1, where, best > 0) & may
    worth, overlap = worth * chosen, overlap * chosen
    # a place chosen for several vehicles gets the one that it overlaps most
    row = (overlap + 1e-6 * chosen).argmax(dim=1)
    sees = chosen.any(dim=1)
    share = worth / worth.amax(dim=-1, keepdim=True).clamp(min=1e-12) * overlap.amax(dim=-1, keepdim=True)
    quality = share.gather(1, row[:, None])[:, 0] * sees
    ignored = (_inside(grid, batch.boxes) & (batch.kinds == IGNORED)[..., None]).any(dim=1)
    return Assignment(quality, row, sees | ~ignored)


def _candidate_places(grid: Tensor, boxes: Tensor) -> Tensor:
    """Return (n, m, places) whether a place lies in a box or near its middle."""
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
    """Return intersection, union and enclosing area of pairs of boxes."""
    low, high = torch.maximum(first[..., :2], second[..., :2]), torch.minimum(first[..., 2:], second[..., 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    union = _area(first) + _area(second) - shared
    left, right = torch.minimum(first[..., :2], second[..., :2]), torch.maximum(first[..., 2:], second[..., 2:])
    return shared, union, (right - left).prod(dim=-1)


def _area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(dim=-1)


def _presence_loss(logits: Tensor, assignment: Assignment) -> Tensor:
    wrong = functional.binary_cross_entropy_with_logits(logits, assignment.quality, reduction="none")
    weight = torch.where(assignment.quality > 0, assignment.quality, 0.75 * logits.detach().sigmoid() ** FOCAL_POWER)
    return (wrong * weight * assignment.counts).sum()


def _box_loss(boxes_found: Tensor, batch: DetectorBatch, assignment: Assignment) -> Tensor:
    """Return 1 - GIoU of the assigned places (Rezatofighi et al. 2019), weighted by their quality."""
    target = batch.boxes.gather(1, assignment.row[..., None].expand(-1, -1, 4))
    shared, union, around = _areas(boxes_found, target)
    likeness = shared / union.clamp(min=1e-6) - (around - union) / around.clamp(min=1e-6)
    return ((1.0 - likeness) * assignment.quality).sum()


def _type_loss(logits: Tensor, batch: DetectorBatch, assignment: Assignment) -> Tensor:
    target = batch.types.gather(1, assignment.row)
    known = target >= 0
    wrong = functional.cross_entropy(
        logits.transpose(1, 2), target.clamp(min=0), reduction="none", label_smoothing=0.05
    )
    return (wrong * assignment.quality * known).sum()
