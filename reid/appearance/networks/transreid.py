"""Define TransReID's vision transformer and its jigsaw branches, as its weights for vehicles require (He, 2021)."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

PATCH_PX = 16
PARTS = 4
SHIFT, GROUPS = 8, 2
"""How the jigsaw shifts and shuffles its patches (section 3.2)."""
CAMERA_WEIGHT = 3.0
"""The factor of the learned camera vectors in the paper, on VeRi-776; other cameras get their mean."""


@dataclass(frozen=True, slots=True)
class TransReIDOptions:
    """The shape of the network; pictures are `side_px` square."""

    dims: int
    heads: int
    depth: int
    stride_px: int
    side_px: int
    jigsaw: bool
    camera_vectors: int

    @classmethod
    def of(cls, weights: Mapping[str, Tensor], *, side_px: int = 256) -> "TransReIDOptions | None":
        """Derive the options from names and shapes; None if no stride of the patches explains their number."""
        dims = weights["base.cls_token"].shape[2]
        patches = weights["base.pos_embed"].shape[1] - 1
        fits = (s for s in range(8, PATCH_PX + 1) if ((side_px - PATCH_PX) // s + 1) ** 2 == patches)
        # of several strides that fit, the largest: those between leave the edge of the picture out
        stride = max(fits, default=None)
        if stride is None:
            return None
        depth = len({name.split(".")[2] for name in weights if name.startswith("base.blocks.")})
        vectors = weights["base.sie_embed"].shape[0] if "base.sie_embed" in weights else 0
        return cls(dims, dims // 64, depth, stride, side_px, "b1.0.norm1.weight" in weights, vectors)


class Attention(nn.Module):
    """Multi-head self-attention (Vaswani et al., 2017)."""

    def __init__(self, dims: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dims, 3 * dims)
        self.proj = nn.Linear(dims, dims)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, places, dims)."""
        count, places, dims = x.shape
        parts = self.qkv(x).reshape(count, places, 3, self.heads, dims // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = parts[0], parts[1], parts[2]
        weights = (q @ k.transpose(-2, -1) * (dims // self.heads) ** -0.5).softmax(dim=-1)
        attended: Tensor = self.proj((weights @ v).transpose(1, 2).reshape(count, places, dims))
        return attended


class Mlp(nn.Module):
    """Two linear layers with GELU between them."""

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dims, 4 * dims)
        self.fc2 = nn.Linear(4 * dims, dims)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, places, dims)."""
        outputs: Tensor = self.fc2(functional.gelu(self.fc1(x)))
        return outputs


class TransformerBlock(nn.Module):
    """Attention and an MLP, each with a residual connection."""

    def __init__(self, dims: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dims, eps=1e-6)
        self.attn = Attention(dims, heads)
        self.norm2 = nn.LayerNorm(dims, eps=1e-6)
        self.mlp = Mlp(dims)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, places, dims)."""
        x = x + self.attn(self.norm1(x))
        refined: Tensor = x + self.mlp(self.norm2(x))
        return refined


class _Patches(nn.Module):
    def __init__(self, options: TransReIDOptions) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, options.dims, PATCH_PX, options.stride_px)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (n, patches, dims)."""
        patches: Tensor = self.proj(pictures).flatten(2).transpose(1, 2)
        return patches


class Base(nn.Module):
    """Patches, position embeddings and blocks; without jigsaw also the final norm."""

    def __init__(self, options: TransReIDOptions) -> None:
        super().__init__()
        self.jigsaw = options.jigsaw
        self.patch_embed = _Patches(options)
        patches = ((options.side_px - PATCH_PX) // options.stride_px + 1) ** 2
        self.cls_token = nn.Parameter(torch.zeros(1, 1, options.dims))
        self.pos_embed = nn.Parameter(torch.zeros(1, patches + 1, options.dims))
        if options.camera_vectors:
            self.sie_embed = nn.Parameter(torch.zeros(options.camera_vectors, 1, options.dims))
        self.blocks = nn.ModuleList([TransformerBlock(options.dims, options.heads) for _ in range(options.depth)])
        self.norm = nn.LayerNorm(options.dims, eps=1e-6)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (n, 1 + patches, dims), the token of the whole picture first."""
        patches = self.patch_embed(pictures)
        x = torch.cat([self.cls_token.expand(patches.shape[0], -1, -1), patches], dim=1) + self.pos_embed
        if hasattr(self, "sie_embed"):
            x = x + CAMERA_WEIGHT * self.sie_embed.mean(dim=0)
        for block in list(self.blocks)[: -1 if self.jigsaw else None]:
            x = block(x)
        return x if self.jigsaw else self.norm(x)


class TransReID(nn.Module):
    """The whole network at inference: the global vector and, with jigsaw, a quarter of those of four parts."""

    def __init__(self, options: TransReIDOptions) -> None:
        super().__init__()
        self.base = Base(options)
        self.jigsaw = options.jigsaw
        if options.jigsaw:
            for name in ("b1", "b2"):
                branch = [TransformerBlock(options.dims, options.heads), nn.LayerNorm(options.dims, eps=1e-6)]
                self.add_module(name, nn.Sequential(*branch))

    def forward(self, pictures: Tensor) -> Tensor:
        """Return vectors of normalised pictures (n, 3, side, side): (n, dims), with jigsaw (n, 5 x dims)."""
        x = self.base(pictures)
        if not self.jigsaw:
            first: Tensor = x[:, 0]
            return first
        token, whole = x[:, :1], self.get_submodule("b1")(x)[:, 0]
        shuffled = deal(x)
        length = (x.shape[1] - 1) // PARTS
        parts = [torch.cat([token, shuffled[:, i * length : (i + 1) * length]], dim=1) for i in range(PARTS)]
        return torch.cat([whole, *(self.get_submodule("b2")(part)[:, 0] / PARTS for part in parts)], dim=1)


def deal(x: Tensor) -> Tensor:
    """Shift and shuffle the patches, so that every part covers the whole vehicle (section 3.2).

    `x` is (n, 1 + patches, d); its first token, of the whole picture, is left out.
    """
    moved = torch.cat([x[:, SHIFT:], x[:, 1:SHIFT]], dim=1)
    if moved.shape[1] % GROUPS:
        moved = torch.cat([moved, moved[:, -2:-1]], dim=1)
    count, places, dims = moved.shape
    return moved.reshape(count, GROUPS, places // GROUPS, dims).transpose(1, 2).reshape(count, places, dims)
