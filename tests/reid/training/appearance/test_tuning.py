from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from reid.appearance import embedders  # noqa: E402
from reid.appearance.embedders import make_embedder  # noqa: E402
from reid.appearance.network import AppearanceNet, NetworkOptions, VehicleNet  # noqa: E402
from reid.appearance.networks.joined import JoinedNet  # noqa: E402
from reid.errors import SeeingError  # noqa: E402
from reid.training.appearance.batches import normalise  # noqa: E402
from reid.training.appearance.datasets import resized_box  # noqa: E402
from reid.training.appearance.export import (  # noqa: E402
    export_onnx,
    load_network,
    load_part,
    restore_norms,
)
from reid.training.appearance.tuning import TunedNet, TuneOptions, TuningLabels, tune  # noqa: E402
from reid.training.loop import LogRow  # noqa: E402
from reid.training.onnx_file import stored_in_half  # noqa: E402
from reid.weights import find_weights  # noqa: E402

PACKAGED = find_weights("appearance").path
SHORT = TuneOptions(steps=4, last_steps=2, vehicles=4, pictures_of_vehicle=2)


def street(vehicles: int = 4, each: int = 4) -> TuningLabels:
    """Vehicles told apart by their colour, half of their pictures on each of two cameras; all are known to differ."""
    rng = np.random.default_rng(2)
    paint = rng.integers(40, 210, (vehicles, 3))
    vehicle = np.repeat(np.arange(vehicles), each)
    noise = rng.integers(-30, 30, (len(vehicle), 90, 110, 3))
    pictures = np.clip(paint[vehicle][:, None, None] + noise, 0, 255).astype(np.uint8)
    camera = np.tile(np.repeat([0, 1], each // 2), vehicles)
    return TuningLabels(
        np.stack([resized_box(one) for one in pictures]), vehicle, camera, ~np.eye(vehicles, dtype=bool)
    )


def noise_pictures(count: int = 6) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return np.random.default_rng(1).integers(0, 256, (count, 128, 128, 3)).astype(np.uint8)


def say_nothing(_: LogRow) -> None:
    """Ignore the log."""


def test_the_packaged_file_loads_as_the_same_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedders, "types_told", lambda *_: None)
    pictures = noise_pictures()
    with torch.no_grad():
        again = load_network(PACKAGED)(normalise(pictures))
    served = make_embedder("appearance", threads=1).appearance(list(pictures))
    assert (again.vector.numpy() * served.vectors).sum(axis=1).min() > 1 - 1e-4
    assert served.types is not None
    assert np.allclose(again.type_logits.softmax(1).numpy(), served.types, atol=1e-4)


def test_half_precision_weights_load_too(tmp_path: Path) -> None:
    half = tmp_path / "half.onnx"
    onnx.save(stored_in_half(onnx.load(PACKAGED)), half)
    with torch.no_grad():
        first, second = (load_network(path)(normalise(noise_pictures())).vector for path in (PACKAGED, half))
    assert (first * second).sum(dim=1).min() > 1 - 1e-3


def test_restoring_norms_changes_no_vector() -> None:
    network, pictures = load_part(PACKAGED, AppearanceNet), normalise(noise_pictures(12))
    with torch.no_grad():
        before = network(pictures).vector
        restore_norms(network, pictures)
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


def test_a_foreign_network_cannot_be_tuned(tmp_path: Path) -> None:
    path = tmp_path / "other.onnx"
    export_onnx(AppearanceNet(NetworkOptions(dims=16)), path, side_px=64)
    with pytest.raises(SeeingError, match="only weights of our own network"):
        load_network(path)


def test_norms_are_frozen_while_all_else_learns(tmp_path: Path) -> None:
    start = load_network(PACKAGED)
    tuned = tune(start, street(), tmp_path, SHORT, say_nothing)
    before, after = start.state_dict(), tuned.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before if "running" in name)
    assert not torch.equal(before["first.project.weight"], after["first.project.weight"])


def test_of_two_joined_networks_the_second_stays_as_it_is(tmp_path: Path) -> None:
    start = load_part(PACKAGED, JoinedNet)
    tuned = tune(start, street(), tmp_path, SHORT, say_nothing)
    after = tuned.state_dict()
    assert all(torch.equal(after[f"second.{name}"], values) for name, values in start.second.state_dict().items())
    assert not torch.equal(after["shorten.weight"], start.shorten.weight)


def test_finished_tuning_is_not_repeated_and_other_labels_are_refused(tmp_path: Path) -> None:
    first = tune(load_network(PACKAGED), street(), tmp_path, SHORT, say_nothing)
    again = tune(load_network(PACKAGED), street(), tmp_path, SHORT, pytest.fail)
    assert torch.equal(first.state_dict()["first.project.weight"], again.state_dict()["first.project.weight"])
    with pytest.raises(SeeingError, match="other options"):
        tune(load_network(PACKAGED), street(vehicles=5), tmp_path, SHORT, say_nothing)


def test_linked_pictures_move_together_and_negatives_apart(tmp_path: Path) -> None:
    known = street()
    options = TuneOptions(steps=12, last_steps=6, vehicles=4, pictures_of_vehicle=2, stay=0.0)
    start = load_network(PACKAGED)
    assert margin(tune(start, known, tmp_path, options, say_nothing), known) > margin(start, known)


def margin(network: VehicleNet, known: TuningLabels) -> float:
    """Return how much more alike two pictures of one vehicle are than two of different ones."""
    with torch.no_grad():
        vectors = network.eval()(normalise(known.pictures[:, 8:-8, 8:-8])).vector
    alike, same = (vectors @ vectors.T).numpy(), known.vehicle[:, None] == known.vehicle[None]
    return float(alike[same].mean() - alike[~same].mean())


def test_a_tuned_net_keeps_its_norms_in_eval_mode() -> None:
    net = TunedNet(AppearanceNet()).train()
    assert net.training
    assert isinstance(net.network, AppearanceNet)
    assert not net.network.neck.training
