"""The figures of learned clocks: one clock alone agrees with whatever constant, and is no figure."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmarks.clocks import City, say_clocks


def kept(camera: str, offset_s: float) -> Any:
    return SimpleNamespace(
        is_found=True,
        camera=camera,
        estimate=SimpleNamespace(offset_s=offset_s, low_s=offset_s - 1, high_s=offset_s + 1),
    )


@pytest.mark.parametrize(
    ("clocks", "values"),
    [
        pytest.param([kept("a", 5.0)], [0.25, None, None, None], id="one alone"),
        pytest.param([kept("a", 5.0), kept("b", 17.0)], [0.5, 5.0, 0.0, 0.0], id="two"),
    ],
)
def test_nothing_is_said_of_a_clock_that_is_kept_alone(
    capsys: pytest.CaptureFixture[str], clocks: list[Any], values: list[float | None]
) -> None:
    city = City(Path(), cast("Any", None), {"a": 1.0, "b": 3.0, "c": 2.0, "d": 2.0})
    say_clocks("hard", [city], [clocks])
    assert [json.loads(line)["value"] for line in capsys.readouterr().out.splitlines()] == values
