from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from reid.appearance.embedders import Vectors
from reid.errors import SeeingError
from reid.evaluation import benchmarks
from reid.images import encode_jpeg
from reid.vehicle import Image


class _MeanColour:
    """Embeds a picture as its mean colour."""

    model_id, dims = "mean-colour", 3

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        means = np.stack([picture.reshape(-1, 3).mean(axis=0) for picture in pictures]) - 127.5
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), dtype=np.float32)


_PAINT = {1: (250, 10, 10), 2: (10, 250, 10), 3: (10, 10, 250)}


def _draw(path: Path, vehicle: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_jpeg(np.full((8, 8, 3), _PAINT[vehicle], np.uint8)))


def _quiet(done: int, count: int) -> None:
    assert 0 < done <= count


def test_veri_takes_vehicle_and_camera_from_the_names(tmp_path: Path) -> None:
    for vehicle, camera in ((1, 1), (2, 1)):
        _draw(tmp_path / "image_query" / f"000{vehicle}_c00{camera}_00000010_0.jpg", vehicle)
    for vehicle, camera in ((1, 1), (1, 2), (2, 2), (3, 2)):
        _draw(tmp_path / "image_test" / f"000{vehicle}_c00{camera}_00000020_0.jpg", vehicle)
    split = benchmarks.read_veri(tmp_path)
    assert split.gallery.vehicle.tolist() == [1, 1, 2, 3]
    assert split.gallery.camera.tolist() == [1, 2, 2, 2]
    told = benchmarks.evaluate_veri(tmp_path, _MeanColour(), _quiet)
    assert told == {"map": 1.0, "cmc": {"1": 1.0, "5": 1.0, "10": 1.0}, "queries": 2, "gallery": 4}


def test_veri_refuses_pictures_named_otherwise(tmp_path: Path) -> None:
    _draw(tmp_path / "image_query" / "car.jpg", 1)
    with pytest.raises(SeeingError, match=r"car\.jpg is not named as in VeRi-776"):
        benchmarks.read_veri(tmp_path)


def test_vehicleid_repeats_random_galleries(tmp_path: Path) -> None:
    lines = []
    for number, vehicle in enumerate([1, 1, 2, 2, 3, 3, 3]):
        _draw(tmp_path / "image" / f"{number:07d}.jpg", vehicle)
        lines.append(f"{number:07d} {vehicle}")
    (tmp_path / "train_test_split").mkdir()
    (tmp_path / "train_test_split" / "test_list_800.txt").write_text("\n".join(lines))
    told = benchmarks.evaluate_vehicleid(tmp_path, _MeanColour(), _quiet)
    assert (told["map"], told["queries"], told["gallery"]) == (1.0, 4, 3)


def test_veri_wild_joins_lists_and_cameras(tmp_path: Path) -> None:
    info = ["id/image;Camera ID;Time;Model;Type;Color"]
    for name, camera in (("00001/000001", 5), ("00001/000002", 6), ("00002/000003", 5), ("00002/000004", 7)):
        _draw(tmp_path / "images" / f"{name}.jpg", int(name[:5]))
        info.append(f"{name};{camera};2018-03-04 10:10:10;x;y;z")
    lists = tmp_path / "train_test_split"
    lists.mkdir()
    (lists / "vehicle_info.txt").write_text("\n".join(info))
    (lists / "test_3000_id_query.txt").write_text("00001/000001.jpg\n00002/000003.jpg\n")
    (lists / "test_3000_id.txt").write_text("00001/000002\n00002/000004\n")
    assert benchmarks.read_veri_wild(tmp_path).gallery.camera.tolist() == [6, 7]
    told = benchmarks.evaluate_veri_wild(tmp_path, _MeanColour(), _quiet)
    assert (told["map"], told["queries"], told["gallery"]) == (1.0, 2, 2)


def _cityflow(root: Path, part: str, seen: list[tuple[int, int]], *, named: bool = True) -> None:
    items = []
    for number, (vehicle, camera) in enumerate(seen):
        _draw(root / f"image_{part}" / f"{number:06d}.jpg", vehicle)
        who = f'vehicleID="{vehicle:04d}" ' if named else ""
        items.append(f'<Item imageName="{number:06d}.jpg" {who}cameraID="c{camera:03d}" />')
    text = f'<?xml version="1.0" encoding="gb2312"?>\n<TrainingImages><Items>{"".join(items)}</Items></TrainingImages>'
    (root / f"{part}_label.xml").write_text(text)


def test_cityflow_reads_its_lists_and_counts_a_hundred_answers(tmp_path: Path) -> None:
    _cityflow(tmp_path, "query", [(1, 1), (2, 1)])
    _cityflow(tmp_path, "test", [(1, 2)] * 150 + [(2, 3)])
    told = benchmarks.evaluate_cityflow(tmp_path, _MeanColour(), _quiet)
    assert (told["map"], told["queries"], told["gallery"]) == (1.0, 2, 151)


def test_cityflow_lists_without_vehicles_are_refused(tmp_path: Path) -> None:
    _cityflow(tmp_path, "query", [(1, 1)], named=False)
    with pytest.raises(SeeingError, match="the challenge hides them"):
        benchmarks.read_cityflow(tmp_path)


def test_a_listed_picture_that_is_missing_is_named(tmp_path: Path) -> None:
    _cityflow(tmp_path, "query", [(1, 1)])
    _cityflow(tmp_path, "test", [(1, 2)])
    (tmp_path / "image_test" / "000000.jpg").unlink()
    with pytest.raises(SeeingError, match=r"000000\.jpg is missing"):
        benchmarks.evaluate_cityflow(tmp_path, _MeanColour(), _quiet)
