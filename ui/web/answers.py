"""Keep the answers of a visit, and take a search one step further at a time so that each step can be drawn."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from index.access.cases import keep_pictures
from index.answers import Ranking
from index.search.search import search
from index.settings import load_settings
from ui.web import uploads
from ui.web.context import PageContext
from ui.web.question import PageQuestion

MOST = 12
"""Back, and a step of the trail, show an answer again without a new search as long as it is kept."""

DRAWN = ("hypothesis", "appearance")
"""The steps after which the page is drawn before the search goes on; the others take less time than drawing them."""

_ANSWERS = "answers"


@dataclass(slots=True)
class PageAnswer:
    """An answer that is being found: the latest ranking, and the steps still to come; `steps` is None when complete."""

    ranking: Ranking
    steps: Iterator[Ranking] | None

    @property
    def is_complete(self) -> bool:
        """Tell whether the search is over."""
        return self.steps is None

    def advance(self) -> None:
        """Search until the next step that is worth drawing, or to the end."""
        if self.steps is None:
            return
        for ranking in self.steps:
            self.ranking = ranking
            if ranking.stages[-1].name in DRAWN:
                return
        self.steps = None


def answer_to(context: PageContext, question: PageQuestion) -> PageAnswer:
    """Return the kept answer to a question, or begin a search; the search asks for permission and writes the audit."""
    answers: OrderedDict[str, PageAnswer] = st.session_state.setdefault(_ANSWERS, OrderedDict())
    if question.key not in answers:
        images = tuple(uploads.pixels(part) for part in question.pictures)
        if question.case is not None and images:
            keep_pictures(context.archive, context.person, question.case, images)
        options = load_settings(context.archive.path).search
        steps = search(context.archive, question.query(images), context.person, options)
        answers[question.key] = PageAnswer(Ranking(stages=(), candidates=()), steps)
        while len(answers) > MOST:
            answers.popitem(last=False)
    return answers[question.key]


def forget_answer(question: PageQuestion) -> None:
    """Forget the answer to a question, so that it is searched again."""
    st.session_state.get(_ANSWERS, {}).pop(question.key, None)


def replace_answer(context: PageContext, question: PageQuestion) -> None:
    """Search again at once, for a change that should be seen without the steps: a mark."""
    forget_answer(question)
    answer = answer_to(context, question)
    while not answer.is_complete:
        answer.advance()
