"""Show the search page: the form of a new question, or the question, what is believed, and the board of its answer."""

from dataclasses import replace
from datetime import timedelta
from html import escape

import streamlit as st

from index.access.attributes_view import named_attributes
from index.access.cases import mark_sighting, read_case
from index.access.footage_view import footage_of, is_gone
from index.access.plate_view import plate_shot
from index.answers import Ranking
from index.errors import ArchiveError
from index.map.streets import streets_of
from index.records import Sighting, Window
from reid.errors import SeeingError
from roadgraph.errors import RoadError
from ui.web import visit
from ui.web.addresses import archive_url
from ui.web.answers import PageAnswer, answer_to, replace_answer
from ui.web.board import BoardMark, board_data, show_board
from ui.web.board_setting import AskedVehicle, BoardSetting
from ui.web.context import PageContext, find_sighting
from ui.web.error_words import say_error
from ui.web.fields import problem, unformatted
from ui.web.headline import Headline, headline
from ui.web.language import say
from ui.web.question import PageQuestion
from ui.web.question_bar import asked_picture, look_words, place_words, show_question, time_of, time_words
from ui.web.question_form import show_form

BOARD = "board"
SAME_PASSAGE = timedelta(seconds=5)
"""A vehicle takes so long past a camera: a picture is of any moment of it."""


def show_search(context: PageContext, question: PageQuestion) -> None:
    """Show the form, or the question with its answer as far as it is found; then search on."""
    if not question.asked:
        visit.leave()
        st.html(f'<h2 class="rt-lead">{escape(say("Where did this vehicle go?"))}</h2>')
        show_form(context, question)
        return
    sighting = find_sighting(context, question.sighting)
    show_question(context, question, sighting)
    try:
        answer = answer_to(context, question)
        _show_answer(context, question, sighting, answer)
        if not answer.is_complete:
            answer.advance()
            st.rerun()
    except (ArchiveError, SeeingError, RoadError) as error:
        st.error(unformatted(say_error(error)))


def _show_answer(context: PageContext, question: PageQuestion, sighting: Sighting | None, answer: PageAnswer) -> None:
    ranking = answer.ranking
    said = headline(ranking, context.zone, _passage_asked(question)) if answer.is_complete else _progress(ranking)
    _show_headline(said)
    if st.session_state.get(visit.MARKS_NEED_A_CASE):
        problem(say("A mark belongs to a case: choose or open one above, then mark again."))
    if bad := visit.unread(visit.MARK):
        problem(bad[1])
    data = board_data(ranking, _setting(context, question, sighting, answer)) | {
        "spoken": f"{said.belief}. {said.basis}"
    }
    show_board(data, on_mark=lambda mark: _mark(context, mark), on_go_on=_go_on, key=BOARD)


def _show_headline(said: Headline) -> None:
    st.html(f'<div class="rt-headline"><h2>{escape(said.belief)}</h2><p>{escape(said.basis)}</p></div>')


def _passage_asked(question: PageQuestion) -> Window | None:
    """Return where and when the vehicle of the question itself passed, None where that is not known to a camera."""
    if question.camera is None or question.time is None:
        return None
    about = timedelta(seconds=question.slack_s) + SAME_PASSAGE
    return Window(question.camera, question.time - about, question.time + about)


def _progress(ranking: Ranking) -> Headline:
    step = say("Looking which cameras it can have passed") if not ranking.stages else say("Comparing looks and plates")
    return Headline(say("Searching …"), step)


def _setting(
    context: PageContext, question: PageQuestion, sighting: Sighting | None, answer: PageAnswer
) -> BoardSetting:
    found = [candidate.sighting for candidate in answer.ranking.candidates]
    films = footage_of(context.archive, found, context.person)
    asked = _asked(context, question, sighting)
    own = [(asked.place_name, asked.time)] if asked.time is not None else []
    base = context.base_when([*own, *((one.sighting.camera, one.time) for one in answer.ranking.candidates)])
    if question.point is None:
        asked = replace(asked, place=base.cameras.get(asked.place_name))
    return BoardSetting(
        key=question.key,
        base=base,
        zone=context.zone,
        asked=asked,
        films=films,
        streets=streets_of(context.archive, found, context.person),
        gone=frozenset(id_ for id_, film in films.items() if is_gone(film)),
        marks=_marks(context, question),
        named=named_attributes(context.archive, found, context.person),
        case=question.case,
        reason=question.reason,
        open=st.query_params.get(visit.OPEN),
        busy=not answer.is_complete,
        now=question.at,
    )


def _asked(context: PageContext, question: PageQuestion, sighting: Sighting | None) -> AskedVehicle:
    place_name = place_words(question, sighting)
    return AskedVehicle(
        picture=asked_picture(question, sighting),
        label=f"{place_name} · {time_words(context, question, sighting)}",
        described=look_words(question),
        place_name=place_name,
        place=question.point,
        time=time_of(context, question, sighting),
        sighting=question.sighting,
        plate=_asked_plate(question, sighting),
        plate_text=question.plate or (sighting.plate.text if sighting and sighting.plate else None),
    )


def _asked_plate(question: PageQuestion, sighting: Sighting | None) -> str | None:
    """Return the address of the picture of the plate that is asked about; a picture that was brought has none."""
    if question.pictures or sighting is None or plate_shot(sighting) is None:
        return None
    return archive_url("plate", sighting.id, case=question.case, reason=question.reason)


def _marks(context: PageContext, question: PageQuestion) -> dict[str, str]:
    if question.case is None:
        return {}
    file = read_case(context.archive, context.person, question.case)
    return {mark.sighting: mark.verdict for mark in file.marks}


def _mark(context: PageContext, mark: BoardMark) -> None:
    """Write what was marked, and rank again."""
    st.session_state[visit.MARKS_NEED_A_CASE] = mark.case is None
    if mark.case is None:
        return
    with visit.saying(visit.MARK):
        for id_ in mark.sightings:
            mark_sighting(context.archive, context.person, mark.case, id_, mark.verdict)
        replace_answer(context, visit.current_question())


def _go_on(sighting: str) -> None:
    visit.set_question(visit.current_question().go_on(sighting))
