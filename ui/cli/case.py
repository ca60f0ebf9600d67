"""Open, list, show and close cases, mark sightings and write notes: `retrace case`, `retrace mark`."""

from typing import TYPE_CHECKING

import click

from ui.cli.output import archive_of, json_option, show

if TYPE_CHECKING:
    from index.store.catalogue.cases import Case, Mark, Note

_VERDICTS = click.Choice(["yes", "no", "unsure"])


@click.group()
def case() -> None:
    """Open, list, show and close cases."""


@case.command("new")
@click.argument("number")
@click.option("--title", default="", help="What the case is about.")
@json_option
@click.pass_context
def new(ctx: click.Context, number: str, title: str, as_json: bool) -> None:
    """Open a case with a number of your choice.

    Example: retrace case new 2026-117 --title "Hit and run, Station Road"
    """
    from index.access.cases import open_case
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    made = open_case(archive, local_person(), number, title)
    show({"case": _document(made)}, as_json, [f"opened case {made.id}"])


@case.command("list")
@json_option
@click.pass_context
def list_cases(ctx: click.Context, as_json: bool) -> None:
    """List all cases, the newest first.

    Example: retrace case list
    """
    from index.access.cases import list_cases as find_cases
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    found = find_cases(archive, local_person())
    show({"cases": [_document(case) for case in found]}, as_json, [_line(case) for case in found] or ["no cases yet"])


@case.command("show")
@click.argument("number")
@json_option
@click.pass_context
def show_case(ctx: click.Context, number: str, as_json: bool) -> None:
    """Show a case, the marks on its sightings, and its notes.

    Example: retrace case show 2026-117
    """
    from index.access.cases import read_case
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    file = read_case(archive, local_person(), number)
    lines = [_line(file.case), *(_mark_line(mark, file.overruled.get(mark.sighting)) for mark in file.marks)]
    lines += [_note_line(note) for note in file.notes]
    document = {
        "case": _document(file.case),
        "marks": [_mark_document(mark, file.overruled.get(mark.sighting)) for mark in file.marks],
        "notes": [_note_document(note) for note in file.notes],
    }
    show(document, as_json, lines)


@case.command("close")
@click.argument("number")
@json_option
@click.pass_context
def close(ctx: click.Context, number: str, as_json: bool) -> None:
    """Close a case; it can still be read.

    Example: retrace case close 2026-117
    """
    from index.access.cases import close_case
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    closed = close_case(archive, local_person(), number)
    show({"case": _document(closed)}, as_json, [f"closed case {closed.id}"])


@case.command("note")
@click.argument("number")
@click.argument("text")
@click.option("--sighting", metavar="ID", help="The sighting that the note is about; the whole case if not given.")
@json_option
@click.pass_context
def write_note(ctx: click.Context, number: str, text: str, sighting: str | None, as_json: bool) -> None:
    """Write a note into a case; it stays as it is, a later note may correct it.

    Example: retrace case note 2026-117 "Left rear lamp broken, as the witness said" --sighting 4f1c09ab
    """
    from index.access.cases import write_note as write
    from index.access.permissions import local_person

    written = write(archive_of(ctx), local_person(), number, text, sighting=sighting)
    show({"note": _note_document(written)}, as_json, [f"noted in case {written.case}"])


@case.command("show-others")
@click.argument("number")
@click.option("--reason", required=True, help="Why reports may show them; the report prints it.")
@json_option
@click.pass_context
def show_others(ctx: click.Context, number: str, reason: str, as_json: bool) -> None:
    """Let the reports of a case show plates and faces of others.

    Example: retrace case show-others 2026-117 --reason "Court order 12/26 of 4 May"
    """
    _set_others(ctx, number, reason, as_json)


@case.command("cover-others")
@click.argument("number")
@json_option
@click.pass_context
def cover_others(ctx: click.Context, number: str, as_json: bool) -> None:
    """Cover plates and faces of others in the reports of a case, as is usual.

    Example: retrace case cover-others 2026-117
    """
    _set_others(ctx, number, None, as_json)


@click.command()
@click.argument("case_number", metavar="CASE")
@click.argument("sighting")
@click.argument("verdict", type=_VERDICTS)
@json_option
@click.pass_context
def mark(ctx: click.Context, case_number: str, sighting: str, verdict: str, as_json: bool) -> None:
    """Mark a sighting of a case yes, no or unsure; the latest mark counts.

    Example: retrace mark 2026-117 4f1c09ab yes
    """
    from index.access.cases import mark_sighting
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    marked = mark_sighting(archive, local_person(), case_number, sighting, verdict)
    show({"mark": _mark_document(marked)}, as_json, [f"{marked.sighting} of case {marked.case}: {marked.verdict}"])


def _set_others(ctx: click.Context, number: str, reason: str | None, as_json: bool) -> None:
    from index.access.cases import show_others as change
    from index.access.permissions import local_person

    changed = change(archive_of(ctx), local_person(), number, reason)
    done = "cover" if changed.show_others is None else "show"
    show({"case": _document(changed)}, as_json, [f"reports of case {changed.id} {done} plates and faces of others"])


def _document(case: "Case") -> dict[str, object]:
    return {
        "id": case.id,
        "title": case.title,
        "opened_by": case.opened_by,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "show_others": case.show_others,
    }


def _mark_document(mark: "Mark", overruled: "Mark | None" = None) -> dict[str, object]:
    return {
        "case": mark.case,
        "sighting": mark.sighting,
        "verdict": mark.verdict,
        "person": mark.person,
        "marked_at": mark.marked_at,
        "overruled": None if overruled is None else {"verdict": overruled.verdict, "person": overruled.person},
    }


def _mark_line(mark: "Mark", overruled: "Mark | None") -> str:
    before = "" if overruled is None else f", {overruled.person} said {overruled.verdict} before"
    return f"  {mark.verdict:<6}  {mark.sighting}  {mark.person}{before}"


def _note_document(note: "Note") -> dict[str, object]:
    return {
        "case": note.case,
        "sighting": note.sighting,
        "text": note.text,
        "person": note.person,
        "written_at": note.written_at,
    }


def _note_line(note: "Note") -> str:
    about = f" on {note.sighting}" if note.sighting else ""
    return f"  note{about}, {note.person}: {' '.join(note.text.split())}"


def _line(case: "Case") -> str:
    state = "open" if case.closed_at is None else f"closed {case.closed_at:%Y-%m-%d}"
    return f"{case.id}  {case.opened_at:%Y-%m-%d}  {state}  {' '.join(case.title.split())}".rstrip()
