"""Define FastReID's ResNet-50 with mixed norms, as its weights for vehicles require (He et al., 2020)."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

BLOCKS = (3, 4, 6, 3)
WIDTHS = (64, 128, 256, 512)
NON_LOCAL = (0, 2, 3, 0)
"""The number of last blocks of each stage that are followed by a non-local layer, in nets that have any."""
GROWTH = 4
FEATURES = WIDTHS[-1] * GROWTH


@dataclass(frozen=True, slots=True)
class FastReIDOptions:
    """The differences between the published files."""

    mixed_norms: bool
    non_local: bool
    generalised_mean: bool

    @classmethod
    def of(cls, weights: Mapping[str, Tensor]) -> "FastReIDOptions":
        """Derive the options from the names of the weights."""
        return cls(
            mixed_norms="backbone.layer1.0.bn1.IN.weight" in weights,
            non_local="backbone.NL_2.0.g.weight" in weights,
            generalised_mean="heads.pool_layer.p" in weights,
        )


class InstanceBatchNorm(nn.Module):
    """The mixed norm IBN-a under the names of FastReID's weights: half of the channels by picture, half by batch."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.by_picture_channels = channels // 2
        self.IN = nn.InstanceNorm2d(self.by_picture_channels, affine=True)
        self.BN = nn.BatchNorm2d(channels - self.by_picture_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return x (n, c, h, w) normalised."""
        first, second = torch.split(x, [self.by_picture_channels, x.shape[1] - self.by_picture_channels], dim=1)
        return torch.cat([self.IN(first), self.BN(second)], dim=1)


class Bottleneck(nn.Module):
    """The bottleneck residual block: narrow, convolve and widen."""

    def __init__(self, channels_in: int, width: int, stride: int, *, mixed: bool) -> None:
        super().__init__()
        channels = width * GROWTH
        self.conv1 = nn.Conv2d(channels_in, width, 1, bias=False)
        self.bn1 = InstanceBatchNorm(width) if mixed else nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(channels)
        self.downsample: nn.Module | None = None
        if stride > 1 or channels_in != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (n, c, h, w) after the block."""
        refined = functional.relu(self.bn1(self.conv1(x)))
        refined = functional.relu(self.bn2(self.conv2(refined)))
        past = x if self.downsample is None else self.downsample(x)
        return functional.relu(self.bn3(self.conv3(refined)) + past)


class NonLocal(nn.Module):
    """Add to each place the values of similar places (Wang et al., 2018), in a single channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.g = nn.Conv2d(channels, 1, 1)
        self.theta = nn.Conv2d(channels, 1, 1)
        self.phi = nn.Conv2d(channels, 1, 1)
        self.W = nn.Sequential(nn.Conv2d(1, channels, 1), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (n, c, h, w) after the layer."""
        query, value, key = (layer(x).flatten(2) for layer in (self.theta, self.g, self.phi))
        similarity = query.transpose(1, 2) @ key / query.shape[2]
        added = (similarity @ value.transpose(1, 2)).transpose(1, 2)
        whole: Tensor = x + self.W(added.reshape(x.shape[0], 1, x.shape[2], x.shape[3]))
        return whole


class Backbone(nn.Module):
    """The residual stages; the last keeps its size."""

    def __init__(self, options: FastReIDOptions) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, ceil_mode=True)
        channels = 64
        for number, (count, width) in enumerate(zip(BLOCKS, WIDTHS, strict=True), start=1):
            mixed = options.mixed_norms and number < len(BLOCKS)
            strides = [2 if number in (2, 3) else 1, *[1] * (count - 1)]
            inputs = [channels, *[width * GROWTH] * (count - 1)]
            channels = width * GROWTH
            stage = [Bottleneck(c, width, s, mixed=mixed) for c, s in zip(inputs, strides, strict=True)]
            self.add_module(f"layer{number}", nn.Sequential(*stage))
            added = NON_LOCAL[number - 1] if options.non_local else 0
            self.add_module(f"NL_{number}", nn.ModuleList([NonLocal(channels) for _ in range(added)]))

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, 2048, h / 16, w / 16) of normalised pictures (n, 3, h, w)."""
        x = self.maxpool(functional.relu(self.bn1(self.conv1(x))))
        for number in range(1, len(BLOCKS) + 1):
            blocks, added = list(self.get_submodule(f"layer{number}").children()), self.get_submodule(f"NL_{number}")
            layers = list(added.children())
            for place, block in enumerate(blocks):
                x = block(x)
                late = place - (len(blocks) - len(layers))
                x = layers[late](x) if late >= 0 else x
        return x


class _Pool(nn.Module):
    """Pool by a mean with a learned power, or by the plain mean."""

    def __init__(self, *, generalised: bool) -> None:
        super().__init__()
        self.p = nn.Parameter(torch.ones(1) * 3) if generalised else None

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, c, 1, 1)."""
        if self.p is None:
            return x.mean((2, 3), keepdim=True)
        return x.clamp(min=1e-6).pow(self.p).mean((2, 3), keepdim=True).pow(1.0 / self.p)


class _Heads(nn.Module):
    def __init__(self, *, generalised: bool) -> None:
        super().__init__()
        self.pool_layer = _Pool(generalised=generalised)
        self.bottleneck = nn.Sequential(nn.BatchNorm2d(FEATURES))

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, 2048)."""
        vectors: Tensor = self.bottleneck(self.pool_layer(x)).flatten(1)
        return vectors


class FastReID(nn.Module):
    """The whole network at inference: the vector after its BNNeck."""

    def __init__(self, options: FastReIDOptions) -> None:
        super().__init__()
        self.backbone = Backbone(options)
        self.heads = _Heads(generalised=options.generalised_mean)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return vectors (n, 2048) of normalised pictures (n, 3, h, w)."""
        vectors: Tensor = self.heads(self.backbone(pictures))
        return vectors
