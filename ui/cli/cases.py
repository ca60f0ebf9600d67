"""Commands for cases, and for what people say to the sightings in them."""

from typing import TYPE_CHECKING

import click

from ui.cli.answer import archive_of, json_option, show

if TYPE_CHECKING:
    from index.catalogue.cases import Case, Mark

_VERDICTS = click.Choice(["yes", "no", "unsure"])


@click.group()
def case() -> None:
    """Open, list, show and close cases."""


@case.command("new")
@click.argument("number")
@click.option("--title", default="", help="What it is about.")
@json_option
@click.pass_context
def new(ctx: click.Context, number: str, title: str, as_json: bool) -> None:
    """Open a case under a number of your own.

    Example: retrace case new 2026-117 --title "Hit and run, Station Road"
    """
    from index.office.access import local_person
    from index.office.casework import open_case

    archive = archive_of(ctx)
    made = open_case(archive, local_person(), number, title)
    show({"case": _document(made)}, as_json, [f"opened case {made.id}"])


@case.command("list")
@json_option
@click.pass_context
def list_cases(ctx: click.Context, as_json: bool) -> None:
    """Show every case, the newest first.

    Example: retrace case list
    """
    from index.office.access import local_person
    from index.office.casework import list_cases as find_cases

    archive = archive_of(ctx)
    found = find_cases(archive, local_person())
    show({"cases": [_document(one) for one in found]}, as_json, [_line(one) for one in found] or ["no cases yet"])


@case.command("show")
@click.argument("number")
@json_option
@click.pass_context
def show_case(ctx: click.Context, number: str, as_json: bool) -> None:
    """Show a case and what was said to its sightings.

    Example: retrace case show 2026-117
    """
    from index.office.access import local_person
    from index.office.casework import read_case

    archive = archive_of(ctx)
    file = read_case(archive, local_person(), number)
    lines = [_line(file.case), *(f"  {said.verdict:<6}  {said.sighting}  {said.person}" for said in file.marks)]
    show({"case": _document(file.case), "marks": [_mark_document(said) for said in file.marks]}, as_json, lines)


@case.command("close")
@click.argument("number")
@json_option
@click.pass_context
def close(ctx: click.Context, number: str, as_json: bool) -> None:
    """Close a case; it can still be read.

    Example: retrace case close 2026-117
    """
    from index.office.access import local_person
    from index.office.casework import close_case

    archive = archive_of(ctx)
    closed = close_case(archive, local_person(), number)
    show({"case": _document(closed)}, as_json, [f"closed case {closed.id}"])


@click.command()
@click.argument("case_number", metavar="CASE")
@click.argument("sighting")
@click.argument("verdict", type=_VERDICTS)
@json_option
@click.pass_context
def mark(ctx: click.Context, case_number: str, sighting: str, verdict: str, as_json: bool) -> None:
    """Say yes, no or unsure to a sighting of a case; the last word counts.

    Example: retrace mark 2026-117 4f1c09ab yes
    """
    from index.office.access import local_person
    from index.office.casework import mark_sighting

    archive = archive_of(ctx)
    said = mark_sighting(archive, local_person(), case_number, sighting, verdict)
    show({"mark": _mark_document(said)}, as_json, [f"{said.sighting} of case {said.case}: {said.verdict}"])


def _document(one: "Case") -> dict[str, object]:
    return {
        "id": one.id,
        "title": one.title,
        "opened_by": one.opened_by,
        "opened_at": one.opened_at,
        "closed_at": one.closed_at,
    }


def _mark_document(said: "Mark") -> dict[str, object]:
    return {
        "case": said.case,
        "sighting": said.sighting,
        "verdict": said.verdict,
        "person": said.person,
        "marked_at": said.marked_at,
    }


def _line(one: "Case") -> str:
    state = "open" if one.closed_at is None else f"closed {one.closed_at:%Y-%m-%d}"
    return f"{one.id}  {one.opened_at:%Y-%m-%d}  {state}  {one.title}".rstrip()
