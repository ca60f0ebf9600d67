"""Average weights over the last steps of training: steadier and better than where a step happens to end."""

import copy
from typing import Generic, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


class Average(Generic[Network]):
    """An exponential moving average of a network (Polyak averaging), short at first so that the start is forgotten."""

    def __init__(self, network: Network, decay: float = 0.995) -> None:
        self.network = copy.deepcopy(network).eval()
        self._decay = decay

    @torch.no_grad()
    def follow(self, network: Network, step: int) -> None:
        """Move towards the network; norms' running figures are averaged like weights, counters copied."""
        decay = min(self._decay, (1 + step) / (10 + step))
        now = network.state_dict()
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                value.lerp_(now[name].to(value.dtype), 1 - decay)
            else:
                value.copy_(now[name])
