"""Build the report of a case: gather what is known, cut pictures and clips, write every file, and record it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from index.access import audit
from index.access.cases import read_case
from index.access.permissions import Permission, require
from index.casework.contents import CaseContents, ContentOptions, Exhibit, audit_of_case, case_contents
from index.casework.pictures import Excerpt, exhibit_clip, exhibit_frame, exhibit_picture, question_pictures
from index.errors import ArchiveError
from index.map.places import current_places
from index.store.archive import Archive
from index.store.catalogue.people import Person
from reid.images import decode_jpeg
from ui.report import report_words as words
from ui.report.blocks import ReportPicture
from ui.report.document import ReportMaterial, ShownExhibit, report_blocks
from ui.report.geo_files import geojson, gpx, kml
from ui.report.html import html_document
from ui.report.package import Package, package
from ui.report.pdf import pdf_document
from ui.report.route_map import route_map
from ui.report.sightings_table import sightings_csv
from ui.web.language import in_english

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a report is made of, the zone in which it gives times, and whether clips are cut."""

    contents: ContentOptions = field(default_factory=ContentOptions)
    zone: tzinfo = UTC
    clips: bool = True


@dataclass(frozen=True, slots=True)
class BuiltReport:
    """Where a report is, its number of files and sightings, the SHA-256 of its list, and the audit row that has it."""

    path: Path
    files: int
    sightings: int
    digest: str
    audit_row: int


def build_report(
    archive: Archive,
    person: Person,
    case: str,
    out: Path,
    options: ReportOptions | None = None,
    *,
    say: Say = lambda line: None,
) -> BuiltReport:
    """Make the report of a case as the folder `out`, or as a zip file if its name ends in .zip.

    It is complete or not there. The audit names every picture that was opened for it, and the SHA-256 of its list.
    """
    require(archive, person, Permission.CASES)
    options = options or ReportOptions()
    read_case(archive, person, case)
    if archive.catalogue.read_only:
        raise ArchiveError(f"{archive.path} may only be read, and a report must be in its audit: make it on a copy")
    if out.resolve().is_relative_to(archive.path.resolve()):
        raise ArchiveError(f"{out} is inside the archive, where no purge deletes it: choose a folder elsewhere")
    with in_english(), package(out) as files:
        audit.record(archive, person, "begin report", {"out": out.name}, case=case)
        contents = case_contents(archive, person, case, options.contents)
        material = _material(archive, person, contents, files, options, say)
        say("writing the documents")
        _write_documents(files, material)
        digest = files.finish(_about(material))
        count = len(files.sources)
        # Before it gets its name: no report is anywhere that the audit does not know.
        entry = audit.record(archive, person, "make report", {"manifest_sha256": digest, "files": count}, case=case)
    return BuiltReport(out, count, len(contents.exhibits), digest, entry.number if entry else 0)


def _material(
    archive: Archive, person: Person, contents: CaseContents, files: Package, options: ReportOptions, say: Say
) -> ReportMaterial:
    asked_with = tuple(
        picture
        for number, excerpt in enumerate(question_pictures(contents), start=1)
        for picture in _written(
            files, f"pictures/question-{number}.jpg", "its SHA-256 above is that of its pixels", excerpt
        )
    )
    shown = []
    for exhibit in contents.exhibits:
        say(f"{exhibit.label}: {exhibit.sighting.camera}, {exhibit.role}")
        shown.append(_shown(archive, person, contents, exhibit, files, options))
    places = current_places(archive)
    plan = route_map(contents, places.graph)
    rows = audit_of_case(archive, person, contents.file.case.id)
    return ReportMaterial(contents, tuple(shown), asked_with, rows, plan, datetime.now(UTC), options.zone)


def _shown(
    archive: Archive, person: Person, contents: CaseContents, exhibit: Exhibit, files: Package, options: ReportOptions
) -> ShownExhibit:
    if not exhibit.is_shown:
        return ShownExhibit(exhibit, (), (), None, None)
    crop = exhibit_picture(archive, person, contents, exhibit)
    frame = exhibit_frame(archive, person, contents, exhibit)
    pictures = [
        *_written(files, f"pictures/{exhibit.label}.jpg", "the best picture", crop),
        *_written(files, f"pictures/{exhibit.label}-frame.jpg", "the whole frame", frame),
    ]
    problems = [
        f"{name}: {excerpt.problem}"
        for name, excerpt in (("no picture", crop), ("no frame", frame))
        if excerpt.problem is not None
    ]
    if not options.clips:
        return ShownExhibit(exhibit, tuple(pictures), tuple(problems), None, None)
    path = f"clips/{exhibit.label}.mp4"
    cut = exhibit_clip(archive, person, contents, exhibit, files.place(path))
    if cut.problem is not None:
        files.forget(path)
        return ShownExhibit(exhibit, tuple(pictures), tuple(problems), cut, None)
    files.sources[path] = cut.source
    return ShownExhibit(exhibit, tuple(pictures), tuple(problems), cut, path)


def _written(files: Package, path: str, what: str, excerpt: Excerpt) -> list[ReportPicture]:
    """Write a picture if there is one, and return it as the report shows it."""
    if excerpt.jpeg is None:
        return []
    files.write(path, excerpt.jpeg, excerpt.source)
    height, width = decode_jpeg(excerpt.jpeg).shape[:2]
    return [ReportPicture(path, excerpt.jpeg, width, height, f"{path}: {what}", excerpt.box)]


def _write_documents(files: Package, material: ReportMaterial) -> None:
    contents, blocks = material.contents, report_blocks(material)
    title = f"Case {words.plain(contents.file.case.id)}: report of {material.when(material.made_at)}"
    files.write("report.html", html_document(title, blocks))
    files.write("report.pdf", pdf_document(title, blocks))
    files.write("sightings.csv", "\ufeff" + sightings_csv(material.shown))
    files.write("sightings.geojson", geojson(contents))
    files.write("sightings.gpx", gpx(contents))
    files.write("sightings.kml", kml(contents))
    files.write("question.json", json.dumps(_question(contents), indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _question(contents: CaseContents) -> dict[str, Any]:
    """Return the question as the audit has it; an empty object where none could be asked again."""
    if contents.answer is None:
        return {}
    entry = contents.answer.asked.entry
    return {
        "audit_row": entry.number,
        "asked_by": entry.person,
        "asked_at": entry.at.isoformat(),
        "reason": entry.reason,
        "question": dict(entry.detail),
    }


def _about(material: ReportMaterial) -> dict[str, Any]:
    contents, chain = material.contents, material.audit.chain
    return {
        "case": contents.file.case.id,
        "archive": contents.archive,
        "made_at": material.made_at.isoformat(),
        "made_by": contents.person,
        "made_with": f"retrace {contents.version}",
        "audit": {"rows": chain.rows, "head": chain.head, "ok": chain.ok},
        "models": {model.id: model.sha256 for model in contents.models},
        "footage": [
            {"sha256": film.footage.id, "camera": film.footage.camera, "state": film.state} for film in contents.footage
        ],
    }
