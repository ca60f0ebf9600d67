from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from reid.errors import SeeingError
from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX, levelled
from reid.plates.networks.verifier import PlateFeatures, VerifierNet
from reid.plates.verify import PlateVerifier, SiameseNetwork
from reid.training.loop import LoopOptions
from reid.training.plates.verifier import _APART, VerifierBatches, VerifierRecipe, train_verifier
from reid.training.plates.verifier_samples import draw_twins
from reid.weights import Weights

SHORT = LoopOptions(steps=2, last_steps=1, loaders=0, report_every=1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """Return the weights of two training steps: untrained, but complete."""
    out = tmp_path_factory.mktemp("verifier")
    recipe = VerifierRecipe(loop=SHORT, groups=2, judged_groups=40)
    return Weights(train_verifier(recipe, out, lambda row: None), out / "verifier.onnx", packaged=False)


def test_a_short_training_writes_a_verifier_that_compares(trained: Weights) -> None:
    picture = draw_twins(np.random.default_rng(1)).pictures[0]
    height, width = picture.shape[:2]
    corners = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    verifier = PlateVerifier(trained)
    looks = verifier.appearance([(picture, corners), (picture, corners)])
    assert np.linalg.norm(looks.vectors, axis=1) == pytest.approx(1, abs=1e-4)
    assert looks.heights_px == pytest.approx(height)
    assert np.isfinite(verifier.llr(looks, looks)).all()


def test_the_file_gives_what_the_network_gives(trained: Weights) -> None:
    network = VerifierNet()
    state = torch.load(trained.path.parent / "best.pt", weights_only=True)
    network.load_state_dict(state["network"])
    pictures = VerifierBatches(5, 1)(0).pictures
    ours = SiameseNetwork(trained).appearance(list(pictures), np.full(4, 20, np.float32))
    with torch.no_grad():
        theirs = network.eval()(torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1)
        score = network.pairs(theirs, PlateFeatures(theirs.vector.flip(0), theirs.map.flip(0)))
    assert ours.vectors == pytest.approx(theirs.vector.numpy(), abs=2e-3)
    found = SiameseNetwork(trained).scores(ours, ours.take([3, 2, 1, 0]))
    assert found == pytest.approx(score.numpy(), abs=2e-2)


def test_the_verifier_starts_from_the_trunk_of_a_reader(tmp_path: Path) -> None:
    torch.manual_seed(7)
    reader = {f"trunk.{name}": value for name, value in VerifierNet().trunk.state_dict().items()}
    torch.save({"network": {**reader, "head.weight": torch.zeros(3)}}, tmp_path / "best.pt")
    still = replace(SHORT, steps=1, learning_rate=0.0)
    out = tmp_path / "out"
    train_verifier(VerifierRecipe(still, groups=2, start=tmp_path / "best.pt", judged_groups=40), out, lambda row: None)
    begun = torch.load(out / "state.pt", weights_only=True)["network"]
    assert torch.equal(begun["trunk.stem.0.weight"], reader["trunk.stem.0.weight"])


def test_the_verifier_starts_from_the_file_of_a_verifier(tmp_path: Path, trained: Weights) -> None:
    still = replace(SHORT, steps=1, learning_rate=0.0)
    train_verifier(VerifierRecipe(still, groups=2, start=trained.path, judged_groups=40), tmp_path, lambda row: None)
    begun = torch.load(tmp_path / "state.pt", weights_only=True)["network"]
    known = torch.load(trained.path.parent / "best.pt", weights_only=True)["network"]
    assert torch.allclose(begun["pairs.first.weight"], known["pairs.first.weight"], atol=1e-3)


def test_weights_of_no_plate_network_are_refused_as_a_start(tmp_path: Path) -> None:
    torch.save({"network": {"head.weight": torch.zeros(3)}}, tmp_path / "best.pt")
    with pytest.raises(SeeingError, match="no weights that a verifier can start from"):
        train_verifier(VerifierRecipe(SHORT, start=tmp_path / "best.pt"), tmp_path / "out", lambda row: None)


def test_a_batch_is_the_same_in_any_process() -> None:
    first, second = VerifierBatches(3, 2)(7), VerifierBatches(3, 2)(7)
    assert np.array_equal(first.pictures, second.pictures)
    assert first.texts == second.texts
    assert first.pictures.shape == (8, HEIGHT_PX, WIDTH_PX, 3)
    assert first.texts[0] == first.texts[1] != first.texts[2] == first.texts[3]


@pytest.mark.parametrize("changes", [1, 12])
def test_twins_differ_in_their_text(changes: int) -> None:
    for seed in range(30):
        one, other = draw_twins(np.random.default_rng(seed), changes=changes).texts
        differing = sum(a != b for a, b in zip(one, other, strict=True))
        assert differing == 1 if changes == 1 else differing >= 1


def test_the_trunk_ignores_exposure() -> None:
    picture = torch.rand(1, 3, HEIGHT_PX, WIDTH_PX)
    assert torch.allclose(levelled(picture), levelled(0.5 * picture - 0.2), atol=0.05)


def test_a_pair_scores_the_same_in_either_order() -> None:
    network = VerifierNet().eval()
    with torch.no_grad():
        looks = network(torch.randn(4, 3, HEIGHT_PX, WIDTH_PX))
        turned = PlateFeatures(looks.vector.flip(0), looks.map.flip(0))
        assert torch.allclose(network.pairs(looks, turned), network.pairs(turned, looks), atol=1e-5)


def test_plates_are_used_again_in_other_views() -> None:
    make = VerifierBatches(0, 1)
    first, again, others = make(0), make(_APART), make(1)
    assert first.texts == again.texts != others.texts
    assert (first.pictures != again.pictures).any()
