"""`retrace detect`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from ui.cli.main import retrace

pytestmark = pytest.mark.usefixtures("motion_sees")


@pytest.fixture(scope="module")
def video(film_street: Callable[..., Path], car: type, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_street(tmp_path_factory.mktemp("film") / "street_20260504_080000Z.mp4", [car(1.0, 60)], 8.0)


def answer(*arguments: object) -> dict[str, object]:
    done = CliRunner().invoke(retrace, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert isinstance(document, dict)
    return document


def test_detect_gives_boxes_and_tracks_of_a_video(video: Path) -> None:
    frames = answer("detect", video, "--detector", "motion", "--json")["frames"]
    assert len(frames) == 80  # type: ignore[arg-type]
    seen = [frame for frame in frames if frame["boxes"]]  # type: ignore[attr-defined]
    assert len(seen) > 50
    assert len({number for frame in seen for number in frame["tracks"]}) == 1
    assert all(len(frame["boxes"]) == len(frame["scores"]) == len(frame["labels"]) for frame in seen)
