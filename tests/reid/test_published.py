import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from reid.detect.detectors import make_detector
from reid.errors import SeeingError
from reid.published import PUBLISHED, pull
from reid.weights import list_weights

CONTENT = b"weights " * 10_000


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a loopback server that serves the folder `served`."""
    (tmp_path / "served").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(tmp_path / "served"))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if CONTENT were what was measured."""
    real = PUBLISHED["yolox-nano"]
    card = replace(real.card, sha256=hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setattr("reid.published.PUBLISHED", {"yolox-nano": replace(real, card=card)})


@pytest.mark.usefixtures("measured")
def test_what_was_measured_is_kept_with_its_card(server: str, tmp_path: Path) -> None:
    (tmp_path / "served" / "net.onnx").write_bytes(CONTENT)
    pulled = pull("yolox-nano", url=f"{server}/net.onnx", folder=tmp_path / "weights")
    assert pulled.read() == CONTENT
    (listed,) = list_weights([tmp_path / "weights"])
    assert (listed.card.task, listed.card.licence, listed.problem()) == ("detector", "Apache-2.0", None)


def test_another_file_is_thrown_away(server: str, tmp_path: Path) -> None:
    (tmp_path / "served" / "net.onnx").write_bytes(CONTENT)
    with pytest.raises(SeeingError, match="another file, and was thrown away"):
        pull("yolox-nano", url=f"{server}/net.onnx", folder=tmp_path / "weights")
    assert list((tmp_path / "weights").iterdir()) == []


def test_a_server_that_does_not_have_it_or_is_not_there_is_said(server: str, tmp_path: Path) -> None:
    for url in (f"{server}/nothing.onnx", "http://127.0.0.1:1/net.onnx", "no address"):
        with pytest.raises(SeeingError, match="does not answer"):
            pull("yolox-nano", url=url, folder=tmp_path / "weights")
    with pytest.raises(SeeingError, match="known are yolox-nano"):
        pull("yolo", folder=tmp_path / "weights")
    assert list((tmp_path / "weights").iterdir()) == []


def test_the_address_is_that_of_one_commit() -> None:
    published = PUBLISHED["yolox-nano"]
    assert f"/{published.commit}/{published.path}" in published.url
    assert (len(published.commit), len(published.card.sha256)) == (40, 64)


def test_the_real_file_becomes_a_detector_by_name(
    material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETRACE_WEIGHTS", str(tmp_path / "weights"))
    with pytest.raises(SeeingError, match="models pull yolox-nano"):
        make_detector("yolox-nano")
    pull("yolox-nano", url=(material / "models" / "yolox_nano.onnx").as_uri())
    assert make_detector("yolox-nano").model_id == "yolox-nano-695e750a5d57"
    (tmp_path / "weights" / "yolox-nano.onnx").write_bytes(b"changed")
    with pytest.raises(SeeingError, match="its card says"):
        make_detector("yolox-nano")
