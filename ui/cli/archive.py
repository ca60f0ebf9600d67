"""Look after an archive: `retrace init`, `verify`, `rebuild`, `reembed`, `backup`, `purge`."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from ui.cli.output import archive_of, json_option, note, show
from ui.cli.parameters import TIME, PathParameter


@click.command()
@click.option("--database", metavar="URL", help="A PostgreSQL database instead of SQLite inside the archive.")
@click.option("--vectors", metavar="URL", help="A vector store instead of files inside the archive.")
@json_option
@click.pass_context
def init(ctx: click.Context, database: str | None, vectors: str | None, as_json: bool) -> None:
    """Make an empty archive.

    Example: retrace --archive town init
    """
    from index.store.archive import Archive

    path: Path = ctx.find_root().obj
    with Archive.create(path, database, vectors) as archive:
        show({"archive": str(archive.path)}, as_json, [f"made an empty archive in {archive.path}"])


@click.command()
@json_option
@click.pass_context
def verify(ctx: click.Context, as_json: bool) -> None:
    """Check the database, the audit chain, every picture and every vector.

    Example: retrace verify
    """
    from index.upkeep.rebuild import unnamed_bytes
    from index.upkeep.verify import verify as verify_archive

    archive = archive_of(ctx)
    problems = verify_archive(archive)
    unnamed = unnamed_bytes(archive)
    lines = problems or ["the archive is whole"]
    if unnamed:
        lines = [*lines, f"{unnamed} bytes of pictures that no sighting names: retrace rebuild deletes them"]
    show({"ok": not problems, "problems": problems, "unnamed_bytes": unnamed}, as_json, lines)
    _exit_if_broken(problems)


@click.command()
@click.option("--new-key", is_flag=True, help="After digest.key was lost: make all digests anew with a new key.")
@json_option
@click.pass_context
def rebuild(ctx: click.Context, new_key: bool, as_json: bool) -> None:
    """Make the vector files again from the catalogue, and delete pictures that no sighting refers to.

    Example: retrace rebuild
    """
    from index.access.permissions import local_person
    from index.upkeep.new_key import renew_key
    from index.upkeep.rebuild import rebuild as rebuild_archive
    from index.upkeep.verify import verify as verify_archive

    archive = archive_of(ctx)
    if new_key:
        renew_key(archive, local_person())
    freed = rebuild_archive(archive)
    problems = verify_archive(archive)
    lines = [f"made the derived files again, {freed / 1e6:.1f} MB swept", *problems]
    show({"ok": not problems, "problems": problems, "freed_bytes": freed}, as_json, lines)
    _exit_if_broken(problems)


@click.command()
@click.option("--weights", default="appearance", show_default=True, help="As named by `retrace models list`.")
@json_option
@click.pass_context
def reembed(ctx: click.Context, weights: str, as_json: bool) -> None:
    """Move the archive to other weights: embed every picture anew, and then answer questions with the new vectors.

    Searches and ingest go on with the old weights until all is done. Stopped at any time, the same command goes on
    where it was.

    Example: retrace reembed --weights appearance
    """
    from index.access.permissions import local_person
    from index.learning.reembedding import reembed as reembed_archive
    from reid.appearance.embedders import make_embedder

    embedder = make_embedder(weights)
    archive = archive_of(ctx)
    done = reembed_archive(archive, local_person(), embedder, lambda count: note(f"{count} sightings embedded anew"))
    lines = [f"{embedder.model_id} is in use now; {done} sightings were embedded anew"]
    show({"model": embedder.model_id, "sightings": done}, as_json, lines)


@click.command()
@click.argument("folder", type=PathParameter())
@json_option
@click.pass_context
def backup(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Copy the archive to a new folder while it is in use.

    Example: retrace backup /media/disk/town-2026-05-04
    """
    from index.access.permissions import local_person
    from index.upkeep.backup import back_up

    archive = archive_of(ctx)
    problems = back_up(archive, folder, local_person())
    lines = problems or [f"copied to {folder}, and the copy is whole"]
    show({"ok": not problems, "problems": problems, "backup": str(folder)}, as_json, lines)
    _exit_if_broken(problems)


@click.command()
@click.option("--before", type=TIME, required=True, help="Delete what the cameras saw before this time.")
@click.option("--refuse", is_flag=True, help="Keep the hashes of what is deleted, and refuse it if it comes again.")
@json_option
@click.pass_context
def purge(ctx: click.Context, before: datetime, refuse: bool, as_json: bool) -> None:
    """Delete old sightings for good: rows, pictures and vectors. Sightings that a case marked are kept.

    With --refuse, the same files and imports bring nothing of it back; `retrace footage allow` undoes that for a file.

    Example: retrace purge --before 2026-04-04T00:00:00+02:00
    """
    from index.access.permissions import local_person
    from index.upkeep.retention import purge as purge_archive
    from index.upkeep.verify import verify as verify_archive
    from ui.scratch import remove_abandoned

    archive = archive_of(ctx)
    remove_abandoned()
    purged = purge_archive(archive, before, local_person(), refuse=refuse)
    for path in purged.pending:
        note(f"{path} is not analysed to its end: what it gives comes after this purge; purge again then")
    problems = verify_archive(archive)
    document = {
        "ok": not problems,
        "problems": problems,
        "sightings": purged.sightings,
        "kept": purged.kept,
        "freed_bytes": purged.freed_bytes,
        "pending": list(purged.pending),
    }
    forgot = f"forgot {purged.sightings} sightings, kept {purged.kept} that cases marked"
    show(document, as_json, [f"{forgot}; {purged.freed_bytes / 1e6:.1f} MB freed", *problems])
    _exit_if_broken(problems)


def _exit_if_broken(problems: Sequence[str]) -> None:
    if problems:
        note(f"retrace: {len(problems)} problems, the first: {problems[0]}")
        raise SystemExit(1)
