"""What a claim prints: figures with their ratio, and nulls where nothing was measured."""

import json
from typing import Any

import pytest

from benchmarks.claim import say, say_medians, say_spread


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_a_ratio_above_one_is_better_than_the_peer(capsys: pytest.CaptureFixture[str]) -> None:
    say("speed", value=2.0, unit="s", peer="other", peer_value=5.00004, less_is_better=True)
    found = said(capsys)
    assert (found["value"], found["peer_value"], found["ratio"], found["correct"]) == (2.0, 5.0, 2.5, None)


@pytest.mark.parametrize(("value", "peer_value"), [(-6.0, -5.0), (0.005, -0.08), (0.0, 1.0)])
def test_figures_that_are_not_above_zero_have_no_ratio(
    capsys: pytest.CaptureFixture[str], value: float, peer_value: float
) -> None:
    say("density", value=value, unit="nats", peer="other", peer_value=peer_value, less_is_better=False)
    assert said(capsys)["ratio"] is None


@pytest.mark.parametrize("less", [True, False])
def test_what_could_not_be_measured_is_null(capsys: pytest.CaptureFixture[str], less: bool) -> None:
    say("error", value=None, unit="s", peer="other", peer_value=5.0, less_is_better=less)
    found = said(capsys)
    assert (found["value"], found["ratio"]) == (None, None)


def test_seconds_are_spread_between_their_median_and_their_slowest(capsys: pytest.CaptureFixture[str]) -> None:
    say_spread("a question", [0.1, 0.2, 0.3], correct=True)
    found = said(capsys)
    assert (found["claim"], found["value"], found["unit"]) == ("a question: p50", 200.0, "ms")
    assert found["peer_value"] == pytest.approx(298.0)
    assert found["correct"] is True


def test_medians_stand_beside_those_of_the_peer(capsys: pytest.CaptureFixture[str]) -> None:
    say_medians("a page", [3.0, 1.0, 2.0], peer="an empty one", peer_seconds=[1.0])
    found = said(capsys)
    assert (found["value"], found["peer_value"], found["ratio"]) == (2.0, 1.0, 0.5)
