"""The reader learns from pictures that any process makes alike, and a short training writes weights that read."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from reid.errors import SeeingError
from reid.plates.likelihood import read_confusion
from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX, as_input
from reid.plates.networks.reader import END, PLACES, TOKEN_COLUMNS, TOKEN_ROWS, ReaderNet
from reid.plates.read import Reader
from reid.plates.spelling import CHARACTERS
from reid.training.loop import LoopOptions
from reid.training.plates import reader as training
from reid.training.plates.backgrounds import draw_without_plate, on_bodywork
from reid.training.plates.degradation import relit
from reid.training.plates.lettering import LATIN_FONTS, UNSEEN_FONTS
from reid.training.plates.reader import ReaderRecipe, _attention_loss, _spelling_loss, fit_temperature
from reid.training.plates.reader_samples import ReaderBatches, _unrolled_places, draw_unseen_fonts
from reid.weights import Weights

SHORT = LoopOptions(steps=2, last_steps=1, loaders=0, report_every=1, validate_every=1)


def test_a_batch_holds_what_the_network_takes_and_is_the_same_anywhere() -> None:
    batch, again = ReaderBatches(0, 9)(5), ReaderBatches(0, 9)(5)
    assert batch.pictures.shape == (9, HEIGHT_PX, WIDTH_PX, 3)
    assert batch.classes.shape == (9, PLACES)
    assert (batch.pictures == again.pictures).all()
    assert not (batch.classes == ReaderBatches(0, 9, part=1)(5).classes).all()


def test_character_centres_lie_inside_the_picture_from_left_to_right() -> None:
    batch = ReaderBatches(0, 60, easy=10**9)(1)
    known = ~np.isnan(batch.places[..., 0])
    assert (known <= (batch.classes != END)).all()
    assert known.sum() > 200
    assert (np.abs(batch.places[known] - 0.5) < 0.75).all()


def test_character_centres_follow_the_lines_of_an_unrolled_plate() -> None:
    quad = np.array([[0, 0], [100, 0], [100, 60], [0, 60]], np.float32)
    places = np.array([[20, 16], [80, 16], [20, 44], [80, 44]], np.float32)
    moved = _unrolled_places(places, quad)
    assert moved[:, 0].tolist() == pytest.approx([0.13, 0.37, 0.63, 0.87], abs=0.03)
    assert moved[:, 1].tolist() == pytest.approx([0.5] * 4, abs=0.05)


@pytest.mark.parametrize("seed", range(24))
def test_any_light_leaves_the_plate_its_size(seed: int) -> None:
    plate = np.full((40, 160, 3), 120, np.uint8)
    shown = relit(plate, np.random.default_rng(seed))
    assert (shown.shape, shown.dtype) == (plate.shape, plate.dtype)


def test_unseen_fonts_are_not_used_for_training() -> None:
    assert not set(UNSEEN_FONTS) & set(LATIN_FONTS)
    for shown in draw_unseen_fonts(3, 30, 0, seed=1):
        assert shown.face.latin in UNSEEN_FONTS
        assert (shown.corners >= -1).all()


def test_easy_batches_are_clearer_than_later_ones() -> None:
    def contrast(number: int) -> float:
        pictures = ReaderBatches(0, 60, easy=100)(number).pictures.astype(float)
        return float(np.abs(np.diff(pictures, axis=2)).mean())

    assert contrast(0) > 1.2 * contrast(100)


def test_a_plate_on_bodywork_lies_at_its_corners() -> None:
    plate = np.full((40, 160, 3), (250, 0, 0), np.uint8)
    placed = on_bodywork(plate, np.random.default_rng(3))
    x, y = np.round(placed.corners.mean(axis=0)).astype(int)
    assert (placed.image[y, x] == (250, 0, 0)).all()
    assert (placed.corners > 0).all()
    assert (placed.corners < placed.image.shape[1::-1]).all()


@pytest.mark.parametrize("seed", range(8))
def test_pictures_without_a_plate_have_the_networks_size(seed: int) -> None:
    assert draw_without_plate(HEIGHT_PX, WIDTH_PX, np.random.default_rng(seed)).shape == (HEIGHT_PX, WIDTH_PX, 3)


def test_attention_to_the_right_token_costs_least() -> None:
    places = torch.tensor([[[(7 + 0.5) / TOKEN_COLUMNS, (1 + 0.5) / TOKEN_ROWS]]])
    right, wrong = torch.zeros(1, 1, TOKEN_ROWS * TOKEN_COLUMNS), torch.zeros(1, 1, TOKEN_ROWS * TOKEN_COLUMNS)
    right[0, 0, TOKEN_COLUMNS + 7] = 5
    wrong[0, 0, TOKEN_COLUMNS + 20] = 5
    assert (
        _attention_loss(right, places)
        < _attention_loss(torch.zeros_like(right), places)
        < _attention_loss(wrong, places)
    )
    assert _attention_loss(right, torch.full_like(places, float("nan"))) == 0


def test_places_behind_the_end_hardly_count() -> None:
    classes = torch.tensor([[0, 1, *[END] * (PLACES - 2)]])
    logits = torch.nn.functional.one_hot(classes, END + 1).float() * 9
    late, early = logits.clone(), logits.clone()
    late[0, PLACES - 1] = 0
    early[0, 0] = 0
    assert _spelling_loss(late, classes, 0.3) < 0.1 * _spelling_loss(early, classes, 0.3)


def test_the_temperature_of_an_overconfident_network_is_above_one() -> None:
    network = ReaderNet()
    with torch.no_grad():
        network.say[1].weight *= 20
    assert fit_temperature(network, [ReaderBatches(0, 6)(0)]) > 1.5


def test_a_short_training_writes_weights_and_confusion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_VALIDATION_BATCHES", 1)
    monkeypatch.setattr(training, "_CALIBRATION_PICTURES", 8)
    monkeypatch.setattr(training, "_CONFUSION_PICTURES", 8)
    recipe = ReaderRecipe(SHORT, count=4)
    rows: list[object] = []
    card = training.train_reader(recipe, tmp_path, rows.append)
    assert len(rows) == 2
    assert (card.task, card.output) == ("plate reader", "characters")
    reader = Reader(Weights(card, tmp_path / "reader.onnx", packaged=False))
    pictures = ReaderBatches(0, 3)(0).pictures
    said = reader.probabilities(list(pictures))
    assert said.shape == (3, PLACES, len(CHARACTERS) + 1)
    assert said.sum(axis=2) == pytest.approx(1, abs=1e-3)
    assert read_confusion(tmp_path / "confusion.json").stands_for.shape == (len(CHARACTERS),) * 2
    assert said == pytest.approx(_by_torch(tmp_path, pictures, card.source), abs=5e-3)


def test_a_training_that_starts_from_a_reader_has_its_weights_and_no_easy_batches(tmp_path: Path) -> None:
    first = ReaderNet()
    torch.save({"network": first.state_dict()}, tmp_path / "best.pt")
    still = replace(SHORT, learning_rate=0.0, weight_decay=0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "_VALIDATION_BATCHES", 1)
        patch.setattr(training, "ReaderBatches", given := Mock(wraps=ReaderBatches))
        recipe = ReaderRecipe(still, count=4, start=tmp_path / "best.pt")
        begun = training.train_reader_network(recipe, tmp_path / "out", lambda row: None)
    assert given.call_args_list[0].kwargs == {"easy": 0, "real": ()}
    weights = first.state_dict()
    learned = {name: value for name, value in begun.state_dict().items() if "running" not in name}
    assert all(torch.equal(value, weights[name]) for name, value in learned.items() if "tracked" not in name)


def test_weights_of_no_reader_are_refused_as_a_start(tmp_path: Path) -> None:
    torch.save({"network": {"head.weight": torch.zeros(3)}}, tmp_path / "best.pt")
    with pytest.raises(SeeingError, match="no weights of a ReaderNet"):
        training.train_reader_network(
            ReaderRecipe(SHORT, start=tmp_path / "best.pt"), tmp_path / "out", lambda row: None
        )
    (tmp_path / "best.pt").write_bytes(b"not what torch writes")
    with pytest.raises(SeeingError, match="not what a training keeps"):
        training.train_reader_network(
            ReaderRecipe(SHORT, start=tmp_path / "best.pt"), tmp_path / "out", lambda row: None
        )


def _by_torch(out: Path, pictures: np.ndarray, source: str) -> np.ndarray:
    network = ReaderNet()
    network.load_state_dict(torch.load(out / "best.pt", weights_only=True)["network"])
    temperature = float(source.rsplit(" ", 1)[1])
    with torch.no_grad():
        return (network.eval()(as_input(pictures, torch.device("cpu"))).characters / temperature).softmax(2).numpy()
