import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reid.appearance.network import AppearanceNet, NetworkOptions  # noqa: E402
from reid.training.appearance.batches import normalise  # noqa: E402
from reid.training.appearance.colour_head import refit_colour_head  # noqa: E402
from reid.training.appearance.datasets import BOX_SIDE_PX, MARGIN_PX, UNKNOWN, Crops  # noqa: E402

SIDE = BOX_SIDE_PX + 2 * MARGIN_PX
PAINTS = np.array([[230, 230, 230], [25, 25, 25], [40, 60, 150]])


def painted(colour: list[int]) -> Crops:
    """Pictures of plain paint; each is a vehicle of its own."""
    count = len(colour)
    noise = np.random.default_rng(0).integers(-12, 13, (count, SIDE, SIDE, 3))
    shown = PAINTS[np.arange(count) % 3][:, None, None] + noise
    same = np.zeros(count, dtype=np.int64)
    return Crops(
        pictures=np.clip(shown, 0, 255).astype(np.uint8),
        vehicle=np.arange(count),
        model=same,
        camera=same,
        type=same,
        colour=np.array(colour),
        heading_deg=np.zeros(count, dtype=np.float32),
        source=same,
    )


def network() -> AppearanceNet:
    torch.manual_seed(0)
    return AppearanceNet(NetworkOptions(dims=8, stem_channels=8, blocks=((8, 2, False), (16, 2, False)))).eval()


def test_colours_are_learned_unchanged_and_nothing_else_changes() -> None:
    crops, taught = painted([0, 1, 4] * 16), network()
    before = {name: value.clone() for name, value in taught.state_dict().items()}
    refit_colour_head(taught, crops, seed=0)
    with torch.no_grad():
        named = taught(normalise(crops.boxes)).colour_logits.argmax(dim=1)
    assert (named.numpy() == crops.colour).all()
    changed = {name for name, value in taught.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"colour_head.weight", "colour_head.bias"}


def test_pictures_without_a_colour_label_change_nothing() -> None:
    taught = network()
    before = taught.colour_head.weight.clone()
    refit_colour_head(taught, painted([UNKNOWN] * 6), seed=0)
    assert torch.equal(taught.colour_head.weight, before)
