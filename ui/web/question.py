"""Keep the question and the answer of this visit, and say where and when the vehicle in question was seen."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

import streamlit as st

from index.answers import Query, Ranking
from index.records import Sighting
from ui.web.context import PageContext, find_sighting
from ui.web.maps import Place

_QUERY, _ANSWER = "asked query", "answer"


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """A query, the sighting it is about, if any, and the time zone of the reader."""

    query: Query
    sighting: Sighting | None
    zone: tzinfo

    @property
    def time(self) -> datetime | None:
        """Return when the vehicle was seen; for a sighting, by its camera's own clock."""
        return self.query.time or (self.sighting.best if self.sighting else None)

    @property
    def camera(self) -> str | None:
        """Return the camera that saw the vehicle, None where no camera is named."""
        return self.query.camera or (self.sighting.camera if self.sighting else None)

    @property
    def place_name(self) -> str:
        """Return the name of the place: the camera, or the coordinates."""
        if self.camera:
            return self.camera
        return "{:.5f}, {:.5f}".format(*self.query.place) if self.query.place else "place not known"

    def place_on(self, context: PageContext) -> Place | None:
        """Return latitude and longitude, None where they are not known."""
        return self.query.place or (context.base.cameras.get(self.camera) if self.camera else None)


def current_question(context: PageContext, zone: tzinfo) -> PageQuestion | None:
    """Return the question of this visit, None before the first."""
    query: Query | None = st.session_state.get(_QUERY)
    return None if query is None else PageQuestion(query, find_sighting(context, query.sighting), zone)


def set_query(query: Query) -> None:
    """Make a query the question of this visit, without an answer yet."""
    st.session_state[_QUERY], st.session_state[_ANSWER] = query, None


def clear_query() -> None:
    """Forget the question of this visit."""
    st.session_state.pop(_QUERY, None)


def kept_answer() -> Ranking | None:
    """Return the complete answer to the current question, None while there is none."""
    kept: Ranking | None = st.session_state.get(_ANSWER)
    return kept


def keep_answer(ranking: Ranking) -> None:
    """Keep the complete answer, so that redrawing the page does not search again."""
    st.session_state[_ANSWER] = ranking
