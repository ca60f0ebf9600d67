"""List, verify and export the audit: `retrace audit`."""

import csv
import json
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cells import safe_cell
from ui.cli.output import archive_of, iso_time, json_option, note, show
from ui.cli.parameters import OutParameter
from ui.cli.written_files import private_file

if TYPE_CHECKING:
    from index.access.audit import Entry

_COLUMNS = ("number", "at", "person", "action", "detail", "reason", "case", "digest")


@click.group()
def audit() -> None:
    """Show who asked what, and why."""


@audit.command("list")
@click.option("--newest", type=click.IntRange(min=1), help="Only this many of the newest rows.")
@json_option
@click.pass_context
def list_entries(ctx: click.Context, newest: int | None, as_json: bool) -> None:
    """List the rows, the oldest first.

    Example: retrace audit list --newest 20
    """
    from index.access.audit import check, entries
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    rows = [_document(entry) for entry in entries(archive, local_person(), newest=newest)]
    chain = check(archive, local_person())
    document = {"ok": chain.ok, "rows": chain.rows, "broken_at": chain.broken_at, "entries": rows}
    show(document, as_json, [_line(row) for row in rows] or ["nobody has asked anything yet"])


@audit.command("verify")
@json_option
@click.pass_context
def verify_chain(ctx: click.Context, as_json: bool) -> None:
    """Check that no row was changed, removed or cut off.

    Keep the printed head elsewhere: it proves later that the rows up to then are unchanged.

    Example: retrace audit verify
    """
    from index.access.audit import check
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    chain = check(archive, local_person())
    line = f"{chain.rows} rows, head {chain.head}" if chain.ok else f"the chain is broken at row {chain.broken_at}"
    document = {
        "ok": chain.ok,
        "rows": chain.rows,
        "broken_at": chain.broken_at,
        "head": chain.head,
        "back_at": list(chain.back_at),
    }
    for number in chain.back_at:
        note(f"row {number} is dated before row {number - 1}: was the clock set back?")
    show(document, as_json, [line])
    if not chain.ok:
        note(f"retrace: {line}: compare with a backup to see who changed what")
        raise SystemExit(1)


@audit.command("export")
@click.option("--out", type=OutParameter(dir_okay=False), required=True, help="A CSV file to write.")
@json_option
@click.pass_context
def export(ctx: click.Context, out: Path, as_json: bool) -> None:
    """Write all rows to a CSV file.

    Example: retrace audit export --out audit.csv
    """
    from index.access.audit import check, entries
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    with private_file(out) as file, TextIOWrapper(file, encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, _COLUMNS)
        writer.writeheader()
        for entry in entries(archive, local_person()):
            row = {**_document(entry), "detail": json.dumps(dict(entry.detail), sort_keys=True)}
            writer.writerow({name: safe_cell(value) for name, value in row.items()})
    chain = check(archive, local_person())
    document = {"ok": chain.ok, "rows": chain.rows, "broken_at": chain.broken_at, "file": str(out)}
    show(document, as_json, [f"wrote {chain.rows} rows to {out}"])


def _document(entry: "Entry") -> dict[str, object]:
    document: dict[str, object] = {name: getattr(entry, name) for name in _COLUMNS}
    return document | {"at": iso_time(entry.at)}


def _line(row: Mapping[str, object]) -> str:
    why = " ".join(f"{name}: {' '.join(str(row[name]).split())}" for name in ("case", "reason") if row[name])
    return f"{row['number']:>6}  {row['at']}  {row['person']}  {row['action']}  {why}".rstrip()
