"""Compose a report: what was found, what was asked, the way, the sightings, and what one must know to judge them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from index.answers import Itinerary, Ranking
from index.casework.contents import CaseAudit, CaseContents, Exhibit
from index.casework.pictures import Cut
from index.search.reasons import RULED_OUT
from ui.report import report_words as words
from ui.report.blocks import Block, ExhibitCard, Facts, Grid, Heading, ReportPicture, RouteMap, Text
from ui.report.findings import found_sentences
from ui.report.particulars import particulars

CAUTION = (
    "A match is a lead, to be checked by a person. The program compares looks, plates and travel times, and "
    "estimates how probable it is that two sightings show the same vehicle; the people who marked sightings "
    "looked at the same pictures. Both can be wrong. Nothing here proves by itself where a vehicle was, or who "
    "drove it, and a vehicle that was not found was not necessarily absent: section 7 says where nobody looked."
)
PROBABILITIES = (
    "A probability is an estimate over many questions of this kind: of all the sightings that are given 90 %, "
    "about nine of ten are the same vehicle where the cameras and the traffic are like those that the estimate "
    "was fitted on. It is no statement about this one vehicle. “Alone” is what the program says without knowing "
    "any mark; “with marks” takes the marks of people as true, and is no independent evidence."
)
STORIES = (
    "A story joins sightings into one way of the vehicle. The probability is that of the whole story, all of its "
    "stops together; what is missing to 100 % belongs to stories that are not listed."
)


@dataclass(frozen=True, slots=True)
class ShownExhibit:
    """An exhibit with its pictures in the report, why others are missing, and its clip.

    Where `clip` is None, `cut` says why; where that is None too, no clips were asked for.
    """

    exhibit: Exhibit
    pictures: tuple[ReportPicture, ...]
    problems: tuple[str, ...]
    cut: Cut | None
    clip: str | None


@dataclass(frozen=True, slots=True)
class ReportMaterial:
    """Everything that a report is composed from."""

    contents: CaseContents
    shown: tuple[ShownExhibit, ...]
    asked_with: tuple[ReportPicture, ...]
    audit: CaseAudit
    map: RouteMap | None
    made_at: datetime
    zone: tzinfo

    def when(self, time: datetime) -> str:
        """Return a time in the zone of the report."""
        return words.when(time, self.zone)


def report_blocks(material: ReportMaterial) -> list[Block]:
    """Return the whole report."""
    return [
        *_title(material),
        *_found(material),
        *_question(material),
        *_way(material),
        *_sightings(material),
        *_ruled_out(material),
        *_notes(material),
        *particulars(material.contents, material.audit, material.zone),
    ]


def _title(material: ReportMaterial) -> Iterator[Block]:
    contents, case = material.contents, material.contents.file.case
    yield Heading(f"Case {words.plain(case.id)}", 1)
    yield Text(words.plain(case.title) or "Report on the sightings of a vehicle", "lead")
    closed = "open" if case.closed_at is None else f"closed on {material.when(case.closed_at)}"
    rows = [entry.number for entry in material.audit.entries]
    first = min((one.exhibit.time for one in material.shown), default=material.made_at)
    zone = words.zone_words(first, material.zone)
    yield Facts(
        (
            ("Case opened", f"{material.when(case.opened_at)}, by {words.plain(case.opened_by)}; {closed}"),
            ("Report made", f"{material.when(material.made_at)}, by {words.plain(contents.person)}"),
            ("Made with", f"Retrace {contents.version}, archive {contents.archive}"),
            ("Audit rows", f"{min(rows)} to {max(rows)}, {len(rows)} of them of this case" if rows else words.NOTHING),
            ("Times", f"true time in {zone}, unless a camera's clock is named"),
        )
    )
    yield Text(CAUTION, "caution")


def _found(material: ReportMaterial) -> Iterator[Block]:
    contents = material.contents
    yield Heading("1  What was found")
    yield Text(found_sentences(contents))
    rows = [_summary_row(material, one.exhibit) for one in material.shown if one.exhibit.is_shown]
    if rows:
        columns = ("No.", "Camera", "Time", "Marked by a person", "Alone", "With marks", "Plate")
        yield Grid(columns, tuple(rows), (0.6, 1.1, 2.3, 1.9, 0.8, 0.9, 1.9))
        yield Text(PROBABILITIES, "small")
    if contents.lost_marks:
        lost = ", ".join(mark.sighting for mark in contents.lost_marks)
        yield Text(f"Marked sightings that the archive no longer has: {lost}.", "small")


def _summary_row(material: ReportMaterial, exhibit: Exhibit) -> tuple[str, ...]:
    mark = exhibit.mark
    before = words.overruled(material.contents.file.overruled.get(exhibit.sighting.id))
    marked = words.NOTHING if mark is None else f"{mark.verdict} ({words.plain(mark.person)}{before})"
    if exhibit.role == "question":
        marked = f"asked about{f'; {marked}' if mark else ''}"
    camera, time = words.plain(exhibit.sighting.camera), material.when(exhibit.time)
    both = (words.probability(exhibit.alone), words.probability(exhibit.marked))
    return (exhibit.label, camera, time, marked, *both, words.plate_of(exhibit))


def _question(material: ReportMaterial) -> Iterator[Block]:
    contents = material.contents
    yield Heading("2  The question")
    if contents.answer is None:
        yield Text("No question was asked for this case that can be asked again.")
    else:
        entry = contents.answer.asked.entry
        yield Text(
            f"Asked by {words.plain(entry.person)} on {material.when(entry.at)} (audit row {entry.number}), and asked "
            "again for this report. The fields are given as they were written into the audit before it was answered."
        )
        yield Facts((("Reason", words.plain(entry.reason or "none given")), *words.question_rows(entry.detail)))
        yield Text(words.plain(json.dumps(dict(entry.detail), sort_keys=True, ensure_ascii=False)), "verbatim")
        for picture in material.asked_with:
            yield ExhibitCard("Q", "question", "", "The picture asked with", (picture,), Facts(()))
    others = [one for one in contents.questions if contents.answer is None or one is not contents.answer.asked]
    if others:
        yield Text("Other questions of this case, each as the audit has it:")
        rows = tuple(
            (
                ", ".join(str(number) for number in (one.entry.number, *one.others)),
                material.when(one.entry.at),
                words.plain(one.entry.person),
                "; ".join(f"{name}: {value}" for name, value in words.question_rows(one.entry.detail)),
                words.plain(one.entry.reason or words.NOTHING),
            )
            for one in others
        )
        yield Grid(("Audit rows", "When", "By", "Question", "Reason"), rows, (0.8, 1.6, 0.8, 3.4, 1.6))


def _way(material: ReportMaterial) -> Iterator[Block]:
    answer = material.contents.answer
    yield Heading("3  The way of the vehicle")
    if answer is None or answer.marked.itinerary is None or not answer.marked.itinerary.stops:
        yield Text("The program finds no way that joins sightings.")
    else:
        story = answer.marked.itinerary
        yield Text(f"The likeliest story, {_by_marks(answer.marked)} ({words.percent(story.probability)} as a whole):")
        yield Grid(("No.", "Time", "Camera", "This stop"), _stops(material, story, answer.marked), (0.7, 2.6, 2, 1.2))
        yield from _alternatives(material, answer.marked)
        yield Text(STORIES, "small")
        if answer.marked.may_miss_stops:
            compared = words.count(answer.marked.searched.compared, "sighting")
            yield Text(
                f"It is a story of the {compared} that could be compared alone: the vehicle may have passed others."
            )
    if answer is not None and answer.marked.rests_on is not None:
        yield Text(f"Travel times rest on: {words.plain(answer.marked.rests_on.words)}.", "small")
    if material.map is not None:
        yield material.map
        yield Text(
            "Roads of the archive. Blue: the likeliest way between the stops; nobody saw the vehicle there. "
            "Circles: cameras with the numbers of their sightings.",
            "small",
        )


def _by_marks(ranking: Ranking) -> str:
    no_part = any(doubt.text == RULED_OUT.text for doubt in ranking.doubts)
    return "of another vehicle than the one that the marks are about" if no_part else "taking the marks as true"


def _alternatives(material: ReportMaterial, ranking: Ranking) -> Iterator[Block]:
    if not ranking.alternatives:
        return
    yield Text("Other stories, the likeliest that leave out a stop of the first:")
    labels = {one.exhibit.sighting.id: one.exhibit.label for one in material.shown}
    rows = []
    for story in ranking.alternatives:
        stops = [
            f"{labels.get(stop.sighting, 'not shown')} {words.plain(stop.camera)} {material.when(stop.time)}"
            for stop in story.stops
        ]
        rows.append((words.percent(story.probability), "; ".join(stops) or "seen nowhere else"))
    yield Grid(("Whole story", "Stops"), tuple(rows), (1, 6))


def _stops(material: ReportMaterial, story: Itinerary, ranking: Ranking) -> tuple[tuple[str, ...], ...]:
    """Return the stops of a story, with the sighting asked about among them, in the order of time."""
    labels = {one.exhibit.sighting.id: one.exhibit.label for one in material.shown}
    stops = [
        (stop.time, labels.get(stop.sighting, words.NOTHING), stop.camera, words.percent(stop.probability))
        for stop in story.stops
    ]
    answer = material.contents.answer
    id_ = None if answer is None or answer.asked.query is None else answer.asked.query.sighting
    asked = next((one.exhibit for one in material.shown if one.exhibit.sighting.id == id_), None)
    if asked is not None and asked.sighting.id not in {stop.sighting for stop in story.stops}:
        stops.append((asked.time, asked.label, asked.sighting.camera, "asked about"))
    return tuple(
        (label, material.when(time), words.plain(camera), chance) for time, label, camera, chance in sorted(stops)
    )


def _sightings(material: ReportMaterial) -> Iterator[Block]:
    yield Heading("4  The sightings")
    shown = [one for one in material.shown if one.exhibit.is_shown]
    if not shown:
        yield Text("None.")
    for one in shown:
        yield _card(material, one)


def _card(material: ReportMaterial, shown: ShownExhibit) -> ExhibitCard:
    exhibit, sighting = shown.exhibit, shown.exhibit.sighting
    return ExhibitCard(
        label=exhibit.label,
        role=exhibit.role,
        role_words=words.ROLES[exhibit.role],
        title=f"{words.plain(sighting.camera)}, {material.when(exhibit.time)}",
        pictures=shown.pictures,
        facts=Facts(tuple(_card_rows(material, shown))),
        remarks=tuple(
            f"{words.plain(note.text)} ({words.plain(note.person)}, {material.when(note.written_at)})"
            for note in material.contents.file.notes
            if note.sighting == sighting.id
        ),
        clip=shown.clip,
    )


def _card_rows(material: ReportMaterial, shown: ShownExhibit) -> Iterator[tuple[str, str]]:
    exhibit, sighting = shown.exhibit, shown.exhibit.sighting
    if exhibit.mark is not None:
        mark = exhibit.mark
        before = words.overruled(material.contents.file.overruled.get(sighting.id))
        yield "Mark", f"{mark.verdict}, by {words.plain(mark.person)} on {material.when(mark.marked_at)}{before}"
    yield "Vehicle, as seen", f"{words.vehicle_of(exhibit)}; plate {words.plate_of(exhibit)}"
    if exhibit.alone is not None:
        alone = exhibit.alone
        yield "Probability", f"{words.probability(alone)} alone, {words.probability(exhibit.marked)} with marks"
        why = words.plain(alone.why) if exhibit.shows_plate else "withheld with the plate"
        yield "Evidence", f"{why[:1].upper()}{why[1:]}. {'; '.join(words.evidence_words(alone.evidence))}"
    yield "On the camera's clock", words.between(sighting.first, sighting.last, material.zone)
    yield "Clock", words.clock_words(exhibit.clock)
    camera = exhibit.camera
    if camera is not None:
        bearing = "direction of view unknown" if camera.bearing_deg is None else f"looks to {camera.bearing_deg:.0f}°"
        yield "Camera", f"{words.plain(camera.id)} at {camera.lat:.6f}, {camera.lon:.6f}; {bearing}"
    yield "Sighting", sighting.id
    if exhibit.footage is not None:
        film = exhibit.footage
        yield "Footage", f"SHA-256 {film.footage.id}; {film.state}"
    if shown.clip is not None and shown.cut is not None:
        yield "Clip", f"{shown.clip}: {shown.cut.from_s:.1f} to {shown.cut.to_s:.1f} s of the footage"
    missing = [*shown.problems, *_no_clip(shown)]
    if missing:
        yield "Missing", "; ".join(words.plain(problem) for problem in missing)


def _no_clip(shown: ShownExhibit) -> list[str]:
    return [f"no clip: {shown.cut.problem}"] if shown.cut is not None and shown.cut.problem else []


def _ruled_out(material: ReportMaterial) -> Iterator[Block]:
    yield Heading("5  Ruled out")
    rows = tuple(
        (
            one.exhibit.label,
            words.plain(one.exhibit.sighting.camera),
            material.when(one.exhibit.time),
            _by_whom(material, one.exhibit),
            words.probability(one.exhibit.alone),
        )
        for one in material.shown
        if not one.exhibit.is_shown
    )
    if not rows:
        yield Text("Nothing was marked as another vehicle.")
        return
    yield Text("People marked these as other vehicles. They are listed without pictures, because they concern others.")
    yield Grid(("No.", "Camera", "Time", "By", "Alone"), rows, (0.6, 1.4, 2.6, 1.4, 1))


def _by_whom(material: ReportMaterial, exhibit: Exhibit) -> str:
    if exhibit.mark is None:
        return words.NOTHING
    before = words.overruled(material.contents.file.overruled.get(exhibit.sighting.id))
    return f"{words.plain(exhibit.mark.person)}{before}"


def _notes(material: ReportMaterial) -> Iterator[Block]:
    yield Heading("6  Notes")
    notes = [note for note in material.contents.file.notes if note.sighting is None]
    if not notes:
        yield Text("None on the case as a whole.")
    for note in notes:
        yield Text(f"{words.plain(note.text)}\n({words.plain(note.person)}, {material.when(note.written_at)})")
