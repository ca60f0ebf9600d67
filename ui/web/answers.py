"""Keep the answers of a visit, and take a search one step further at a time so that each step can be drawn."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import streamlit as st

from index.access.cases import keep_pictures
from index.answers import Ranking
from index.search.plate_memory import PlateMemory
from index.search.search import search
from index.settings import load_settings
from index.store.catalogue.sightings_state import SightingsState, marks_state
from ui.web import uploads, visit
from ui.web.context import PageContext
from ui.web.question import PageQuestion

MOST = 12
"""Back, and a step of the trail, show an answer again without a new search as long as it is kept."""

DRAWN = ("hypothesis", "appearance")
"""The steps after which the page is drawn before the search goes on; the others take less time than drawing them."""

REST_S = 20.0
"""How long a search may rest between two steps: a purge waits for it, since it reads the archive as of one moment."""

_ANSWERS = "answers"


@dataclass(slots=True)
class PageAnswer:
    """An answer that is being found: the latest ranking, and the steps still to come; `steps` is None when over.

    A visitor who leaves in the middle of a search never asks for its next step: it is `abandoned` after REST_S.
    `state` is that of the sightings when the search began; None: nothing tells whether it is still right. `marks` is
    that of the marks of its case. `plates` are looked at once, however often marks change the answer.
    """

    ranking: Ranking
    steps: Iterator[Ranking] | None
    state: SightingsState | None = None
    marks: str = ""
    plates: PlateMemory = field(default_factory=PlateMemory)
    abandoned: bool = False
    _stepping: threading.Lock = field(default_factory=threading.Lock)
    _rest: threading.Timer | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether the search came to its end."""
        return self.steps is None and not self.abandoned

    def advance(self) -> None:
        """Search until the next step that is worth drawing, or to the end."""
        with self._stepping:
            if self._rest is not None:
                self._rest.cancel()
            try:
                for ranking in self.steps or ():
                    self.ranking = ranking
                    if ranking.stages[-1].name in DRAWN:
                        self._rest = threading.Timer(REST_S, self._abandon)
                        self._rest.daemon = True
                        self._rest.start()
                        return
            except BaseException:
                # Steps that failed are over, too: what they had found so far would pass for the answer.
                self.abandoned, self.steps = True, None
                raise
            self.steps = None

    def _abandon(self) -> None:
        """Let go of the steps, and so of the archive as it was."""
        with self._stepping:
            self.abandoned = self.steps is not None
            self.steps = None


def answer_to(context: PageContext, question: PageQuestion, plates: PlateMemory | None = None) -> PageAnswer:
    """Return the kept answer to a question, or begin a search; the search asks for permission and writes the audit.

    `plates` were looked at before for the same question.
    """
    answers: OrderedDict[str, PageAnswer] = st.session_state.setdefault(_ANSWERS, OrderedDict())
    is_new_here = visit.arrive(question.key)
    marks = _marks_now(context, question)
    if question.key not in answers or _is_outdated(answers[question.key], context.state, marks, is_new_here):
        images = tuple(uploads.pixels(part) for part in question.pictures)
        plates = plates or PlateMemory()
        options = replace(load_settings(context.archive.path).search, plate_memory=plates)
        steps = search(context.archive, question.query(images), context.person, options)
        if question.case is not None and images:
            # After the row of the audit: of a question that was refused nothing stays in the case.
            keep_pictures(context.archive, context.person, question.case, images)
        answers[question.key] = PageAnswer(Ranking(stages=(), candidates=()), steps, context.state, marks, plates)
        while len(answers) > MOST:
            answers.popitem(last=False)
    return answers[question.key]


def _marks_now(context: PageContext, question: PageQuestion) -> str:
    if question.case is None:
        return ""
    with context.archive.catalogue.reading() as connection:
        return marks_state(connection, question.case)


def _is_outdated(answer: PageAnswer, now: SightingsState, marks: str, is_new_here: bool) -> bool:
    """Tell whether a question is to be searched again.

    What was forgotten since is not shown once more, nor what rests on other marks of its case; what came in since
    counts when somebody comes to the question, and not while they look at its answer: footage may be coming in all the
    time.
    """
    if answer.abandoned:
        return True
    if answer.state is None or not answer.is_complete:
        return False
    if marks != answer.marks or now.is_without_some_of(answer.state):
        return True
    return is_new_here and now != answer.state


def forget_answer(question: PageQuestion) -> None:
    """Forget the answer to a question, so that it is searched again."""
    st.session_state.get(_ANSWERS, {}).pop(question.key, None)


def replace_answer(context: PageContext, question: PageQuestion) -> None:
    """Search again at once, for a change that should be seen without the steps: a mark."""
    before: PageAnswer | None = st.session_state.get(_ANSWERS, {}).get(question.key)
    forget_answer(question)
    answer = answer_to(context, question, None if before is None else before.plates)
    while not (answer.is_complete or answer.abandoned):
        answer.advance()
