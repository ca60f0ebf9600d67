"""The newest data is what a component shows, in whatever order a browser hands it over."""

from typing import Any

import pytest
import streamlit as st

from index.answers import Ranking
from index.errors import ArchiveError
from tests.ui.web.test_board import candidate, setting
from ui.web import visit
from ui.web.board import PARTS, board_data
from ui.web.component import hear, script, with_turn
from ui.web.question import PageQuestion

LOAD = """async (script) => {
  const root = document.body.appendChild(document.createElement("div"));
  root.append(Object.assign(document.createElement("div"), { className: "board" }));
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: draw } = await import(address);
  window.hand = (data) => draw({ data, parentElement: root, setTriggerValue: (_, told) => { window.told = told; } });
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
    assert [told["name"] for told in page.evaluate("window.told")] == ["mark"]
    page.close()


def test_a_board_tells_again_what_the_server_has_not_heard(browser: Any) -> None:
    """Of two marks that waited together Streamlit kept the second: the first was shown, and never written."""
    hits = (candidate(), candidate("s 2", p=0.5))
    data = board_data(Ranking((), hits), setting(case="K/7")) | {"heard": 0, "turn": 1.0}
    page = browser.new_page()
    page.evaluate(LOAD, script(PARTS))
    page.evaluate("data => window.hand(data)", data)
    for key in "jyjng":
        page.keyboard.press(key)
    told = page.evaluate("window.told")
    assert [one["name"] for one in told] == ["mark", "mark", "go_on"]
    assert [one["value"] for one in told[:2]] == [
        {"case": "K/7", "ids": ["s 1"], "verdict": "yes"},
        {"case": "K/7", "ids": ["s 2"], "verdict": "no"},
    ]
    page.evaluate("data => window.hand(data)", data | {"heard": told[0]["n"], "turn": 2.0})
    assert page.locator(".cell .mark.no").count() == 1, "a mark that is on its way stays in sight"
    assert page.locator(".cell .mark.yes").count() == 0, "of what was heard, the server knows what became of it"
    page.keyboard.press("u")
    assert [one["name"] for one in page.evaluate("window.told")] == ["mark", "go_on", "mark"]
    page.close()


def test_what_a_component_tells_twice_is_taken_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[str, Any]] = []
    takes = {name: lambda value, name=name: taken.append((name, value)) for name in ("mark", "go_on")}
    first, second = {"n": 5, "name": "mark", "value": "one"}, {"n": 6, "name": "go_on", "value": "two"}
    state: dict[str, Any] = {"board": {"told": [first]}}
    monkeypatch.setattr(st, "session_state", state)
    hear("board", takes)
    state["board"] = {"told": [first, second]}
    hear("board", takes)
    hear("board", takes)
    assert taken == [("mark", "one"), ("go_on", "two")]
    state["board"] = {"told": None}
    hear("board", takes)
    assert len(taken) == 2


class Address(dict[str, str]):
    """The address of a visit, without a server."""

    def to_dict(self) -> dict[str, str]:
        return dict(self)

    def from_dict(self, params: dict[str, str]) -> None:
        self.clear()
        self.update(params)


@pytest.mark.parametrize("later", ["mark", "go_on"])
def test_why_a_mark_could_not_be_made_is_said_though_what_came_with_it_could(
    monkeypatch: pytest.MonkeyPatch, later: str
) -> None:
    """The line was taken away by the next mark, or by going on, before anybody had seen it."""

    def mark(value: str) -> None:
        with visit.saying(visit.MARK):
            if value == "gone":
                raise ArchiveError("that sighting was forgotten")

    takes = {"mark": mark, "go_on": lambda value: visit.set_question(PageQuestion(plate=value))}
    state: dict[str, Any] = {"board": {"told": [{"n": 5, "name": "mark", "value": "gone"}]}}
    state["board"]["told"].append({"n": 6, "name": later, "value": "there"})
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(st, "query_params", Address())
    monkeypatch.setattr("ui.web.error_words.current_language", lambda: "en")
    hear("board", takes)
    assert visit.unread(visit.MARK) == ("", "that sighting was forgotten")
    state["board"] = {"told": [{"n": 7, "name": "mark", "value": "there"}]}
    hear("board", takes)
    assert visit.unread(visit.MARK) is None


def test_that_a_mark_needs_a_case_is_said_though_somebody_went_on_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def mark(value: str) -> None:
        st.session_state[visit.MARKS_NEED_A_CASE] = True

    takes = {"mark": mark, "go_on": lambda value: visit.set_question(PageQuestion(plate=value))}
    told = [{"n": 5, "name": "mark", "value": "x"}, {"n": 6, "name": "go_on", "value": "y"}]
    state: dict[str, Any] = {"board": {"told": told}}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(st, "query_params", Address())
    hear("board", takes)
    assert state[visit.MARKS_NEED_A_CASE]
    visit.set_question(PageQuestion(plate="z"))
    assert visit.MARKS_NEED_A_CASE not in state
