"""Join two networks that know different things: the one learned from scratch, the other began with ImageNet."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.appearance.network import AppearanceNet, AppearanceOutput, NetworkOptions, VehicleNet
from reid.appearance.networks.efficientnet_lite import DIMS, StripedNet

HALF = 0.5**0.5
"""Two unit vectors side by side, times this, have length one; their dot products are the mean of both."""


class JoinedNet(VehicleNet):
    """Both networks; the vector is that of both side by side, made shorter by a projection.

    Type, colour and heading are those of the first.
    """

    def __init__(self, options: NetworkOptions | None = None, *, dims: int = DIMS) -> None:
        super().__init__()
        options = options or NetworkOptions()
        self.first = AppearanceNet(options)
        self.second = StripedNet()
        self.shorten = nn.Linear(options.dims + DIMS, dims, bias=False)

    def side_by_side(self, pictures: Tensor) -> Tensor:
        """Return the unit vectors (n, 512) of normalised pictures whose similarity is the mean of both."""
        return HALF * torch.cat([self.first(pictures).vector, self.second(pictures).vector], dim=1)

    def forward(self, pictures: Tensor) -> AppearanceOutput:
        """Return the outputs for normalised pictures (n, 3, h, w)."""
        small, large = self.first(pictures), self.second(pictures)
        after = self.shorten(HALF * torch.cat([small.vector, large.vector], dim=1))
        return AppearanceOutput(
            HALF * torch.cat([small.before_neck, large.before_neck], dim=1),
            after,
            functional.normalize(after, dim=1),
            small.type_logits,
            small.colour_logits,
            small.heading,
        )
