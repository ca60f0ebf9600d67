"""Real pictures of plates teach the reader beside drawn ones; half of the plates never do."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from reid.errors import SeeingError
from reid.images import encode_jpeg
from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.plates.spelling import CHARACTERS
from reid.training.plates.reader_samples import REAL_SHARE, ReaderBatches
from reid.training.plates.real_crops import HALVES, RealPlate, labelled_crops, read_real_plates, real_view


def folder_of(tmp_path: Path, *texts: str) -> Path:
    rows = ["file,text"]
    for number, text in enumerate(texts):
        image = np.random.default_rng(number).integers(0, 255, (24, 94, 3)).astype(np.uint8)
        (tmp_path / f"{number}.jpg").write_bytes(encode_jpeg(image))
        rows.append(f"{number}.jpg,{text}")
    (tmp_path / "texts.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_all_pictures_of_a_plate_are_in_one_half_and_one_half_teaches(tmp_path: Path) -> None:
    texts = [f"AB{number:03d}CD" for number in range(20)]
    folder = folder_of(tmp_path, *texts, *texts)
    crops = labelled_crops(folder)
    assert {crop.half for crop in crops} == set(HALVES)
    taught = {plate.text for plate in read_real_plates([folder])}
    assert taught == {crop.text for crop in crops if crop.half == HALVES[0]}
    assert len(read_real_plates([folder])) == 2 * len(taught)


@pytest.mark.parametrize("text", ["ABCDEFGHIJKL", "ab1", "A-1"])
def test_a_text_that_is_no_plate_is_refused(text: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, text)
    assert labelled_crops(folder)[0].half == HALVES[0], "of the half that teaches"
    with pytest.raises(SeeingError, match="no plate of up to 10"):
        read_real_plates([folder])


def test_a_folder_without_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SeeingError, match=r"texts\.csv"):
        labelled_crops(tmp_path)
    (tmp_path / "texts.csv").write_text("picture,text\n")
    with pytest.raises(SeeingError, match="may teach"):
        read_real_plates([tmp_path])


def test_views_differ_and_have_the_size_of_the_network() -> None:
    image = np.random.default_rng(0).integers(0, 255, (24, 94, 3)).astype(np.uint8)
    plate = RealPlate(image, np.array([[3, 3], [90, 2], [91, 21], [2, 22]], np.float32), "AB123")
    views = [real_view(plate, np.random.default_rng(seed)) for seed in range(12)]
    assert {view.shape for view in views} == {(HEIGHT_PX, WIDTH_PX, 3)}
    assert len({view.tobytes() for view in views}) == 12


def test_a_share_of_each_batch_is_real() -> None:
    image = np.full((24, 94, 3), 200, np.uint8)
    plate = RealPlate(image, np.array([[3, 3], [90, 2], [91, 21], [2, 22]], np.float32), "ZZ999ZZ")
    batch = ReaderBatches(0, 20, real=(plate,))(0)
    texts = ["".join(CHARACTERS[code] for code in row if code < len(CHARACTERS)) for row in batch.classes]
    assert texts.count("ZZ999ZZ") == round(REAL_SHARE * 20)
    assert (batch.classes == ReaderBatches(0, 20, real=(plate,))(0).classes).all()
