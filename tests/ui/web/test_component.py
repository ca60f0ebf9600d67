"""The newest data is what a component shows, in whatever order a browser hands it over."""

from typing import Any

import pytest
import streamlit as st

from index.answers import Ranking
from tests.ui.web.test_board import candidate, setting
from ui.web.board import PARTS, board_data
from ui.web.component import script, with_turn

LOAD = """async (script) => {
  const root = document.body.appendChild(document.createElement("div"));
  root.append(Object.assign(document.createElement("div"), { className: "board" }));
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: draw } = await import(address);
  window.hand = (data) => draw({ data, parentElement: root, setTriggerValue: (name) => { window.told = name; } });
}"""
"""Loads a component into a bare page, to be handed data by hand."""


def test_data_that_changed_gets_a_later_turn_and_data_that_did_not_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr("ui.web.component.time.time", lambda: 1000.0)
    first = with_turn("board", {"busy": True})
    assert with_turn("board", {"busy": True}) is first
    assert with_turn("map", {"busy": True})["turn"] == first["turn"] == 1000.0
    assert with_turn("board", {"busy": False})["turn"] > first["turn"]
    assert with_turn("board", {"busy": True})["turn"] > first["turn"] + 0.001
    assert "turn" not in {"busy": True}


@pytest.mark.parametrize("order", [("early", "late"), ("late", "early")])
def test_a_board_ends_with_its_newest_answer_and_listens_to_keys(browser: Any, order: tuple[str, str]) -> None:
    answer = board_data(Ranking((), (candidate(),)), setting(case="K/7"))
    data = {"early": answer | {"busy": True, "turn": 1.0, "hits": []}, "late": answer | {"turn": 2.0}}
    page = browser.new_page()
    page.evaluate(LOAD, script(PARTS))
    for name in order:
        cleanup = page.evaluate("data => typeof window.hand(data)", data[name])
        assert cleanup == "undefined", "Streamlit runs the cleanup of data that was outrun, after the newest was drawn"
    assert page.locator(".board:not(.busy)").count() == 1
    assert page.locator(".board .cell").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("y")
    assert page.evaluate("window.told") == "mark"
    page.close()
