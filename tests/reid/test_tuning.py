from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from reid.appearance.installed import make_embedder  # noqa: E402
from reid.appearance.network import AppearanceNet, NetworkOptions  # noqa: E402
from reid.errors import SeeingError  # noqa: E402
from reid.training.batches import normalise  # noqa: E402
from reid.training.datasets import squared  # noqa: E402
from reid.training.export import export_onnx  # noqa: E402
from reid.training.onnx_file import stored_in_half  # noqa: E402
from reid.training.reload import find_norms, network_of  # noqa: E402
from reid.training.table import Row  # noqa: E402
from reid.training.tuning import Known, TunedNet, TuneOptions, tune  # noqa: E402
from reid.weights import find_weights  # noqa: E402

PACKAGED = find_weights("appearance").path
SHORT = TuneOptions(steps=4, last_steps=2, vehicles=4, pictures_of_vehicle=2)


def street(vehicles: int = 4, each: int = 4) -> Known:
    """Vehicles told apart by their colour, half of their pictures on each of two cameras; all are rivals."""
    rng = np.random.default_rng(2)
    paint = rng.integers(40, 210, (vehicles, 3))
    vehicle = np.repeat(np.arange(vehicles), each)
    noise = rng.integers(-30, 30, (len(vehicle), 90, 110, 3))
    pictures = np.clip(paint[vehicle][:, None, None] + noise, 0, 255).astype(np.uint8)
    camera = np.tile(np.repeat([0, 1], each // 2), vehicles)
    return Known(np.stack([squared(one) for one in pictures]), vehicle, camera, ~np.eye(vehicles, dtype=bool))


def noise_pictures(count: int = 6) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return np.random.default_rng(1).integers(0, 256, (count, 128, 128, 3)).astype(np.uint8)


def say_nothing(_: Row) -> None:
    """Report to nobody."""


def test_the_packaged_file_comes_back_as_the_network_it_was() -> None:
    pictures = noise_pictures()
    with torch.no_grad():
        again = network_of(PACKAGED)(normalise(pictures))
    served = make_embedder("appearance", threads=1).look(list(pictures))
    assert (again.vector.numpy() * served.vectors).sum(axis=1).min() > 1 - 1e-4
    assert served.types is not None
    assert np.allclose(again.type_logits.softmax(1).numpy(), served.types, atol=1e-4)


def test_weights_stored_in_half_the_bytes_come_back_too(tmp_path: Path) -> None:
    half = tmp_path / "half.onnx"
    onnx.save(stored_in_half(onnx.load(PACKAGED)), half)
    with torch.no_grad():
        first, second = (network_of(path)(normalise(noise_pictures())).vector for path in (PACKAGED, half))
    assert (first * second).sum(dim=1).min() > 1 - 1e-3


def test_norms_find_their_figures_and_no_vector_changes() -> None:
    network, pictures = network_of(PACKAGED), normalise(noise_pictures(12))
    with torch.no_grad():
        before = network(pictures).vector
        find_norms(network, pictures)
        assert (before * network(pictures).vector).sum(dim=1).min() > 1 - 1e-5
    norm = network.blocks[1].second_norm
    assert norm.running_mean.abs().max() > 0
    # what a norm lets through while it learns is what it lets through when it serves
    seen: list[torch.Tensor] = []
    norm.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        network(pictures)
        served = norm(seen[0])
        assert torch.allclose(norm.train()(seen[0]), served, atol=0.02)


def test_a_network_of_others_cannot_be_tuned(tmp_path: Path) -> None:
    path = tmp_path / "other.onnx"
    export_onnx(AppearanceNet(NetworkOptions(dims=16)), path, side_px=64)
    with pytest.raises(SeeingError, match="only weights of our own network"):
        network_of(path)


def test_norms_are_held_still_while_all_else_learns(tmp_path: Path) -> None:
    start = network_of(PACKAGED)
    tuned = tune(start, street(), tmp_path, SHORT, say_nothing)
    before, after = start.state_dict(), tuned.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before if "running" in name)
    assert not torch.equal(before["project.weight"], after["project.weight"])


def test_tuning_that_is_done_is_not_done_again_and_other_knowledge_is_refused(tmp_path: Path) -> None:
    first = tune(network_of(PACKAGED), street(), tmp_path, SHORT, say_nothing)
    again = tune(network_of(PACKAGED), street(), tmp_path, SHORT, pytest.fail)
    assert torch.equal(first.state_dict()["project.weight"], again.state_dict()["project.weight"])
    with pytest.raises(SeeingError, match="other options"):
        tune(network_of(PACKAGED), street(vehicles=5), tmp_path, SHORT, say_nothing)


def test_what_is_known_to_be_one_vehicle_moves_together_and_rivals_apart(tmp_path: Path) -> None:
    known = street()
    options = TuneOptions(steps=12, last_steps=6, vehicles=4, pictures_of_vehicle=2, stay=0.0)
    start = network_of(PACKAGED)
    assert margin(tune(start, known, tmp_path, options, say_nothing), known) > margin(start, known)


def margin(network: AppearanceNet, known: Known) -> float:
    """Return how much more alike two pictures of one vehicle are than two of different ones."""
    with torch.no_grad():
        vectors = network.eval()(normalise(known.pictures[:, 8:-8, 8:-8])).vector
    alike, same = (vectors @ vectors.T).numpy(), known.vehicle[:, None] == known.vehicle[None]
    return float(alike[same].mean() - alike[~same].mean())


def test_a_tuned_net_keeps_its_norms_in_use_while_training() -> None:
    net = TunedNet().train()
    assert net.training
    assert not net.neck.training
