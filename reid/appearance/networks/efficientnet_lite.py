"""Define EfficientNet-Lite0 as its published ImageNet weights need it, and a head that tells vehicles apart."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.appearance.network import GeneralisedMean, HeadedNet
from reid.errors import SeeingError

STEM = 32
DIMS = 256
STRIPES = 3
MIDDLE_BLOCK = 10
"""The last block before the map shrinks once more: its map is finer, and less given to the classes of ImageNet."""
NEARNESS = 0.1
"""Brings distances before the neck to about 1, where triplets teach; the neck takes it out again."""
NORM_EPSILON, NORM_MOMENTUM = 1e-3, 0.01


class BlockStage(NamedTuple):
    """Blocks of one width; the first of them has the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    BlockStage(1, 3, 1, 1, 16),
    BlockStage(2, 3, 2, 6, 24),
    BlockStage(2, 5, 2, 6, 40),
    BlockStage(3, 3, 2, 6, 80),
    BlockStage(3, 5, 1, 6, 112),
    BlockStage(4, 5, 2, 6, 192),
    BlockStage(1, 3, 1, 6, 320),
)
"""Tan and Le, "EfficientNet", 2019, table 1; the Lite family leaves out squeeze-and-excitation and uses ReLU6."""

MIDDLE, LAST = 112, 320
"""Channels of the two maps that the head sees."""
POOLED = (MIDDLE + LAST) * (1 + STRIPES)

PUBLISHED_NAMES = (
    (r"^_conv_stem\.", "stem."),
    (r"^_bn0\.", "stem_norm."),
    (r"^_blocks\.", "blocks."),
    (r"\._expand_conv\.", ".expand."),
    (r"\._bn0\.", ".expand_norm."),
    (r"\._depthwise_conv\.", ".depthwise."),
    (r"\._bn1\.", ".depthwise_norm."),
    (r"\._project_conv\.", ".project."),
    (r"\._bn2\.", ".project_norm."),
)
"""Patterns of the published names, in the order to replace them -> names here."""
NOT_SERVED = ("_conv_head.", "_bn1.", "_fc.")
"""Published layers behind the last block, which name the classes of ImageNet."""


class PaddedConv(nn.Conv2d):
    """Convolve with TensorFlow's SAME padding, which puts the odd pixel right and below where the stride is 2."""

    def __init__(self, channels_in: int, channels: int, kernel: int, stride: int, *, groups: int = 1) -> None:
        super().__init__(channels_in, channels, kernel, stride, groups=groups, bias=False)
        first = (kernel - stride) // 2
        self.around = (first, kernel - stride - first) * 2

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, channels, h / stride, w / stride) of x (n, c, h, w) with even h and w."""
        return super().forward(functional.pad(x, self.around))


class InvertedResidual(nn.Module):
    """Widen, convolve each channel by itself, narrow (Sandler et al., 2018), and add the input where the size stays."""

    def __init__(self, channels_in: int, stage: BlockStage, stride: int) -> None:
        super().__init__()
        wide = channels_in * stage.expansion
        self.expand = nn.Conv2d(channels_in, wide, 1, bias=False) if stage.expansion > 1 else None
        self.expand_norm = _norm(wide) if stage.expansion > 1 else None
        self.depthwise = _depthwise(wide, stage.kernel, stride)
        self.depthwise_norm = _norm(wide)
        self.project = nn.Conv2d(wide, stage.channels, 1, bias=False)
        self.project_norm = _norm(stage.channels)
        self.adds = stride == 1 and channels_in == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        """Return x (n, c, h, w) refined."""
        wide = x
        if self.expand is not None and self.expand_norm is not None:
            wide = functional.relu6(self.expand_norm(self.expand(x)))
        wide = functional.relu6(self.depthwise_norm(self.depthwise(wide)))
        narrow: Tensor = self.project_norm(self.project(wide))
        return x + narrow if self.adds else narrow


class EfficientNetLite(nn.Module):
    """The body: pictures in, two maps of features out."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = PaddedConv(3, STEM, 3, 2)
        self.stem_norm = _norm(STEM)
        self.blocks = nn.ModuleList(_blocks())

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return (n, 112, h / 16, w / 16) and (n, 320, h / 32, w / 32) of normalised pictures (n, 3, h, w)."""
        return self.end(self.begin(pictures, MIDDLE_BLOCK), MIDDLE_BLOCK)

    def begin(self, pictures: Tensor, blocks: int) -> Tensor:
        """Return what the stem and the first blocks make of pictures normed as (pixel - 114.75) / 63.75."""
        # the published weights see (pixel - 127) / 128
        x = functional.relu6(self.stem_norm(self.stem(pictures * (63.75 / 128) + (114.75 - 127) / 128)))
        for block in list(self.blocks)[:blocks]:
            x = block(x)
        return x

    def end(self, x: Tensor, blocks: int) -> tuple[Tensor, Tensor]:
        """Return the two maps of what `begin` gave; `blocks` is at most MIDDLE_BLOCK."""
        middle = x
        for number, block in enumerate(list(self.blocks)[blocks:], start=blocks):
            x = block(x)
            middle = x if number == MIDDLE_BLOCK else middle
        return middle, x


class StripedNet(HeadedNet):
    """The body with a head that pools each map as a whole and in three stripes from roof to road; 256 numbers out."""

    def __init__(self) -> None:
        super().__init__()
        self.body = EfficientNetLite()
        self.pool = GeneralisedMean()
        self.add_heads(POOLED, DIMS)

    def pooled(self, pictures: Tensor) -> Tensor:
        """Return the pooled maps of pictures (n, 1728)."""
        return self.pool_maps(*self.body(pictures))

    def pool_maps(self, middle: Tensor, last: Tensor) -> Tensor:
        """Return the body's two maps as one vector for each picture."""
        parts = [part for features in (last, middle) for part in (self.pool(features), _stripes(features.float()))]
        return torch.cat(parts, dim=1)

    def projected(self, pooled: Tensor) -> Tensor:
        """Return the vectors before the neck, at about the distances at which triplets teach."""
        return NEARNESS * super().projected(pooled)


def from_published(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the body's weights of a published state dict under the names used here."""
    if "_conv_stem.weight" not in weights:
        raise SeeingError("these are no weights of EfficientNet-Lite0: _conv_stem.weight is missing")
    return {_name_here(name): values for name, values in weights.items() if not name.startswith(NOT_SERVED)}


def _name_here(published: str) -> str:
    for pattern, name in PUBLISHED_NAMES:
        published = re.sub(pattern, name, published)
    return published


def _blocks() -> list[InvertedResidual]:
    blocks, channels = [], STEM
    for stage in STAGES:
        for stride in [stage.stride, *[1] * (stage.repeats - 1)]:
            blocks.append(InvertedResidual(channels, stage, stride))
            channels = stage.channels
    return blocks


def _depthwise(channels: int, kernel: int, stride: int) -> nn.Conv2d:
    if stride == 2:
        return PaddedConv(channels, channels, kernel, stride, groups=channels)
    return nn.Conv2d(channels, channels, kernel, padding=kernel // 2, groups=channels, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=NORM_EPSILON, momentum=NORM_MOMENTUM)


def _stripes(features: Tensor) -> Tensor:
    """Return the means of three stripes of features (n, c, h, w), which may overlap, from top to bottom, (n, 3 c)."""
    height = features.shape[2]
    # rounded up without a minus: ONNX divides whole numbers towards zero
    edges = [(row * height // STRIPES, ((row + 1) * height + STRIPES - 1) // STRIPES) for row in range(STRIPES)]
    return torch.cat([features[:, :, first:last].mean((2, 3)) for first, last in edges], dim=1)
