"""Keep what this visit asks and was answered, and say where and when its question stands."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

import streamlit as st

from index.sighting import Query, Ranking, Sighting
from ui.web.maps import Place
from ui.web.session import Desk, sighting_of

_QUERY, _ANSWER = "asked query", "answer"


@dataclass(frozen=True, slots=True)
class Question:
    """What is being asked, with the sighting it is about, if any, and the zone its reader thinks in."""

    query: Query
    sighting: Sighting | None
    zone: tzinfo

    @property
    def time(self) -> datetime | None:
        """Return when the vehicle was seen; for a sighting, by its camera's own clock."""
        return self.query.time or (self.sighting.best if self.sighting else None)

    @property
    def camera(self) -> str | None:
        """Return the camera that saw it, None where it was none."""
        return self.query.camera or (self.sighting.camera if self.sighting else None)

    @property
    def place_name(self) -> str:
        """Return what to call the place."""
        if self.camera:
            return self.camera
        return "{:.5f}, {:.5f}".format(*self.query.place) if self.query.place else "place not known"

    def place_on(self, desk: Desk) -> Place | None:
        """Return latitude and longitude, None where they are not known."""
        return self.query.place or (desk.base.cameras.get(self.camera) if self.camera else None)


def current(desk: Desk, zone: tzinfo) -> Question | None:
    """Return the question of this visit, None before the first."""
    query: Query | None = st.session_state.get(_QUERY)
    return None if query is None else Question(query, sighting_of(desk, query.sighting), zone)


def ask_next(query: Query) -> None:
    """Make a query the question of this visit; its answer is still to come."""
    st.session_state[_QUERY], st.session_state[_ANSWER] = query, None


def forget() -> None:
    """Go back to before the first question."""
    st.session_state.pop(_QUERY, None)


def answer() -> Ranking | None:
    """Return the whole answer to the current question, None while there is none."""
    kept: Ranking | None = st.session_state.get(_ANSWER)
    return kept


def keep_answer(ranking: Ranking) -> None:
    """Keep the whole answer for when the page is drawn again."""
    st.session_state[_ANSWER] = ranking
