"""Say in sentences what was found: what people marked, what the program believes, and what a reader should look at."""

from collections.abc import Mapping

from index.answers import NamedSighting, Ranking, Searched
from index.casework.contents import OPEN_PROBABILITY, OPEN_SHOWN, CaseContents
from index.search.reasons import subject_of
from ui.report import report_words as words

LIKELY = 0.5
"""From this probability on that nobody saw the vehicle, the report says so."""


def found_sentences(contents: CaseContents) -> str:
    """Return the summary of a case."""
    marks = [mark.verdict for mark in contents.file.marks]
    return (
        f"People marked {words.count(marks.count('yes'), 'sighting')} as the same vehicle, {marks.count('unsure')} as "
        f"unsure and {marks.count('no')} as another vehicle. {_answer_sentence(contents)}{_left_out(contents)}"
    )


def _left_out(contents: CaseContents) -> str:
    if not contents.open_left_out:
        return ""
    others = words.count(contents.open_left_out, "other candidate is", "other candidates are")
    return f" {others} not shown: under {words.percent(OPEN_PROBABILITY)}, or behind the first {OPEN_SHOWN}."


def _answer_sentence(contents: CaseContents) -> str:
    if contents.answer is None:
        return "No question of the case could be asked again, so no probability is given."
    alone = contents.answer.alone
    labels = {exhibit.sighting.id: exhibit.label for exhibit in contents.exhibits}
    return alone_sentence(alone) + _settings_sentence(alone) + doubt_sentences(contents.answer.marked, labels)


def doubt_sentences(answer: Ranking, labels: Mapping[str, str]) -> str:
    """Return what of the marks, of the question or of the way a reader should look at, sightings by their labels."""

    def tell(one: NamedSighting) -> str:
        return f"{labels[one.id]} ({one.camera})" if one.id in labels else f"{one.camera} ({one.id})"

    looked_at = ((subject_of(doubt), str(doubt.naming(tell))) for doubt in answer.doubts)
    said = (f" Look at {what}: {words.plain(doubt)}" for what, doubt in looked_at)
    return "".join(one if one.endswith("?") else f"{one}." for one in said)


def _settings_sentence(answer: Ranking) -> str:
    if not answer.settings:
        return ""
    return f" It was not asked as usual: {words.plain(', '.join(answer.settings))}."


def _unknown(answer: Ranking) -> str:
    if not answer.unknown:
        return ""
    return f" Of {words.count(answer.unknown, 'other sighting')} the plate, type or colour asked for is not known."


def alone_sentence(answer: Ranking) -> str:
    """Return what the program believes without marks: nothing is said of whom nobody looked for."""
    candidates, searched = answer.candidates, answer.searched
    if searched.nobody_looked:
        return "Nobody looked: the cameras that the question of section 2 reaches have no usable footage of its time."
    if searched.searched_nothing:
        return "The question of section 2 reaches no camera, so that nothing was searched."
    if not candidates:
        none = f"Alone, the program found no sighting that fits the question of section 2.{_unknown(answer)}"
        return f"{_mostly_unwatched(searched)}{none}"
    surest = candidates[0]
    if surest.probability is None:
        fitting = answer.fitting or len(candidates)
        return (
            f"The question of section 2 describes a vehicle: {words.count(fitting, 'sighting fits', 'sightings fit')}. "
            f"Nothing was compared, so no probability is given.{_unknown(answer)}"
        )
    if answer.nobody is not None and answer.nobody >= LIKELY > surest.probability:
        return (
            f"{_mostly_unwatched(searched)}Alone, the program holds that probably none of them answers the question of "
            f"section 2 ({words.percent(answer.nobody)}); section 7 says where nobody looked."
        )
    return (
        f"Alone, the program holds the sighting at {words.plain(surest.sighting.camera)} for the surest "
        f"({words.percent(surest.probability)}) among those that answer the question of section 2.{_rivals(answer)}"
    )


def _rivals(answer: Ranking) -> str:
    if not answer.rivals or answer.likely is None:
        return ""
    return (
        f" Hardly one vehicle made all {answer.likely} of {words.percent(LIKELY)} or more: "
        f"its likeliest way has {answer.likely - answer.rivals} of them."
    )


def _mostly_unwatched(searched: Searched) -> str:
    if not searched.mostly_unwatched:
        return ""
    share = words.percent(searched.unwatched or 0.0)
    return f"Mostly nobody looked: of {share} of the time of the question its cameras have no usable footage. "
