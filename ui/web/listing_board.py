"""Show sightings that nobody compared on a board: those of a case, or those that pass filters."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import streamlit as st

from index.access.attributes_view import named_attributes
from index.access.cases import mark_sighting
from index.access.footage_view import footage_of, is_gone
from index.answers import Candidate, Evidence, Ranking, Searched
from index.map.streets import streets_of
from index.records import Sighting
from ui.web import visit
from ui.web.board import BoardMark, board_data, show_board
from ui.web.board_setting import AskedVehicle, BoardSetting
from ui.web.context import PageContext
from ui.web.fields import problem
from ui.web.language import say
from ui.web.question import PageQuestion

GO_TO_SEARCH = "go to search"


def show_listing(
    context: PageContext,
    question: PageQuestion,
    found: Sequence[Sighting],
    *,
    key: str,
    name: str,
    marks: Mapping[str, str],
    times: Sequence[datetime] | None = None,
    on_cameras: Callable[[list[str]], None] | None = None,
) -> None:
    """Show sightings in the order of time; going on asks about one of them on the search page.

    `times` are true; without them each stands at what its camera's clock showed.
    `on_cameras` takes the cameras inside an area that is drawn on the map.
    """
    times = [one.best for one in found] if times is None else times
    candidates = tuple(Candidate(one, time, None, Evidence()) for one, time in zip(found, times, strict=True))
    extent = Searched(len({one.camera for one in found}), len(found), context.sightings)
    ranking = Ranking((), candidates, searched=extent, fitting=len(found))
    films = footage_of(context.archive, found, context.person)
    setting = BoardSetting(
        key=name,
        base=context.base_when([(one.camera, time) for one, time in zip(found, times, strict=True)]),
        zone=context.zone,
        asked=AskedVehicle(described=say("Nothing is compared here: ask about one to search for it.")),
        films=films,
        streets=streets_of(context.archive, found, context.person),
        gone=frozenset(id_ for id_, film in films.items() if is_gone(film)),
        marks=marks,
        named=named_attributes(context.archive, found, context.person),
        case=question.case,
        reason=question.reason,
        open=st.query_params.get(visit.OPEN),
    )
    if st.session_state.get(visit.MARKS_NEED_A_CASE):
        problem(say("A mark belongs to a case: choose or open one above, then mark again."))
    if bad := visit.unread(visit.MARK):
        problem(bad[1])
    data = board_data(ranking, setting) | {"listing": True}
    show_board(data, on_mark=lambda mark: _mark(context, mark), on_go_on=_ask, on_cameras=on_cameras, key=key)


def _ask(sighting: str) -> None:
    now = visit.current_question()
    visit.set_question(PageQuestion(sighting=sighting, case=now.case, reason=now.reason, asked=True))
    st.session_state[GO_TO_SEARCH] = True


def _mark(context: PageContext, mark: BoardMark) -> None:
    st.session_state[visit.MARKS_NEED_A_CASE] = mark.case is None
    with visit.saying(visit.MARK):
        for id_ in mark.sightings if mark.case else ():
            mark_sighting(context.archive, context.person, mark.case or "", id_, mark.verdict)
