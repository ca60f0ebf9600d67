"""Read the folders in which the published benchmarks come: which pictures ask, which are searched, and who is who."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

from reid.errors import SeeingError
from reid.evaluation.protocols import NO_CAMERA

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Files:
    """Pictures with the vehicle and camera of each (n,)."""

    paths: tuple[Path, ...]
    vehicle: Numbers
    camera: Numbers


@dataclass(frozen=True, slots=True)
class Split:
    """Pictures that ask and pictures that are searched."""

    query: Files
    gallery: Files


def veri(root: Path) -> Split:
    """Read VeRi-776 (Liu et al., 2016): `image_query`, `image_test`; 0002_c003_... is vehicle 2 on camera 3."""
    return Split(_veri_folder(root / "image_query"), _veri_folder(root / "image_test"))


def vehicleid(root: Path, size: int = 800) -> Files:
    """Read the pictures of one VehicleID test list (Liu et al., 2016); its galleries are drawn at random.

    `train_test_split/test_list_800.txt` has a line "picture vehicle" each; pictures lie in `image`.
    """
    lines = _lines(root / "train_test_split" / f"test_list_{size}.txt")
    names, vehicles = zip(*(_fields(line, 2, "picture vehicle") for line in lines), strict=True)
    paths = tuple(root / "image" / f"{name}.jpg" for name in names)
    return Files(paths, _numbers(vehicles), np.full(len(paths), NO_CAMERA))


def veri_wild(root: Path, size: int = 3000) -> Split:
    """Read VERI-Wild (Lou et al., 2019): lists of "vehicle/picture", cameras in `train_test_split/vehicle_info.txt`."""
    lists = root / "train_test_split"
    cameras = {}
    for line in _lines(lists / "vehicle_info.txt"):
        if not line.startswith("id/image"):
            name, camera = line.split(";")[:2]
            cameras[name] = int(camera)
    query = _wild_list(root, lists / f"test_{size}_id_query.txt", cameras)
    return Split(query, _wild_list(root, lists / f"test_{size}_id.txt", cameras))


def cityflow(root: Path) -> Split:
    """Read CityFlow-ReID (Tang et al., 2019): `image_query`, `image_test` with `query_label.xml`, `test_label.xml`."""
    return Split(_cityflow_part(root, "query"), _cityflow_part(root, "test"))


def _veri_folder(folder: Path) -> Files:
    paths = tuple(sorted(folder.glob("*.jpg")))
    if not paths:
        raise SeeingError(f"{folder} holds no .jpg: give the folder VeRi that holds image_query and image_test")
    found = [re.match(r"(\d+)_c(\d+)_", path.name) for path in paths]
    odd = next((path.name for path, match in zip(paths, found, strict=True) if match is None), None)
    if odd is not None:
        raise SeeingError(f"{odd} is not named as in VeRi-776: a name looks like 0002_c002_00030600_0.jpg")
    return Files(paths, _numbers([m[1] for m in found if m]), _numbers([m[2] for m in found if m]))


def _wild_list(root: Path, path: Path, cameras: dict[str, int]) -> Files:
    names = [line.split()[0].removesuffix(".jpg") for line in _lines(path)]
    unknown = next((name for name in names if name not in cameras), None)
    if unknown is not None:
        raise SeeingError(f"{path} names {unknown}, which vehicle_info.txt does not: use the files of one release")
    paths = tuple(root / "images" / f"{name}.jpg" for name in names)
    return Files(paths, _numbers([name.split("/")[0] for name in names]), np.array([cameras[name] for name in names]))


def _cityflow_part(root: Path, part: str) -> Files:
    path = root / f"{part}_label.xml"
    # the lists declare gb2312 though they are plain ASCII; expat knows no gb2312
    text = re.sub(rb"<\?xml[^>]*\?>", b"", path.read_bytes(), count=1)
    try:
        items = list(ElementTree.fromstring(text).iter("Item"))
    except ElementTree.ParseError as error:
        raise SeeingError(f"{path} is no list of labels ({error}): unpack it again") from None
    if not items or any("vehicleID" not in item.attrib or "cameraID" not in item.attrib for item in items):
        raise SeeingError(
            f"{path} names no vehicles: the challenge hides them, give a list with vehicleID and cameraID"
        )
    paths = tuple(root / f"image_{part}" / item.attrib["imageName"] for item in items)
    cameras = [item.attrib["cameraID"].lstrip("c") for item in items]
    return Files(paths, _numbers([item.attrib["vehicleID"] for item in items]), _numbers(cameras))


def _lines(path: Path) -> list[str]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not lines:
        raise SeeingError(f"{path} is empty: unpack it again")
    return lines


def _fields(line: str, count: int, form: str) -> list[str]:
    fields = line.split()
    if len(fields) != count:
        raise SeeingError(f"line {line!r} is not of the form {form!r}: use the files of the release as they are")
    return fields


def _numbers(words: Sequence[str]) -> Numbers:
    return np.array([int(word) for word in words], dtype=np.int64)
