"""Make the report of a case, or check one: `retrace report`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.output import archive_of, json_option, note, show
from ui.cli.parameters import PathParameter

if TYPE_CHECKING:
    from ui.report.verify import ReportCheck


@click.command()
@click.argument("case_number", metavar="CASE", required=False)
@click.option("--out", type=PathParameter(), help="A new folder, or a new file that ends in .zip.")
@click.option(
    "--question", type=click.IntRange(min=1), help="The audit row of the question; the last one if not given."
)
@click.option("--zone", help="The zone of the times: Europe/Vienna, +02:00 or Z; this machine's if not given.")
@click.option("--no-clips", is_flag=True, help="Leave the clips out.")
@click.option(
    "--verify",
    "check",
    type=PathParameter(),
    help="Check this report; with its archive, against the audit too.",
)
@click.option("--digest", metavar="SHA256", help="With --verify: the SHA-256 that was printed when it was made.")
@json_option
@click.pass_context
def report(
    ctx: click.Context,
    case_number: str | None,
    out: Path | None,
    question: int | None,
    zone: str | None,
    no_clips: bool,
    check: Path | None,
    digest: str | None,
    as_json: bool,
) -> None:
    """Write all that is known of a CASE into a folder or zip file: HTML, PDF, tables, maps, pictures, clips.

    Plates and faces of others are covered, unless the case says otherwise (`retrace case show-others`).

    \b
    Example: retrace report 2026-117 --out report-2026-117
             retrace report --verify report-2026-117
    """  # noqa: D301
    if check is not None:
        if case_number is not None or out is not None or question is not None or no_clips:
            raise click.UsageError("--verify checks a report that is there: give it alone, or with --digest")
        _verify(ctx, check, digest, as_json)
    elif case_number is None or out is None:
        raise click.UsageError("give CASE and --out FOLDER, or --verify FOLDER")
    elif digest is not None:
        raise click.UsageError("--digest belongs to --verify")
    else:
        _build(ctx, case_number, out, question, zone, clips=not no_clips, as_json=as_json)


def _build(
    ctx: click.Context, case: str, out: Path, question: int | None, zone: str | None, *, clips: bool, as_json: bool
) -> None:
    from index.access.permissions import local_person
    from index.casework.contents import ContentOptions
    from index.ingest.times import read_zone
    from index.settings import load_settings
    from ui.cli.local_time import local_zone
    from ui.report.build import ReportOptions, build_report

    archive = archive_of(ctx)
    contents = ContentOptions(question, load_settings(archive.path).search)
    options = ReportOptions(contents, read_zone(zone) if zone else local_zone(), clips)
    built = build_report(archive, local_person(), case, out, options, say=note)
    document = {
        "report": str(built.path),
        "files": built.files,
        "sightings": built.sightings,
        "sha256": built.digest,
        "audit_row": built.audit_row,
    }
    lines = [
        f"wrote {built.files} files about {built.sightings} sightings to {built.path}",
        f"SHA-256 of its list, also in audit row {built.audit_row}: {built.digest}",
        "look through the pictures before you hand it on: what the program does not find is not covered",
    ]
    show(document, as_json, lines)


def _verify(ctx: click.Context, path: Path, digest: str | None, as_json: bool) -> None:
    from ui.report.verify import verify_report

    found = verify_report(path, digest=digest)
    here = _archive_here(ctx)
    row = _audit_row(ctx, found) if here == found.archive else None
    found = replace(found, problems=(*found.problems, *_problems_of_list(ctx, found, here, row)))
    checked_by = "audit" if row is not None else "digest" if digest is not None else None
    document = {
        "ok": found.ok,
        "problems": list(found.problems),
        "audit_row": row,
        "checked_by": checked_by,
        "files": found.files,
        "case": found.case,
        "archive": found.archive,
        "sha256": found.digest,
    }
    told = f", as audit row {row} says" if row is not None else ""
    problems = [_one_line(problem) for problem in found.problems]
    lines = [*(problems or [_whole_line(found, checked_by)]), f"SHA-256 of its list: {found.digest}{told}"]
    show(document, as_json, lines)
    if not found.ok:
        note(f"retrace: {len(problems)} problems, the first: {problems[0]}")
        raise SystemExit(1)


def _whole_line(found: "ReportCheck", checked_by: str | None) -> str:
    """Return what is known of a report without problems: of its list itself, only by something from elsewhere."""
    case = _one_line(found.case)
    if checked_by is not None:
        return f"all {found.files} files of the report on case {case} are as they were made"
    return (
        f"all {found.files} files of the report on case {case} are as its list says; whether that is the list that was "
        f"made is not known: give --digest, or the --archive that it was made from ({_one_line(found.archive)})"
    )


def _problems_of_list(ctx: click.Context, found: "ReportCheck", here: str | None, row: int | None) -> list[str]:
    """Return what the archive that the command line names says against the list of a report."""
    if here == found.archive:
        unknown = f"manifest.json: the audit of this archive knows no report with its SHA-256 {found.digest}"
        return [] if row is not None else [unknown]
    is_named = ctx.find_root().get_parameter_source("archive") is not click.core.ParameterSource.DEFAULT
    if here is None or not is_named:
        return []
    return [f"manifest.json: it says that it was made from archive {found.archive}, and this one is {here}"]


def _one_line(text: str) -> str:
    """Return a text of a report that may be of anybody as part of one line."""
    return text.replace("\n", "[U+000A]")


def _audit_row(ctx: click.Context, found: "ReportCheck") -> int | None:
    """Return the audit row in which the report was recorded, None where it is not."""
    from index.access.audit import entries_about
    from index.access.permissions import local_person

    made = entries_about(archive_of(ctx), local_person(), ("make report",))
    return next((row.number for row in made if row.detail.get("manifest_sha256") == found.digest), None)


def _archive_here(ctx: click.Context) -> str | None:
    """Return the id of the archive that the command line names, None where there is none."""
    from index.errors import ArchiveError
    from index.store.archive_file import find, read

    try:
        return read(find(ctx.find_root().obj)).id
    except (ArchiveError, OSError):
        return None
