"""Define the network that reads a rectified plate: ten places, each a distribution over characters and the end."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from reid.plates.networks.blocks import MAP_COLUMNS, Trunk, TrunkOptions
from reid.plates.spelling import CHARACTERS

PLACES = 10
"""The longest text that is read."""

END = len(CHARACTERS)
"""The class of a place after the last character; the classes before it are CHARACTERS in order."""

TOKEN_ROWS, TOKEN_COLUMNS = 3, MAP_COLUMNS
"""The grid of tokens: each stands for a part of the plate."""


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """How wide and deep the reader is: `dims` of a token, `layers` of self-attention."""

    trunk: TrunkOptions = field(default_factory=TrunkOptions)
    dims: int = 160
    heads: int = 4
    layers: int = 2


@dataclass(frozen=True, slots=True)
class ReaderOutput:
    """Logits of n plates: `characters` (n, PLACES, END + 1), and the `attention` (n, PLACES, tokens)."""

    characters: Tensor
    attention: Tensor


class ReaderNet(nn.Module):
    """Read plates of one line or two without cutting them into characters.

    Each place learns which tokens to attend to, so the order of reading is learned. Tokens attend to each other first
    (Vaswani et al., 2017), because the place of a character depends on how many come before it.
    """

    def __init__(self, options: ReaderOptions | None = None) -> None:
        super().__init__()
        options = options or ReaderOptions()
        dims = options.dims
        self.trunk = Trunk(options.trunk)
        self.neck = nn.Sequential(
            nn.Conv2d(options.trunk.channels, dims, 3, (2, 1), 1, bias=False), nn.BatchNorm2d(dims), nn.ReLU()
        )
        self.places = nn.Parameter(torch.randn(1, TOKEN_ROWS * TOKEN_COLUMNS, dims) * 0.1)
        self.talk = nn.ModuleList(SelfAttention(dims, options.heads) for _ in range(options.layers))
        self.norm = nn.LayerNorm(dims)
        self.ask = nn.Linear(dims, PLACES)
        self.slots = nn.Parameter(torch.randn(1, PLACES, dims) * 0.1)
        self.agree = SelfAttention(dims, options.heads)
        self.say = nn.Sequential(nn.LayerNorm(dims), nn.Linear(dims, END + 1))

    def forward(self, pictures: Tensor) -> ReaderOutput:
        """Return the logits of pictures (n, 3, HEIGHT_PX, WIDTH_PX), -1 to 1."""
        tokens = self.neck(self.trunk(pictures)).flatten(2).transpose(1, 2) + self.places
        for layer in self.talk:
            tokens = layer(tokens)
        tokens = self.norm(tokens)
        attention = self.ask(tokens).transpose(1, 2)
        places = attention.softmax(2) @ tokens
        return ReaderOutput(self.say(self.agree(places + self.slots)), attention)


class SelfAttention(nn.Module):
    """A transformer layer: tokens (n, count, dims) attend to each other, then pass through an MLP."""

    def __init__(self, dims: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(dims)
        self.mix = nn.Linear(dims, 3 * dims)
        self.out = nn.Linear(dims, dims)
        self.think = nn.Sequential(nn.LayerNorm(dims), nn.Linear(dims, 2 * dims), nn.ReLU(), nn.Linear(2 * dims, dims))

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens of the same shape."""
        count, length, dims = tokens.shape
        mixed = self.mix(self.before(tokens)).reshape(count, length, 3, self.heads, dims // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4).flatten(1, 2)
        # written out: the fused kernel of torch takes four times as long on the CPU at this size
        attention = torch.bmm(query * (dims // self.heads) ** -0.5, key.transpose(1, 2))
        attended = torch.bmm(attention.softmax(2), value).reshape(count, self.heads, length, dims // self.heads)
        tokens = tokens + self.out(attended.transpose(1, 2).reshape(count, length, dims))
        refined: Tensor = tokens + self.think(tokens)
        return refined
