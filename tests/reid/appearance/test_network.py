from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reid.appearance.embedders import EmbedderOptions, OnnxEmbedder  # noqa: E402
from reid.appearance.network import AppearanceNet, NetworkOptions  # noqa: E402
from reid.errors import SeeingError  # noqa: E402
from reid.onnx import resized, to_blob  # noqa: E402
from reid.training import checkpoint  # noqa: E402
from reid.training.appearance.batches import SamplingOptions  # noqa: E402
from reid.training.appearance.datasets import BOX_SIDE_PX, MARGIN_PX, Crops  # noqa: E402
from reid.training.appearance.export import export_onnx, write_appearance_card  # noqa: E402
from reid.training.appearance.train import (  # noqa: E402
    IMPRINTED_LENGTH,
    TrainOptions,
    imprinted_classifier,
    train_network,
    vectors_of,
)
from reid.training.augmentation import AugmentOptions, augmented  # noqa: E402
from reid.training.loop import LoopOptions, MovingAverage  # noqa: E402
from reid.weights import Weights  # noqa: E402

_SMALL = NetworkOptions(dims=16, stem_channels=8, blocks=((8, 2, True), (16, 2, False)))
_SIDE = BOX_SIDE_PX + 2 * MARGIN_PX
_STILL = AugmentOptions(
    shift=0, zoom=0, turn_deg=0, occlusion_chance=0, grey_chance=0, glare_chance=0, blur_chance=0,
    small_chance=0, noise_chance=0, jpeg_chance=0,
)  # fmt: skip


def _crops(vehicles: int = 8, each: int = 6) -> Crops:
    """Vehicles that are told apart by the colour of their picture."""
    rng = np.random.default_rng(5)
    paint = rng.integers(30, 220, (vehicles, 3))
    vehicle = np.repeat(np.arange(vehicles), each)
    noise = rng.integers(-25, 25, (len(vehicle), _SIDE, _SIDE, 3))
    return Crops(
        pictures=np.clip(paint[vehicle][:, None, None] + noise, 0, 255).astype(np.uint8),
        vehicle=vehicle,
        model=vehicle // 2,
        camera=np.tile(np.arange(each) // 2, vehicles),
        type=vehicle % 5,
        colour=vehicle % 3,
        heading_deg=np.full(len(vehicle), 90, np.float32),
        source=np.zeros(len(vehicle), np.int64),
    )


def _options(steps: int) -> TrainOptions:
    sampling = SamplingOptions(vehicles=4, crops_of_vehicle=2)
    length = LoopOptions(
        steps=steps,
        last_steps=2,
        learning_rate=1.2e-3,
        average=0.995,
        report_every=2,
        validate_every=2,
        save_every_s=0.0,
    )
    return TrainOptions(length, early_side_px=48, network=_SMALL, sampling=sampling)


def _exported(folder: Path, network: AppearanceNet) -> Weights:
    path = folder / "tiny.onnx"
    export_onnx(network, path, side_px=BOX_SIDE_PX)
    card = write_appearance_card(path, name="tiny", side_px=BOX_SIDE_PX, source="a test")
    return Weights(card, path, packaged=False)


def test_vectors_have_length_one_and_heads_their_sizes() -> None:
    seen = AppearanceNet(_SMALL).eval()(torch.randn(3, 3, 64, 64))
    assert seen.vector.norm(dim=1).detach().numpy() == pytest.approx(np.ones(3), abs=1e-5)
    assert [tuple(part.shape) for part in seen[3:]] == [(3, 5), (3, 11), (3, 2)]


def test_onnx_gives_the_vectors_of_torch(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = AppearanceNet(_SMALL)
    network.train()(torch.randn(16, 3, 64, 64))  # so that the norms have seen something
    network.eval()
    embedder = OnnxEmbedder(_exported(tmp_path, network), EmbedderOptions(threads=1, pictures_at_once=4))
    rng = np.random.default_rng(2)
    pictures = [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((40, 90), (200, 128), (128, 128)) * 3]
    with torch.no_grad():
        seen = network(torch.from_numpy(to_blob(resized(pictures, embedder.card.picture), embedder.card.picture)))
    served = embedder.appearance(pictures)
    assert (served.vectors * seen.vector.numpy()).sum(axis=1).min() > 1 - 1e-4
    assert served.types == pytest.approx(seen.type_logits.softmax(1).numpy(), abs=1e-4)
    assert served.colours.sum(axis=1) == pytest.approx(np.ones(9), abs=1e-4)
    assert embedder.embed([]).shape == (0, 16)


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    weights = _exported(tmp_path, AppearanceNet(_SMALL))
    data = bytearray(weights.path.read_bytes())
    data[len(data) // 2] ^= 1
    weights.path.write_bytes(bytes(data))
    with pytest.raises(SeeingError, match="its card says"):
        OnnxEmbedder(weights)


def test_training_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    crops = _crops()
    whole = train_network(crops, {}, tmp_path / "whole", _options(6), lambda row: None)

    def killed_at_four(row: object) -> None:
        if getattr(row, "step", 0) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_network(crops, {}, tmp_path / "parts", _options(6), killed_at_four)
    parts = train_network(crops, {}, tmp_path / "parts", _options(6), lambda row: None)
    for name, value in whole.state_dict().items():
        assert value.float().numpy() == pytest.approx(parts.state_dict()[name].float().numpy(), abs=1e-3), name


def test_the_same_options_and_seed_give_the_same_weights(tmp_path: Path) -> None:
    once, again = (
        train_network(_crops(), {}, tmp_path / name, _options(5), lambda row: None).state_dict()
        for name in ("once", "again")
    )
    assert all(bool((value == again[name]).all()) for name, value in once.items())


def test_training_learns_to_tell_vehicles_apart(tmp_path: Path) -> None:
    crops, rows = _crops(), []
    short = _options(24)
    length = replace(short.loop, warm_up_steps=4, learning_rate=5e-3, report_every=8, validate_every=8)
    options = replace(short, camera=_STILL, loop=length)
    train_network(crops, {"seen": crops}, tmp_path, options, rows.append)
    assert rows[-1].losses["identity"] < rows[0].losses["identity"]
    assert rows[-1].scores["seen_rank1"] > 0.5  # by chance 1 in 8
    assert set(rows[-1].cells()) >= {"step", "identity", "seen_map", "seen_rank1"}


def test_a_training_that_begins_with_weights_knows_the_vehicles_as_well_as_these_do() -> None:
    torch.manual_seed(1)
    crops, network = _crops(4, 4), AppearanceNet(_SMALL).eval()
    rows = imprinted_classifier(network, crops).numpy()
    means = vectors_of(network, crops).reshape(4, 4, -1).mean(axis=1)
    assert rows == pytest.approx(IMPRINTED_LENGTH * means / np.linalg.norm(means, axis=1, keepdims=True), abs=1e-5)


def test_a_state_of_other_options_is_refused(tmp_path: Path) -> None:
    train_network(_crops(), {}, tmp_path, _options(2), lambda row: None)
    with pytest.raises(SeeingError, match="other options"):
        train_network(_crops(), {}, tmp_path, replace(_options(2), early_side_px=64), lambda row: None)


def test_a_state_that_is_no_plain_data_is_refused(tmp_path: Path) -> None:
    torch.save({"recipe": Path("anything")}, tmp_path / "state.pt")
    with pytest.raises(Exception, match="not what a training keeps"):
        checkpoint.load(tmp_path / "state.pt", "x")


def test_the_average_moves_slowly_and_copies_counters() -> None:
    network = AppearanceNet(_SMALL)
    average = MovingAverage(network, decay=0.9)
    with torch.no_grad():
        network.project.weight += 1.0
        network.neck.num_batches_tracked += 7
    before = average.network.project.weight.clone()
    average.follow(network, step=1000)
    moved = (average.network.project.weight - before).detach().numpy()
    assert moved == pytest.approx(np.full_like(moved, 0.1), abs=1e-5)
    assert int(average.network.neck.num_batches_tracked) == 7


def test_a_state_from_before_the_last_phase_serves_any_number_of_steps(tmp_path: Path) -> None:
    crops = _crops()

    def killed_at_two(row: object) -> None:
        if getattr(row, "step", 0) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_network(crops, {}, tmp_path / "parts", _options(99), killed_at_two)
    parts = train_network(crops, {}, tmp_path / "parts", _options(6), lambda row: None)
    whole = train_network(crops, {}, tmp_path / "whole", _options(6), lambda row: None)
    assert parts.project.weight.detach().numpy() == pytest.approx(whole.project.weight.detach().numpy(), abs=1e-3)
    with pytest.raises(SeeingError, match="its rate falls already"):
        train_network(crops, {}, tmp_path / "whole", _options(8), lambda row: None)


def test_another_camera_shows_the_same_size_and_repeats_with_its_seed() -> None:
    picture = _crops(1, 1).pictures[0]
    once, mirrored = augmented(picture, AugmentOptions(side_px=96), np.random.default_rng(3))
    again, mirrored_again = augmented(picture, AugmentOptions(side_px=96), np.random.default_rng(3))
    assert once.shape == (96, 96, 3)
    assert np.array_equal(once, again)
    assert mirrored == mirrored_again


def test_a_strange_camera_leaves_the_vehicle_where_it_is() -> None:
    options = replace(_STILL, shadow_chance=1.0, sharp_chance=1.0, exposure=0.3, cast=0.1, gamma=0.4, contrast=0.3)
    picture = np.full((_SIDE, _SIDE, 3), 40, np.uint8)
    picture[_SIDE // 3 : -_SIDE // 3, _SIDE // 3 : -_SIDE // 3] = 190
    shown = [augmented(picture, options, np.random.default_rng(seed))[0].astype(float) for seed in range(5)]
    expected = picture[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX].astype(float)
    assert min(np.corrcoef(one.ravel(), expected.ravel())[0, 1] for one in shown) > 0.7
    assert np.std([one.mean() for one in shown]) > 3


def test_a_steady_camera_shows_the_box_as_it_is_or_mirrored() -> None:
    rng = np.random.default_rng(0)
    picture = np.kron(rng.integers(0, 256, (_SIDE // 8, _SIDE // 8, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    inner = picture[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX].astype(float)
    agreement = []
    for seed in range(6):
        shown, mirrored = augmented(picture, _STILL, np.random.default_rng(seed))
        expected = inner[:, ::-1] if mirrored else inner
        agreement.append(np.corrcoef(shown.astype(float).ravel(), expected.ravel())[0, 1])
    assert min(agreement) > 0.7  # the light still changes; a wrong cut or mirror agrees by less than 0.3
