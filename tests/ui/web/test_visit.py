"""What somebody types counts, whatever the page is drawing meanwhile."""

from typing import Any

import pytest
import streamlit

from ui.web import visit


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(streamlit, "session_state", kept)
    monkeypatch.setattr(visit, "current_question", lambda: "another question")
    return kept


def test_a_field_that_is_renewed_while_somebody_types_into_it_takes_what_was_typed(state: dict[str, Any]) -> None:
    """Its callback looked for the new field, which was not there yet: the page ended in an error."""
    took: list[str] = []
    visit.renew_fields("a question")  # type: ignore[arg-type]
    typed_into = visit.prefill("camera", None)
    take = visit.taking(lambda field: took.append(state[visit.key(field)]), "camera")
    visit.renew_fields("another question")  # type: ignore[arg-type]
    renewed = visit.key("camera")
    state[typed_into] = "cam02"
    take()
    visit.renew_fields("another question")  # type: ignore[arg-type]
    assert took == ["cam02"]
    assert visit.key("camera") not in (typed_into, renewed)


def test_a_field_keeps_its_key_when_it_changes_the_question(state: dict[str, Any]) -> None:
    visit.renew_fields("a question")  # type: ignore[arg-type]
    before = visit.prefill("camera", None)
    visit.taking(lambda: state.update({visit._FROM_FIELDS: "another question"}))()
    visit.renew_fields("another question")  # type: ignore[arg-type]
    assert visit.key("camera") == before
