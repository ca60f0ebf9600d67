"""Metric-learning and attribute losses of the appearance network."""

import torch
from torch import Tensor
from torch.nn import functional

FAR = 1e4
"""Replaces an infinite distance, whose gradient would be undefined."""


def batch_hard_triplet(vectors: Tensor, vehicles: Tensor, negatives: Tensor | None = None) -> Tensor:
    """Return the soft margin between the farthest positive and the nearest negative of each picture.

    Hermans et al., "In Defense of the Triplet Loss", 2017, equation 5 with the softplus of section 4.2; `vectors` is
    (n, d), `vehicles` (n,); a picture without a positive or a negative is left out. `negatives` (n, n) marks pairs
    known to be of two vehicles; by default these are all pairs with different numbers.
    """
    distances = _distances(vectors)
    same = vehicles[:, None] == vehicles[None]
    negatives = ~same if negatives is None else negatives
    positive = same & ~torch.eye(len(vehicles), dtype=torch.bool, device=vehicles.device)
    farthest_positive = distances.masked_fill(~positive, -FAR).amax(dim=1)
    nearest_negative = distances.masked_fill(~negatives, FAR).amin(dim=1)
    return _mean_of(functional.softplus(farthest_positive - nearest_negative), positive, negatives)


def circle(
    vectors: Tensor, vehicles: Tensor, negatives: Tensor | None = None, *, margin: float = 0.25, scale: float = 48.0
) -> Tensor:
    """Return the circle loss: similarities should be 1 within a vehicle and 0 between vehicles.

    Sun et al., "Circle Loss", 2020, equation 6 and the self-paced weights of equation 5; `negatives` as for triplets.
    """
    unit = functional.normalize(vectors, dim=1)
    similarity = unit @ unit.T
    same = vehicles[:, None] == vehicles[None]
    negatives = ~same if negatives is None else negatives
    positive = same & ~torch.eye(len(vehicles), dtype=torch.bool, device=vehicles.device)
    short_of_one = (1 + margin - similarity).clamp(min=0).detach()
    above_zero = (similarity + margin).clamp(min=0).detach()
    pull = (-scale * short_of_one * (similarity - 1 + margin)).masked_fill(~positive, -FAR).logsumexp(dim=1)
    push = (scale * above_zero * (similarity - margin)).masked_fill(~negatives, -FAR).logsumexp(dim=1)
    return _mean_of(functional.softplus(pull + push), positive, negatives)


def known_cross_entropy(logits: Tensor, labels: Tensor, *, smoothing: float = 0.0) -> Tensor:
    """Return the cross-entropy of the pictures whose label is known (not negative), 0 where none is."""
    known = labels >= 0
    if not bool(known.any()):
        return logits.sum() * 0.0
    return functional.cross_entropy(logits[known], labels[known], label_smoothing=smoothing)


def heading_loss(predicted: Tensor, heading_deg: Tensor) -> Tensor:
    """Return the mean squared error of (n, 2) cosine and sine of the heading; NaN headings are left out."""
    known = ~heading_deg.isnan()
    if not bool(known.any()):
        return predicted.sum() * 0.0
    angle = torch.deg2rad(heading_deg[known])
    return functional.mse_loss(predicted[known], torch.stack([angle.cos(), angle.sin()], dim=1))


def _mean_of(values: Tensor, positive: Tensor, negatives: Tensor) -> Tensor:
    """Return the mean over the pictures that have a positive and a negative, 0 if none has."""
    counted = positive.any(dim=1) & negatives.any(dim=1)
    return values[counted].sum() / counted.sum().clamp(min=1)


def _distances(vectors: Tensor) -> Tensor:
    """Return Euclidean distances (n, n); the floor keeps the gradient finite where two vectors are equal."""
    squares = vectors.square().sum(dim=1)
    squared = squares[:, None] + squares[None] - 2 * vectors @ vectors.T
    return squared.clamp(min=1e-8).sqrt()
