"""Draw an answer as it arrives: verdict, map, story and ranked cards, drawn over at each step of the search."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from index.search import search
from index.settings import load_settings
from index.sighting import Candidate, Query, Ranking
from ui.web import conversation, story, words
from ui.web.cards import Setting, candidate_card
from ui.web.conversation import Question
from ui.web.maps import ANSWER_HEIGHT_PX, answer_map
from ui.web.session import Desk, palette, pictures
from ui.web.theme import Palette

FIRST_CARDS = 6
LIKELY = 0.5
HOW_TO_READ = "A bar to the right speaks for the same vehicle, to the left against it; striped: nothing to compare."


@dataclass(frozen=True, slots=True)
class Frame:
    """The places of an answer on the page; a later step of the search draws over an earlier one in them."""

    verdict: DeltaGenerator
    steps: DeltaGenerator
    chart: DeltaGenerator
    story: DeltaGenerator
    cards: DeltaGenerator


def show_answer(desk: Desk, question: Question) -> None:
    """Draw the answer to a question: the kept one, or a new one step by step."""
    frame = _frame()
    ranking = conversation.answer() or _search(frame, desk, question)
    _draw(frame, desk, question, ranking, finished=True)


def verdict(ranking: Ranking, question: Question) -> tuple[str, str]:
    """Return the answer in one sentence, and what it stands on in another."""
    if not ranking.candidates:
        return "Not seen anywhere that could be reached", "Below: what was searched, and what could not be."
    best, likely = ranking.candidates[0], [c for c in ranking.candidates if c.probability >= LIKELY]
    zone = words.zone_name(best.time, question.zone)
    where = f"{best.sighting.camera}, {words.clock(best.time, question.zone)} {zone}"
    if not likely:
        chance = words.percent(best.probability)
        return "No sighting is more likely than not", f"The nearest is {where}, {chance}: look at the cards yourself."
    cameras = words.count(len({c.sighting.camera for c in likely}), "camera")
    return f"Most likely: {where}", f"{words.count(len(likely), 'likely sighting')} on {cameras}."


def _frame() -> Frame:
    verdict_place, steps = st.empty(), st.empty()
    left, right = st.columns([1, 1.12], gap="medium")
    with left.container(key="side"):
        chart, story_place = st.empty(), st.empty()
    return Frame(verdict_place, steps, chart, story_place, right.empty())


def _search(frame: Frame, desk: Desk, question: Question) -> Ranking:
    """Search, drawing each step; what goes wrong is said by the page, in place of a headline that promises more."""
    ranking = Ranking(stages=(), candidates=())
    _draw(frame, desk, question, ranking, finished=False)
    options = load_settings(desk.archive.path).search
    try:
        for ranking in search(desk.archive, question.query, desk.person, options):
            _draw(frame, desk, question, ranking, finished=False)
    except Exception:
        frame.verdict.empty()
        frame.steps.empty()
        raise
    conversation.keep_answer(ranking)
    return ranking


def _draw(frame: Frame, desk: Desk, question: Question, ranking: Ranking, *, finished: bool) -> None:
    headline, ground = verdict(ranking, question) if finished else ("Searching", "Cards move as evidence comes in.")
    frame.verdict.html(f'<div class="rt-verdict"><h2>{escape(headline)}</h2><p>{escape(ground)}</p></div>')
    frame.steps.html(story.stages(ranking.stages, finished=finished))
    deck = answer_map(desk.base, ranking, palette(), asked=question.place_on(desk))
    frame.chart.pydeck_chart(deck, height=ANSWER_HEIGHT_PX, alt="Map with the sightings and the route between them")
    frame.story.html(_below_map(question, ranking, finished=finished))
    with frame.cards.container():
        _draw_cards(desk, question, ranking.candidates, finished=finished)


def _below_map(question: Question, ranking: Ranking, *, finished: bool) -> str:
    """Return the legend, the best story and others, and what was searched, as HTML."""
    parts = [_legend(question, ranking, palette())]
    if ranking.itinerary and ranking.itinerary.stops:
        ranks = {candidate.sighting.id: rank for rank, candidate in enumerate(ranking.candidates, start=1)}
        parts.append(f'<h3 class="rt-head">The best story, {words.percent(ranking.itinerary.probability)}</h3>')
        parts.append(story.timeline(ranking.itinerary, _asked(question), ranks, question.zone))
    if ranking.alternatives:
        parts.append('<h3 class="rt-head">Or else</h3>')
        parts += [story.other_story(other, question.zone) for other in ranking.alternatives]
    if finished:
        parts.append(f'<h3 class="rt-head">What was searched</h3>{story.searched(ranking.searched, question.zone)}')
    return "".join(parts)


def _draw_cards(desk: Desk, question: Question, candidates: Sequence[Candidate], *, finished: bool) -> None:
    if not candidates:
        return
    st.html(f'<p class="rt-note">{HOW_TO_READ}</p>')
    shown = len(candidates)
    less_likely = shown - FIRST_CARDS
    if less_likely > 0 and not (finished and st.session_state.get("show rest")):
        shown = FIRST_CARDS
    jpegs = pictures(desk, [candidate.sighting for candidate in candidates[:shown]])
    setting = Setting(asked=question.time, zone=question.zone)
    for rank, candidate in enumerate(candidates[:shown], start=1):
        with st.container(border=True, gap="xxsmall"):
            st.html(candidate_card(rank, candidate, jpegs[candidate.sighting.id], setting))
            if finished:
                _offer_to_go_on(candidate)
    if finished and less_likely > 0:
        st.toggle(f"Show {words.count(less_likely, 'less likely sighting')}", key="show rest")


def _offer_to_go_on(candidate: Candidate) -> None:
    st.button(
        "Go on from this one",
        key=f"go on {candidate.sighting.id}",
        type="tertiary",
        icon=":material/arrow_forward:",
        help="Ask the archive about this sighting",
        on_click=conversation.ask_next,
        args=(Query(sighting=candidate.sighting.id),),
    )


def _asked(question: Question) -> story.Asked | None:
    if question.time is None:
        return None
    return story.Asked(question.place_name, question.time, question.query.sighting)


def _legend(question: Question, ranking: Ranking, colours: Palette) -> str:
    items = [
        ("", colours.asked, "your question"),
        ("", colours.candidate, "sighting, by rank"),
        ("", colours.camera, "camera"),
    ]
    if ranking.itinerary and ranking.itinerary.route:
        items.append(("rt-line", colours.route, "route of the story"))
    if ranking.area_now and question.query.at:
        items.append(("rt-area", colours.area, f"can be here at {words.clock(question.query.at, question.zone)}"))
    rows = (f'<li><i class="{kind}" style="background:rgb{colour}"></i>{text}</li>' for kind, colour, text in items)
    return f'<ul class="rt-legend">{"".join(rows)}</ul>'
