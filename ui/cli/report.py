"""Make the report of a case, or check one: `retrace report`."""

from pathlib import Path

import click

from ui.cli.output import archive_of, json_option, note, show


@click.command()
@click.argument("case_number", metavar="CASE", required=False)
@click.option("--out", type=click.Path(path_type=Path), help="A new folder, or a new file that ends in .zip.")
@click.option(
    "--question", type=click.IntRange(min=1), help="The audit row of the question; the last one if not given."
)
@click.option("--zone", help="The zone of the times: Europe/Vienna, +02:00 or Z; this machine's if not given.")
@click.option("--no-clips", is_flag=True, help="Leave the clips out.")
@click.option("--verify", "check", type=click.Path(path_type=Path), help="Check this report; needs no archive.")
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
        _verify(check, digest, as_json)
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


def _verify(path: Path, digest: str | None, as_json: bool) -> None:
    from ui.report.verify import verify_report

    found = verify_report(path, digest=digest)
    document = {
        "ok": found.ok,
        "problems": list(found.problems),
        "files": found.files,
        "case": found.case,
        "archive": found.archive,
        "sha256": found.digest,
    }
    whole = f"all {found.files} files of the report on case {found.case} are as they were made"
    lines = [*(found.problems or [whole]), f"SHA-256 of its list: {found.digest}"]
    show(document, as_json, lines)
    if not found.ok:
        note(f"retrace: {len(found.problems)} problems, the first: {found.problems[0]}")
        raise SystemExit(1)
