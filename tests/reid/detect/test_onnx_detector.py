import os
from pathlib import Path

import numpy as np
import pytest

from reid.detect.detectors import make_detector
from reid.detect.onnx_detector import OnnxDetector, OnnxOptions, decode_yolox, letterbox
from reid.errors import SeeingError
from reid.images import read_image
from reid.video.frames import frames
from reid.video.timeline import read_timeline


def test_a_raw_grid_is_decoded_as_its_paper_says() -> None:
    raw = np.random.default_rng(0).normal(0, 1, (8 * 8 + 4 * 4 + 2 * 2, 8)).astype(np.float32)
    found, scores, labels = decode_yolox(raw, 64, 64)
    row = 0
    for stride in (8, 16, 32):
        for y in range(64 // stride):
            for x in range(64 // stride):
                value = raw[row].astype(float)
                cx, cy = (value[0] + x) * stride, (value[1] + y) * stride
                w, h = np.exp(value[2]) * stride, np.exp(value[3]) * stride
                assert found[row] == pytest.approx([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], rel=1e-5)
                by_class = value[4] * value[5:]
                assert scores[row] == pytest.approx(by_class.max(), rel=1e-5)
                assert labels[row] == by_class.argmax()
                row += 1


def test_the_letterbox_keeps_the_shape() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    image[..., 0] = 250
    small, scale = letterbox(image, 416, 416)
    assert (small.shape, small.dtype, scale) == ((416, 416, 3), np.uint8, 2.08)
    assert small[10, 10].tolist() == [250, 0, 0]
    assert small[300, 10].tolist() == [114] * 3


def test_files_that_are_no_network_and_unknown_names_are_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"not a network")
    with pytest.raises(SeeingError, match="not an ONNX network"):
        OnnxDetector(bad)
    with pytest.raises(SeeingError, match="motion"):
        make_detector("yolo")


def network(path: Path, outputs: list[tuple[str, list[int]]], *, side_px: int = 96, value: float = 0.9) -> Path:
    """Save a network that gives fixed outputs of these shapes."""
    onnx = pytest.importorskip("onnx")
    nodes, infos = [], []
    for name, shape in outputs:
        values = np.full(shape, value, np.float32)
        if name == "boxes":
            values = np.array([[10, 10, 50, 40], [60, 60, 90, 80]], np.float32)
        if name == "labels":
            values = np.array([2, 0], np.float32)
        tensor = onnx.numpy_helper.from_array(values)
        nodes.append(onnx.helper.make_node("Constant", [], [name], value=tensor))
        infos.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, list(values.shape)))
    takes = [onnx.helper.make_tensor_value_info("images", onnx.TensorProto.FLOAT, [1, 3, side_px, side_px])]
    graph = onnx.helper.make_graph(nodes, "fixed", takes, infos)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    path.write_bytes(model.SerializeToString())
    return path


def test_a_network_with_boxes_scores_and_labels_is_understood(tmp_path: Path) -> None:
    path = network(tmp_path / "n.onnx", [("boxes", [2, 4]), ("scores", [2]), ("labels", [2])])
    (found,) = make_detector(str(path)).detect(np.zeros((192, 192, 3), np.uint8), 0.0)
    assert (found.label, found.box.x, found.box.width) == ("car", 20.0, 80.0)


def test_a_network_of_another_kind_is_refused_with_what_it_gives(tmp_path: Path) -> None:
    with pytest.raises(SeeingError, match=r"\[1, 1000\].*known are"):
        OnnxDetector(network(tmp_path / "n.onnx", [("classes", [1, 1000])]))


NAMED = [("boxes", [2, 4]), ("scores", [2]), ("labels", [2])]


@pytest.mark.parametrize("side_px", [0, 60000])
def test_a_network_for_pictures_of_no_pixels_or_of_gigabytes_is_refused(tmp_path: Path, side_px: int) -> None:
    with pytest.raises(SeeingError, match="1 to 4096 pixels"):
        OnnxDetector(network(tmp_path / "n.onnx", NAMED, side_px=side_px))


@pytest.mark.parametrize("count", [1, 3])
def test_scores_of_other_boxes_than_there_are_are_refused(tmp_path: Path, count: int) -> None:
    detector = OnnxDetector(network(tmp_path / "n.onnx", [("boxes", [2, 4]), ("scores", [count]), ("labels", [2])]))
    with pytest.raises(SeeingError, match=f"2 boxes, {count} scores, 2 labels"):
        detector.detect(np.zeros((96, 96, 3), np.uint8), 0.0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_scores_that_are_no_numbers_are_refused(tmp_path: Path, value: float) -> None:
    detector = OnnxDetector(network(tmp_path / "n.onnx", NAMED, value=value))
    with pytest.raises(SeeingError, match="not finite"):
        detector.detect(np.zeros((96, 96, 3), np.uint8), 0.0)


def test_of_too_many_boxes_the_best_are_compared(tmp_path: Path) -> None:
    path = network(tmp_path / "n.onnx", NAMED)
    (found,) = OnnxDetector(path, OnnxOptions(most=1)).detect(np.zeros((96, 96, 3), np.uint8), 0.0)
    assert found.label == "car"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "n.onnx")
    with pytest.raises(SeeingError, match="a pipe or a device"):
        OnnxDetector(tmp_path / "n.onnx")


@pytest.mark.slow
def test_yolox_nano_finds_the_cars_of_the_suburban_road(material: Path) -> None:
    detector = OnnxDetector(material / "models" / "yolox_nano.onnx")
    frame = next(frames(read_timeline(material / "footage" / "suburban-road.mp4"), from_s=2.0))
    found = detector.detect(frame.image, frame.time_s)
    assert sum(one.label == "car" for one in found) >= 2
    assert detector.model_id.startswith("yolox_nano-")


def test_a_detection_transformer_finds_them_too(material: Path) -> None:
    detector = OnnxDetector(material / "models" / "deimv2_femto.onnx", OnnxOptions(min_score=0.4))
    image = read_image(material / "streets" / "33-scenes" / "barcelona-level1_frame_1.jpg")
    found = detector.detect(image, 0.0)
    assert len(found) >= 5
    assert {one.label for one in found} >= {"car"}
    assert all(one.box.x + one.box.width <= image.shape[1] for one in found)
