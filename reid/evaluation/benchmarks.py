"""Run published re-identification benchmarks: read their folders, embed the pictures, score by their own rules."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from reid.appearance.embedders import Embedder, Vectors
from reid.arrays import Ints
from reid.errors import SeeingError
from reid.evaluation.protocols import NO_CAMERA, Labelled, random_galleries, rank_gallery, summary
from reid.images import read_image

PICTURES_AT_ONCE = 256
REPEATS = 10
"""Random galleries over which VehicleID's figures are averaged."""

CITYFLOW_DEPTH = 100
"""The challenge counts only the first answers, this many."""

ReportProgress = Callable[[int, int], None]
Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class PictureFiles:
    """Pictures with the vehicle and camera of each (n,)."""

    paths: tuple[Path, ...]
    vehicle: Ints
    camera: Ints


@dataclass(frozen=True, slots=True)
class BenchmarkSplit:
    """The query and gallery pictures of a benchmark."""

    query: PictureFiles
    gallery: PictureFiles


def read_veri(root: Path) -> BenchmarkSplit:
    """Read VeRi-776 (Liu et al., 2016): `image_query`, `image_test`; 0002_c003_... is vehicle 2 on camera 3."""
    return BenchmarkSplit(_veri_folder(root / "image_query"), _veri_folder(root / "image_test"))


def read_vehicleid(root: Path, size: int = 800) -> PictureFiles:
    """Read the pictures of one VehicleID test list (Liu et al., 2016); its galleries are drawn at random.

    `train_test_split/test_list_800.txt` has a line "picture vehicle" each; pictures lie in `image`.
    """
    lines = _lines(root / "train_test_split" / f"test_list_{size}.txt")
    names, vehicles = zip(*(_fields(line, 2, "picture vehicle") for line in lines), strict=True)
    paths = tuple(root / "image" / f"{name}.jpg" for name in names)
    return PictureFiles(paths, _numbers(vehicles), np.full(len(paths), NO_CAMERA))


def read_veri_wild(root: Path, size: int = 3000) -> BenchmarkSplit:
    """Read VERI-Wild (Lou et al., 2019): lists of "vehicle/picture", cameras in `train_test_split/vehicle_info.txt`."""
    lists = root / "train_test_split"
    cameras = {}
    for line in _lines(lists / "vehicle_info.txt"):
        if not line.startswith("id/image"):
            name, camera = line.split(";")[:2]
            cameras[name] = int(camera)
    query = _wild_list(root, lists / f"test_{size}_id_query.txt", cameras)
    return BenchmarkSplit(query, _wild_list(root, lists / f"test_{size}_id.txt", cameras))


def read_cityflow(root: Path) -> BenchmarkSplit:
    """Read CityFlow-ReID (Tang et al., 2019): `image_query`, `image_test` with `query_label.xml`, `test_label.xml`."""
    return BenchmarkSplit(_cityflow_part(root, "query"), _cityflow_part(root, "test"))


def evaluate_veri(root: Path, embedder: Embedder, progress: ReportProgress) -> Document:
    """Score VeRi-776: pictures of the query's vehicle on the query's camera are junk."""
    split = read_veri(root)
    query, gallery = (embed_files(part, embedder, progress) for part in (split.query, split.gallery))
    return summary([rank_gallery(query, gallery, own_camera="junk of the vehicle")], len(gallery))


def evaluate_veri_wild(root: Path, embedder: Embedder, progress: ReportProgress, *, size: int = 3000) -> Document:
    """Score VERI-Wild of one size, by VeRi-776's rules."""
    split = read_veri_wild(root, size)
    query, gallery = (embed_files(part, embedder, progress) for part in (split.query, split.gallery))
    return summary([rank_gallery(query, gallery, own_camera="junk of the vehicle")], len(gallery))


def evaluate_cityflow(root: Path, embedder: Embedder, progress: ReportProgress) -> Document:
    """Score CityFlow-ReID: as VeRi-776, but only the first hundred answers count."""
    split = read_cityflow(root)
    query, gallery = (embed_files(part, embedder, progress) for part in (split.query, split.gallery))
    ranks = rank_gallery(query, gallery, own_camera="junk of the vehicle", depth=CITYFLOW_DEPTH)
    return summary([ranks], len(gallery))


def evaluate_vehicleid(
    root: Path, embedder: Embedder, progress: ReportProgress, *, size: int = 800, seed: int = 0
) -> Document:
    """Score VehicleID of one size: ten random galleries of a picture of each vehicle."""
    pictures = embed_files(read_vehicleid(root, size), embedder, progress)
    return summary(random_galleries(pictures, repeats=REPEATS, seed=seed), len(np.unique(pictures.vehicle)))


def embed_files(files: PictureFiles, embedder: Embedder, progress: ReportProgress) -> Labelled:
    """Return the labelled vectors of picture files; `progress` gets how many are done, of how many."""
    missing = next((path for path in files.paths if not path.exists()), None)
    if missing is not None:
        raise SeeingError(f"{missing} is missing though it is listed: unpack the pictures again")
    return Labelled(embed_paths(files.paths, embedder, progress), files.vehicle, files.camera)


def embed_paths(paths: Sequence[Path], embedder: Embedder, progress: ReportProgress) -> Vectors:
    """Return one unit vector for each picture file, in order, reading a block of files at a time."""
    blocks = []
    for start in range(0, len(paths), PICTURES_AT_ONCE):
        block = paths[start : start + PICTURES_AT_ONCE]
        blocks.append(embedder.embed([read_image(path) for path in block]))
        progress(start + len(block), len(paths))
    return np.concatenate(blocks)


def _veri_folder(folder: Path) -> PictureFiles:
    paths = tuple(sorted(folder.glob("*.jpg")))
    if not paths:
        raise SeeingError(f"{folder} holds no .jpg: give the folder VeRi that holds image_query and image_test")
    found = [re.match(r"(\d+)_c(\d+)_", path.name) for path in paths]
    odd = next((path.name for path, match in zip(paths, found, strict=True) if match is None), None)
    if odd is not None:
        raise SeeingError(f"{odd} is not named as in VeRi-776: a name looks like 0002_c002_00030600_0.jpg")
    return PictureFiles(paths, _numbers([m[1] for m in found if m]), _numbers([m[2] for m in found if m]))


def _wild_list(root: Path, path: Path, cameras: dict[str, int]) -> PictureFiles:
    names = [line.split()[0].removesuffix(".jpg") for line in _lines(path)]
    unknown = next((name for name in names if name not in cameras), None)
    if unknown is not None:
        raise SeeingError(f"{path} names {unknown}, which vehicle_info.txt does not: use the files of one release")
    paths = tuple(root / "images" / f"{name}.jpg" for name in names)
    return PictureFiles(
        paths, _numbers([name.split("/")[0] for name in names]), np.array([cameras[name] for name in names])
    )


def _cityflow_part(root: Path, part: str) -> PictureFiles:
    path = root / f"{part}_label.xml"
    # the lists declare gb2312 though they are plain ASCII; expat knows no gb2312
    text = re.sub(rb"<\?xml[^>]*\?>", b"", path.read_bytes(), count=1)
    try:
        items = list(ElementTree.fromstring(text).iter("Item"))  # noqa: S314
    except ElementTree.ParseError as error:
        raise SeeingError(f"{path} is no list of labels ({error}): unpack it again") from None
    if not items or any("vehicleID" not in item.attrib or "cameraID" not in item.attrib for item in items):
        raise SeeingError(
            f"{path} names no vehicles: the challenge hides them, give a list with vehicleID and cameraID"
        )
    paths = tuple(root / f"image_{part}" / item.attrib["imageName"] for item in items)
    cameras = [item.attrib["cameraID"].lstrip("c") for item in items]
    return PictureFiles(paths, _numbers([item.attrib["vehicleID"] for item in items]), _numbers(cameras))


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


def _numbers(words: Sequence[str]) -> Ints:
    return np.array([int(word) for word in words], dtype=np.int64)
