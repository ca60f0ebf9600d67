"""Say how far vectors are from telling vehicles apart."""

import torch
from torch import Tensor
from torch.nn import functional

FAR = 1e4
"""Stands for an infinite distance where a real infinity would make gradients undefined."""


def batch_hard_triplet(vectors: Tensor, vehicles: Tensor, rivals: Tensor | None = None) -> Tensor:
    """Return the soft margin between the farthest picture of the same vehicle and the nearest of another.

    Hermans et al., "In Defense of the Triplet Loss", 2017, equation 5 with the softplus of section 4.2; `vectors` is
    (n, d), `vehicles` (n,); a picture without a partner or an opponent takes no part. `rivals` (n, n) says which pairs
    are known to be of two vehicles, where that is not all those that are not known to be of one.
    """
    distances = _distances(vectors)
    same = vehicles[:, None] == vehicles[None]
    rivals = ~same if rivals is None else rivals
    partner = same & ~torch.eye(len(vehicles), dtype=torch.bool, device=vehicles.device)
    farthest_same = distances.masked_fill(~partner, -FAR).amax(dim=1)
    nearest_other = distances.masked_fill(~rivals, FAR).amin(dim=1)
    return _mean_of(functional.softplus(farthest_same - nearest_other), partner, rivals)


def circle(
    vectors: Tensor, vehicles: Tensor, rivals: Tensor | None = None, *, margin: float = 0.25, scale: float = 48.0
) -> Tensor:
    """Return how far similarities are from 1 within a vehicle and from 0 between vehicles, the worst weighing most.

    Sun et al., "Circle Loss", 2020, equation 6 and the self-paced weights of equation 5; `rivals` as for triplets.
    """
    unit = functional.normalize(vectors, dim=1)
    similarity = unit @ unit.T
    same = vehicles[:, None] == vehicles[None]
    rivals = ~same if rivals is None else rivals
    partner = same & ~torch.eye(len(vehicles), dtype=torch.bool, device=vehicles.device)
    short_of_one = (1 + margin - similarity).clamp(min=0).detach()
    above_zero = (similarity + margin).clamp(min=0).detach()
    pull = (-scale * short_of_one * (similarity - 1 + margin)).masked_fill(~partner, -FAR).logsumexp(dim=1)
    push = (scale * above_zero * (similarity - margin)).masked_fill(~rivals, -FAR).logsumexp(dim=1)
    return _mean_of(functional.softplus(pull + push), partner, rivals)


def known_cross_entropy(logits: Tensor, labels: Tensor, *, smoothing: float = 0.0) -> Tensor:
    """Return the cross-entropy of the pictures whose label is known (not negative), 0 where none is."""
    known = labels >= 0
    if not bool(known.any()):
        return logits.sum() * 0.0
    return functional.cross_entropy(logits[known], labels[known], label_smoothing=smoothing)


def heading_loss(predicted: Tensor, heading_deg: Tensor) -> Tensor:
    """Return the mean square distance of (n, 2) cosine and sine from the true headings; NaN headings take no part."""
    known = ~heading_deg.isnan()
    if not bool(known.any()):
        return predicted.sum() * 0.0
    angle = torch.deg2rad(heading_deg[known])
    return functional.mse_loss(predicted[known], torch.stack([angle.cos(), angle.sin()], dim=1))


def _mean_of(values: Tensor, partner: Tensor, rivals: Tensor) -> Tensor:
    """Return the mean over the pictures that have a partner and a rival, 0 where none has."""
    counted = partner.any(dim=1) & rivals.any(dim=1)
    return values[counted].sum() / counted.sum().clamp(min=1)


def _distances(vectors: Tensor) -> Tensor:
    """Return Euclidean distances (n, n); the floor keeps the root's gradient finite where two vectors are equal."""
    squares = vectors.square().sum(dim=1)
    squared = squares[:, None] + squares[None] - 2 * vectors @ vectors.T
    return squared.clamp(min=1e-8).sqrt()
