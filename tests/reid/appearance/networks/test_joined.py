"""Two networks as one: its similarity is the mean of theirs, and a projection shortens its vector."""

import pytest

torch = pytest.importorskip("torch")

from reid.appearance.network import NetworkOptions  # noqa: E402
from reid.appearance.networks.joined import JoinedNet  # noqa: E402

SMALL = NetworkOptions(dims=16, stem_channels=8, blocks=((8, 2, True), (16, 2, False)))


@torch.no_grad()
def test_the_long_similarity_is_the_mean_of_both() -> None:
    torch.manual_seed(0)
    network, pictures = JoinedNet(SMALL, dims=8).eval(), torch.randn(4, 3, 64, 64)
    long, first, second = (
        vectors @ vectors.T
        for vectors in (
            network.side_by_side(pictures), network.first(pictures).vector, network.second(pictures).vector,
        )
    )  # fmt: skip
    assert long.numpy() == pytest.approx(((first + second) / 2).numpy(), abs=1e-5)


@torch.no_grad()
def test_the_vector_is_short_and_of_length_one_and_the_heads_are_those_of_the_first() -> None:
    torch.manual_seed(0)
    network, pictures = JoinedNet(SMALL, dims=8).eval(), torch.randn(3, 3, 64, 64)
    outputs, first = network(pictures), network.first(pictures)
    assert outputs.vector.shape == (3, 8)
    assert outputs.vector.norm(dim=1).tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    projected = network.side_by_side(pictures) @ network.shorten.weight.T
    assert outputs.after_neck.numpy() == pytest.approx(projected.numpy(), abs=1e-5)
    assert torch.equal(outputs.type_logits, first.type_logits)
    assert torch.equal(outputs.colour_logits, first.colour_logits)
    assert torch.equal(outputs.heading, first.heading)
