import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reid.detect.learned import CHANNELS, OUTPUTS, grid_places  # noqa: E402
from reid.detect.network import DetectorNet, DetectorNetOptions, flattened  # noqa: E402
from reid.training.detector import losses  # noqa: E402
from reid.training.detector.losses import IGNORED, LABELLED, NO_ROW, DetectorBatch, detector_losses  # noqa: E402

SMALL = DetectorNetOptions(widths=(8, 8, 8, 8), blocks=(1, 1, 1, 1), head=8)


def batch(boxes: list[list[float]], kinds: list[int]) -> DetectorBatch:
    """One picture, 64 x 96, of boxes that are cars."""
    shape = (1, len(boxes))
    return DetectorBatch(
        torch.full((1, 64, 96, CHANNELS), 100, dtype=torch.uint8),
        torch.tensor([boxes]),
        torch.zeros(shape, dtype=torch.int64),
        torch.tensor([kinds]),
    )


class FixedOutputs(torch.nn.Module):
    """A network with fixed outputs."""

    def __init__(self, rows: "torch.Tensor") -> None:
        super().__init__()
        self.rows = torch.nn.Parameter(rows)

    def forward(self, pictures: "torch.Tensor") -> list["torch.Tensor"]:
        sizes = [(64 // s) * (96 // s) for s in (8, 16, 32)]
        levels = self.rows[None].split(sizes, dim=1)
        return [
            level.transpose(1, 2).reshape(1, OUTPUTS, 64 // s, 96 // s)
            for level, s in zip(levels, (8, 16, 32), strict=True)
        ]


def right_about(box: list[float], place: int) -> "torch.Tensor":
    """Return outputs of one car with its box at one place, and nothing elsewhere."""
    rows = torch.full((len(grid_places(64, 96)), OUTPUTS), -12.0)
    x, y, stride = (float(value) for value in grid_places(64, 96)[place])
    rows[:, 1:5] = 0.0
    rows[place, 0] = 12.0
    rows[place, 1:5] = torch.log(torch.tensor([x - box[0], y - box[1], box[2] - x, box[3] - y]) / stride)
    rows[place, 5:] = torch.tensor([4.0, 0.0, 0.0, 0.0, 0.0])
    return rows


def loss_of(network: torch.nn.Module, batch_of_one: DetectorBatch) -> dict[str, float]:
    with torch.no_grad():
        return {name: float(loss) for name, loss in detector_losses(network, batch_of_one).items()}


def test_correct_outputs_have_almost_no_loss() -> None:
    box = [20.0, 16.0, 44.0, 40.0]
    place = int(np.flatnonzero((grid_places(64, 96) == [28, 28, 8]).all(axis=1))[0])
    told = loss_of(FixedOutputs(right_about(box, place)), batch([box], [LABELLED]))
    elsewhere = loss_of(FixedOutputs(right_about([40.0, 0.0, 50.0, 9.0], 5)), batch([box], [LABELLED]))
    assert told["box"] < 0.01
    assert told["there"] < 0.1
    assert sum(told.values()) < 0.5 * sum(elsewhere.values())


def test_detecting_ignored_vehicles_costs_nothing_and_false_detections_cost() -> None:
    box = [20.0, 16.0, 44.0, 40.0]
    place = int(np.flatnonzero((grid_places(64, 96) == [28, 28, 8]).all(axis=1))[0])
    network = FixedOutputs(right_about(box, place))
    ignored = loss_of(network, batch([box], [IGNORED]))["there"]
    nothing = loss_of(network, batch([box], [NO_ROW]))["there"]
    assert ignored < 0.01
    assert nothing > 1.0


def test_every_vehicle_has_a_place_however_small_it_is() -> None:
    boxes = [[10.0, 10.0, 13.0, 13.0], [40.0, 20.0, 80.0, 60.0]]
    grid = torch.from_numpy(grid_places(64, 96))
    found = torch.cat([grid[:, :2] - 4, grid[:, :2] + 4], dim=1)[None]
    asked = losses._assign(torch.full((1, len(grid)), 0.01), found, grid, batch(boxes, [LABELLED, LABELLED]))
    assert set(asked.row[asked.quality > 0].tolist()) == {0, 1}


def test_overlap_is_that_of_the_boxes_in_numpy() -> None:
    from reid.boxes import iou

    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 50, (2, 40, 2, 2))
    first, second = np.concatenate([corners.min(axis=2), corners.max(axis=2)], axis=2)
    slow = np.array([iou(a[None], b[None])[0, 0] for a, b in zip(first, second, strict=True)])
    assert losses.overlaps(torch.tensor(first), torch.tensor(second)).numpy() == pytest.approx(slow)


def test_the_network_gives_a_row_for_each_place_of_any_picture() -> None:
    network = DetectorNet(SMALL).eval()
    told = flattened(network(torch.zeros(2, 96, 160, CHANNELS, dtype=torch.uint8)))
    assert told.shape == (2, len(grid_places(96, 160)), OUTPUTS)
    assert float(told.detach().sigmoid()[..., 0].mean()) < 0.05


def test_it_overfits_one_picture() -> None:
    torch.manual_seed(0)
    network = DetectorNet(SMALL)
    one = batch([[20.0, 16.0, 44.0, 40.0]], [LABELLED])
    one.pictures[0, 16:40, 20:44] = 200
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    first = last = 0.0
    for step in range(40):
        loss = torch.stack(list(detector_losses(network, one).values())).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        first, last = (float(loss.detach()), last) if step == 0 else (first, float(loss.detach()))
    assert last < 0.5 * first
