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
    row = _audit_row(ctx, found)
    if row is None and _is_from(ctx, found):
        missing = f"manifest.json: the audit of this archive knows no report with its SHA-256 {found.digest}"
        found = replace(found, problems=(*found.problems, missing))
    document = {
        "ok": found.ok,
        "problems": list(found.problems),
        "audit_row": row,
        "files": found.files,
        "case": found.case,
        "archive": found.archive,
        "sha256": found.digest,
    }
    whole = f"all {found.files} files of the report on case {found.case} are as they were made"
    told = f", as audit row {row} says" if row is not None else ""
    lines = [*(found.problems or [whole]), f"SHA-256 of its list: {found.digest}{told}"]
    show(document, as_json, lines)
    if not found.ok:
        note(f"retrace: {len(found.problems)} problems, the first: {found.problems[0]}")
        raise SystemExit(1)


def _audit_row(ctx: click.Context, found: "ReportCheck") -> int | None:
    """Return the audit row in which the report was recorded, None where it is not, or the archive is not here."""
    from index.access.audit import entries_about
    from index.access.permissions import local_person

    if not _is_from(ctx, found):
        return None
    made = entries_about(archive_of(ctx), local_person(), ("make report",))
    return next((row.number for row in made if row.detail.get("manifest_sha256") == found.digest), None)


def _is_from(ctx: click.Context, found: "ReportCheck") -> bool:
    """Return whether the archive that the command line names is here, and the one that the report was made from."""
    from index.errors import ArchiveError
    from index.store.archive_file import find, read

    try:
        return read(find(ctx.find_root().obj)).id == found.archive
    except (ArchiveError, OSError):
        return False
