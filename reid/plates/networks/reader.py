"""Define the network that reads a rectified plate: ten places, each a distribution over characters and the end."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from reid.plates.alphabet import CHARACTERS
from reid.plates.networks.blocks import MAP_COLUMNS, Trunk, TrunkOptions

PLACES = 10
"""The longest text that is read."""

END = len(CHARACTERS)
"""The class of a place behind the last character; those before are CHARACTERS in order."""

TOKEN_ROWS, TOKEN_COLUMNS = 3, MAP_COLUMNS
"""Where the reader looks: each token stands for a part of the plate."""


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """How wide the reader is: `dims` of a token, `layers` in which tokens tell each other what they see."""

    trunk: TrunkOptions = field(default_factory=TrunkOptions)
    dims: int = 160
    heads: int = 4
    layers: int = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """What a network says of n plates: `characters` (n, PLACES, END + 1) and `looks` (n, PLACES, tokens), as logits."""

    characters: Tensor
    looks: Tensor


class ReaderNet(nn.Module):
    """Read plates of one line or two without cutting them into characters.

    Each place learns where to look, so the order of reading is learned, not a rule; tokens talk to each other first
    (Vaswani et al., 2017), because which place a character takes hangs on how many stand before it.
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
        self.talk = nn.ModuleList(Talk(dims, options.heads) for _ in range(options.layers))
        self.norm = nn.LayerNorm(dims)
        self.ask = nn.Linear(dims, PLACES)
        self.slots = nn.Parameter(torch.randn(1, PLACES, dims) * 0.1)
        self.agree = Talk(dims, options.heads)
        self.say = nn.Sequential(nn.LayerNorm(dims), nn.Linear(dims, END + 1))

    def forward(self, pictures: Tensor) -> Reading:
        """Read pictures (n, 3, HEIGHT_PX, WIDTH_PX), -1 to 1."""
        tokens = self.neck(self.trunk(pictures)).flatten(2).transpose(1, 2) + self.places
        for layer in self.talk:
            tokens = layer(tokens)
        tokens = self.norm(tokens)
        looks = self.ask(tokens).transpose(1, 2)
        seen = looks.softmax(2) @ tokens
        return Reading(self.say(self.agree(seen + self.slots)), looks)


class Talk(nn.Module):
    """Let tokens (n, count, dims) attend to each other, then think for themselves."""

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
        likeness = torch.bmm(query * (dims // self.heads) ** -0.5, key.transpose(1, 2))
        heard = torch.bmm(likeness.softmax(2), value).reshape(count, self.heads, length, dims // self.heads)
        tokens = tokens + self.out(heard.transpose(1, 2).reshape(count, length, dims))
        thought: Tensor = tokens + self.think(tokens)
        return thought
