import pytest

torch = pytest.importorskip("torch")

from reid.training.appearance import losses  # noqa: E402


def _vectors(seed: int, count: int = 12, dims: int = 5) -> "torch.Tensor":
    return torch.randn(count, dims, generator=torch.Generator().manual_seed(seed))


_VEHICLES = torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4])


def _slow_triplet(vectors: "torch.Tensor", vehicles: list[int]) -> float:
    values = []
    for anchor, vehicle in enumerate(vehicles):
        gaps = [float((vectors[anchor] - other).norm()) for other in vectors]
        same = [gap for i, gap in enumerate(gaps) if vehicles[i] == vehicle and i != anchor]
        others = [gap for i, gap in enumerate(gaps) if vehicles[i] != vehicle]
        if same and others:
            values.append(float(torch.log1p(torch.exp(torch.tensor(max(same) - min(others))))))
    return sum(values) / len(values)


def _slow_circle(vectors: "torch.Tensor", vehicles: list[int], margin: float, scale: float) -> float:
    unit = [vector / vector.norm() for vector in vectors]
    values = []
    for anchor, vehicle in enumerate(vehicles):
        pull = push = 0.0
        for i, other in enumerate(unit):
            s = float(unit[anchor] @ other)
            if i != anchor and vehicles[i] == vehicle:
                pull += float(torch.exp(torch.tensor(-scale * max(0.0, 1 + margin - s) * (s - 1 + margin))))
            elif vehicles[i] != vehicle:
                push += float(torch.exp(torch.tensor(scale * max(0.0, s + margin) * (s - margin))))
        values.append(float(torch.log(torch.tensor(1 + pull * push))))
    return sum(values) / len(values)


@pytest.mark.parametrize("seed", range(4))
def test_triplet_takes_the_farthest_same_and_the_nearest_other(seed: int) -> None:
    vectors = _vectors(seed)
    expected = _slow_triplet(vectors, _VEHICLES.tolist())
    assert float(losses.batch_hard_triplet(vectors, _VEHICLES)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_circle_is_the_sum_over_all_pairs(seed: int) -> None:
    vectors = _vectors(seed)
    expected = _slow_circle(vectors, _VEHICLES.tolist(), margin=0.25, scale=4.0)
    assert float(losses.circle(vectors, _VEHICLES, margin=0.25, scale=4.0)) == pytest.approx(expected, rel=1e-4)


def test_a_vehicle_without_positives_is_left_out() -> None:
    vectors = _vectors(1)
    lonely = torch.cat([vectors, torch.full((1, 5), 90.0)])
    vehicles = torch.cat([_VEHICLES, torch.tensor([9])])
    assert float(losses.batch_hard_triplet(lonely, vehicles)) == pytest.approx(
        float(losses.batch_hard_triplet(vectors, _VEHICLES)), rel=1e-4
    )


def test_gradients_stay_finite_where_two_pictures_are_equal() -> None:
    vectors = torch.ones(4, 3, requires_grad=True)
    vehicles = torch.tensor([0, 0, 1, 1])
    torch.autograd.backward(losses.batch_hard_triplet(vectors, vehicles) + losses.circle(vectors, vehicles))
    assert vectors.grad is not None
    assert bool(vectors.grad.isfinite().all())


def test_unknown_labels_add_no_loss() -> None:
    logits = torch.randn(3, 4, requires_grad=True)
    labels = torch.tensor([2, -1, 0])
    alone = losses.known_cross_entropy(logits[[0, 2]], labels[[0, 2]])
    assert float(losses.known_cross_entropy(logits, labels).detach()) == pytest.approx(float(alone.detach()))
    assert float(losses.known_cross_entropy(logits, torch.full((3,), -1)).detach()) == 0.0


def test_heading_wraps_around() -> None:
    predicted = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert float(losses.heading_loss(predicted, torch.tensor([360.0, float("nan")]))) == pytest.approx(0.0, abs=1e-6)
    assert float(losses.heading_loss(predicted, torch.tensor([180.0, 90.0]))) == pytest.approx(1.0, abs=1e-6)
