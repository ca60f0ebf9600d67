"""Draw an answer while the search runs: verdict, map, story and ranked cards, redrawn after each step."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from index.answers import Candidate, Query, Ranking
from index.search.search import search
from index.settings import load_settings
from ui.web import story, words
from ui.web.cards import CardContext, candidate_card
from ui.web.context import PageContext, palette, pictures
from ui.web.maps import ANSWER_HEIGHT_PX, answer_map
from ui.web.question import PageQuestion, keep_answer, kept_answer, set_query
from ui.web.theme import Palette

FIRST_CARDS = 6
LIKELY = 0.5
HOW_TO_READ = "A bar to the right speaks for the same vehicle, to the left against it; striped: nothing to compare."


@dataclass(frozen=True, slots=True)
class AnswerLayout:
    """The placeholders of an answer on the page; each step of the search redraws them."""

    verdict: DeltaGenerator
    steps: DeltaGenerator
    chart: DeltaGenerator
    story: DeltaGenerator
    cards: DeltaGenerator


def show_answer(context: PageContext, question: PageQuestion) -> None:
    """Draw the answer to a question: the kept answer, or a new search step by step."""
    layout = _layout()
    ranking = kept_answer() or _search(layout, context, question)
    _draw(layout, context, question, ranking, finished=True)


def verdict(ranking: Ranking, question: PageQuestion) -> tuple[str, str]:
    """Return the answer in one sentence, and its reason in another."""
    if not ranking.candidates:
        return "Not seen anywhere that could be reached", "Below: what was searched, and what could not be."
    best, likely = ranking.candidates[0], [c for c in ranking.candidates if (c.probability or 0.0) >= LIKELY]
    if best.probability is None:
        shown = f"The first {len(ranking.candidates)} are below, in the order of time: nothing was compared."
        return words.count(ranking.fitting or 0, "sighting") + " fit the description", shown
    zone = words.zone_name(best.time, question.zone)
    where = f"{best.sighting.camera}, {words.clock(best.time, question.zone)} {zone}"
    if not likely:
        probability = words.percent(best.probability)
        return (
            "No sighting is more likely than not",
            f"The nearest is {where}, {probability}: look at the cards yourself.",
        )
    cameras = words.count(len({c.sighting.camera for c in likely}), "camera")
    return f"Most likely: {where}", f"{words.count(len(likely), 'likely sighting')} on {cameras}."


def _layout() -> AnswerLayout:
    verdict_place, steps = st.empty(), st.empty()
    left, right = st.columns([1, 1.12], gap="medium")
    with left.container(key="side"):
        chart, story_place = st.empty(), st.empty()
    return AnswerLayout(verdict_place, steps, chart, story_place, right.empty())


def _search(layout: AnswerLayout, context: PageContext, question: PageQuestion) -> Ranking:
    """Search and draw each step; on an error the headline "Searching" is removed before the page shows the error."""
    ranking = Ranking(stages=(), candidates=())
    _draw(layout, context, question, ranking, finished=False)
    options = load_settings(context.archive.path).search
    try:
        for ranking in search(context.archive, question.query, context.person, options):
            _draw(layout, context, question, ranking, finished=False)
    except Exception:
        layout.verdict.empty()
        layout.steps.empty()
        raise
    keep_answer(ranking)
    return ranking


def _draw(
    layout: AnswerLayout, context: PageContext, question: PageQuestion, ranking: Ranking, *, finished: bool
) -> None:
    headline, reason = verdict(ranking, question) if finished else ("Searching", "Cards move as evidence comes in.")
    layout.verdict.html(f'<div class="rt-verdict"><h2>{escape(headline)}</h2><p>{escape(reason)}</p></div>')
    layout.steps.html(story.stages(ranking.stages, finished=finished))
    deck = answer_map(context.base, ranking, palette(), asked=question.place_on(context))
    layout.chart.pydeck_chart(deck, height=ANSWER_HEIGHT_PX, alt="Map with the sightings and the route between them")
    layout.story.html(_below_map(question, ranking, finished=finished))
    with layout.cards.container():
        _draw_cards(context, question, ranking.candidates, finished=finished)


def _below_map(question: PageQuestion, ranking: Ranking, *, finished: bool) -> str:
    """Return the legend, the best story and others, and what was searched, as HTML."""
    parts = [_legend(question, ranking, palette())]
    if ranking.itinerary and ranking.itinerary.stops:
        ranks = {candidate.sighting.id: rank for rank, candidate in enumerate(ranking.candidates, start=1)}
        parts.append(f'<h3 class="rt-head">The best story, {words.percent(ranking.itinerary.probability)}</h3>')
        parts.append(story.timeline(ranking.itinerary, _question_stop(question), ranks, question.zone))
    if ranking.alternatives:
        parts.append('<h3 class="rt-head">Or else</h3>')
        parts += [story.other_story(other, question.zone) for other in ranking.alternatives]
    if finished:
        parts.append(f'<h3 class="rt-head">What was searched</h3>{story.searched(ranking.searched, question.zone)}')
    return "".join(parts)


def _draw_cards(
    context: PageContext, question: PageQuestion, candidates: Sequence[Candidate], *, finished: bool
) -> None:
    if not candidates:
        return
    st.html(f'<p class="rt-note">{HOW_TO_READ}</p>')
    shown = len(candidates)
    less_likely = shown - FIRST_CARDS
    if less_likely > 0 and not (finished and st.session_state.get("show rest")):
        shown = FIRST_CARDS
    jpegs = pictures(context, [candidate.sighting for candidate in candidates[:shown]])
    card_context = CardContext(asked=question.time, zone=question.zone)
    for rank, candidate in enumerate(candidates[:shown], start=1):
        with st.container(border=True, gap="xxsmall"):
            st.html(candidate_card(rank, candidate, jpegs[candidate.sighting.id], card_context))
            if finished:
                _follow_up_button(candidate)
    if finished and less_likely > 0:
        st.toggle(f"Show {words.count(less_likely, 'less likely sighting')}", key="show rest")


def _follow_up_button(candidate: Candidate) -> None:
    st.button(
        "Go on from this one",
        key=f"go on {candidate.sighting.id}",
        type="tertiary",
        icon=":material/arrow_forward:",
        help="Ask the archive about this sighting",
        on_click=set_query,
        args=(Query(sighting=candidate.sighting.id),),
    )


def _question_stop(question: PageQuestion) -> story.QuestionStop | None:
    if question.time is None:
        return None
    return story.QuestionStop(question.place_name, question.time, question.query.sighting)


def _legend(question: PageQuestion, ranking: Ranking, colours: Palette) -> str:
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
