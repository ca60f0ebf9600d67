"""Find the questions that were asked for a case, and ask one of them again."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from index.access import audit
from index.access.audit import Entry
from index.answers import Query, Ranking
from index.errors import ArchiveError
from index.search.question import AREA_SHA256, SearchOptions
from index.search.search import search
from index.store.archive import Archive
from index.store.catalogue import cases, sightings
from index.store.catalogue.people import Person
from reid.images import decode_image

REASON = "asked again for the report"
"""The reason of questions that a report asks; they are not the investigator's own."""

LOOKED_AT = 200
"""So many candidates are fetched, so that marked sightings are among them."""

SETTINGS = "settings"
"""What was not as usual when it was asked; it is asked again with the settings of now."""

_TIMES = ("time", "at")
_TUPLES = ("place", "cameras")


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as the audit has it; `query` is the same one to ask again, None where that cannot be done.

    `others` are the later audit rows with the very same question.
    """

    entry: Entry
    query: Query | None
    why_not: str | None = None
    others: tuple[int, ...] = ()

    @property
    def compares(self) -> bool:
        """Return whether it may compare vehicles; a description alone lists what fits it."""
        query = self.query
        return query is not None and bool(query.pictures or query.sighting or query.plate)


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """The answer to a question: as the program finds it alone, and with the marks that people made."""

    asked: AskedQuestion
    alone: Ranking
    marked: Ranking


def questions_of(archive: Archive, person: Person, case: str) -> list[AskedQuestion]:
    """Return the questions of a case in the order they were first asked, equal ones once."""
    entries = audit.entries_of_case(archive, person, case)
    about = {str(entry.detail["sighting"]) for entry in entries if entry.detail.get("sighting")}
    with archive.catalogue.reading() as connection:
        pictures = cases.pictures_of(connection, case)
        there = {one.id for one in sightings.by_ids(connection, sorted(about))}
    found: dict[str, AskedQuestion] = {}
    for entry in entries:
        if entry.action != "search" or (entry.reason or "").startswith(REASON):
            continue
        key = json.dumps([dict(entry.detail), entry.reason], sort_keys=True, default=str)
        if key in found:
            found[key] = replace(found[key], others=(*found[key].others, entry.number))
        else:
            found[key] = _asked(entry, pictures, there)
    return list(found.values())


def chosen_question(
    asked: Sequence[AskedQuestion], number: int | None, closed_at: datetime | None = None
) -> AskedQuestion | None:
    """Return the question of an audit row, or else the last to be asked again, rather one that compares vehicles.

    Of a closed case that is one that was asked before: what anybody asks later changes nothing that its report says.
    """
    if number is None:
        can = [one for one in asked if one.query is not None]
        can = [one for one in can if closed_at is None or one.entry.at <= closed_at] or can
        return max(can, key=lambda one: (one.compares, max((one.entry.number, *one.others))), default=None)
    for one in asked:
        if number in (one.entry.number, *one.others):
            if one.query is None:
                raise ArchiveError(f"question {number} cannot be asked again: {one.why_not}")
            return one
    known = ", ".join(str(one.entry.number) for one in asked) or "none"
    raise ArchiveError(f"audit row {number} is no question of this case: its questions are {known}")


def ask_again(archive: Archive, person: Person, asked: AskedQuestion, options: SearchOptions) -> QuestionAnswer:
    """Ask a question twice: without the marks of the case, and with them."""
    if asked.query is None:
        raise ArchiveError(f"question {asked.entry.number} cannot be asked again: {asked.why_not}")
    case = asked.entry.case
    query = replace(asked.query, top=max(asked.query.top, LOOKED_AT))
    alone = replace(query, case=None, reason=f"{REASON} of case {case}, without its marks")
    marked = replace(query, case=case, reason=f"{REASON}, with the marks")
    return QuestionAnswer(asked, _last(archive, person, alone, options), _last(archive, person, marked, options))


def query_of(detail: Mapping[str, Any], pictures: Mapping[str, bytes]) -> Query:
    """Return the query that the audit keeps; ArchiveError says why it cannot be asked again."""
    known = {*(field.name for field in fields(Query)), SETTINGS}
    strange = sorted(set(detail) - known)
    if strange:
        raise ArchiveError(f"it was asked by another version of the program, with {', '.join(strange)}")
    values = dict(detail)
    for name in _TIMES:
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    for name in _TUPLES:
        if name in values:
            values[name] = tuple(values[name])
    values.pop(SETTINGS, None)
    if AREA_SHA256 in values.get("area", {}):
        raise ArchiveError("its area was too large to be kept: the audit has its SHA-256 and bounds")
    digests = values.pop("pictures", ())
    missing = [digest for digest in digests if digest not in pictures]
    if missing:
        raise ArchiveError(f"{len(missing)} of its pictures were not kept with the case (SHA-256 {missing[0][:12]}…)")
    shown = tuple(decode_image(pictures[digest], f"picture {digest[:12]}") for digest in digests)
    return Query(**values, pictures=shown)


def _asked(entry: Entry, pictures: Mapping[str, bytes], there: Collection[str]) -> AskedQuestion:
    """Return a question; `there` are the sightings asked about that the archive still has."""
    try:
        query = query_of(entry.detail, pictures)
        if query.sighting is not None and query.sighting not in there:
            return AskedQuestion(entry, None, "the sighting that it asks about is no longer in the archive")
        return AskedQuestion(entry, query)
    except (ArchiveError, TypeError) as error:
        return AskedQuestion(entry, None, str(error))


def _last(archive: Archive, person: Person, query: Query, options: SearchOptions) -> Ranking:
    *_, last = search(archive, query, person, options)
    return last
