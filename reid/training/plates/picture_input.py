"""Turn pictures into what the plate networks take."""

import torch
from torch import Tensor

from reid.plates.networks.grid import MEAN, SPREAD
from reid.vehicle import Image


def as_input(pictures: Image, device: torch.device) -> Tensor:
    """Return pictures (n, h, w, 3) as (n, 3, h, w), -1 to 1."""
    planes = torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).float()
    return ((planes - MEAN) / SPREAD).contiguous(memory_format=torch.channels_last)
