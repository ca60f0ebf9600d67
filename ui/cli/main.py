"""Start the command line: load only the file of the command asked for, and turn any error into one line."""

import errno
import importlib
import os
import sys
from difflib import get_close_matches
from pathlib import Path

import click

from ui.cells import plain
from ui.cli.parameters import PathParameter

COMMANDS = {
    "demo": ("ui.cli.demo:demo", "Make a city, ingest it, ask two questions, open the page."),
    "city": ("ui.cli.city:city", "Make simulated cities, and score what was found in them."),
    "init": ("ui.cli.archive:init", "Make an empty archive."),
    "roads": ("ui.cli.roads:roads", "Import the road map; ask what can be reached."),
    "cameras": ("ui.cli.cameras:cameras", "Import, list and move cameras."),
    "ingest": ("ui.cli.ingest:ingest", "Turn footage into sightings."),
    "import": ("ui.cli.import_sightings:import_", "Import sightings of other systems."),
    "footage": ("ui.cli.footage:footage", "List, move and remove footage."),
    "detect": ("ui.cli.detect:detect", "Detect and track the vehicles of a video or image."),
    "embed": ("ui.cli.embed:embed", "Embed vehicle pictures as unit vectors."),
    "plates": ("ui.cli.plates:plates", "Read, compare and find number plates."),
    "search": ("ui.cli.search:search", "Where else was this vehicle seen?"),
    "sightings": ("ui.cli.sightings:sightings", "List and show the sightings of the archive."),
    "case": ("ui.cli.case:case", "Open, list, show and close cases."),
    "mark": ("ui.cli.case:mark", "Mark a sighting of a case yes, no or unsure."),
    "report": ("ui.cli.report:report", "Write what is known of a case into a folder, or check one."),
    "user": ("ui.cli.user:user", "Add, list and remove people, and change their roles."),
    "models": ("ui.cli.models:models", "List, verify, download and add weights."),
    "evaluate": ("ui.cli.evaluate:evaluate", "Score weights on pictures with known answers."),
    "train": ("ui.cli.train:train", "Train weights on rendered and real pictures."),
    "adapt": ("ui.cli.adapt:adapt", "Tune the appearance weights to the archive's own footage."),
    "verify": ("ui.cli.archive:verify", "Is the archive whole?"),
    "reembed": ("ui.cli.archive:reembed", "Move the archive to other weights."),
    "rebuild": ("ui.cli.archive:rebuild", "Make the derived files again."),
    "backup": ("ui.cli.archive:backup", "Copy the archive while it is in use."),
    "purge": ("ui.cli.archive:purge", "Delete old sightings for good."),
    "audit": ("ui.cli.audit:audit", "Who asked what, and why."),
    "serve": ("ui.cli.serve:serve", "Open the page."),
}
"""Command name -> (module:function, one line of help); a module is loaded only when its command is run."""


_OS_ERRORS = {
    errno.ENOSPC: "the disk is full: free some space and run the same command again, nothing finished is lost",
    errno.EDQUOT: "the disk quota is used up: free some space and run the same command again, nothing finished is lost",
    errno.EROFS: "the disk is read-only: choose another folder or remount it",
}


class LazyCommands(click.Group):
    """A group that lists its commands without importing them, and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command asked for."""
        if cmd_name not in COMMANDS:
            return None
        module, function = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for one that does not exist, name those that are spelled alike."""
        name = args[0]
        if name in COMMANDS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        near = get_close_matches(name, COMMANDS, n=2, cutoff=0.66)
        hint = f"did you mean {' or '.join(near)}?" if near else "retrace --help lists the commands"
        raise click.UsageError(f"there is no command {name!r}: {hint}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in COMMANDS.items()])


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--archive",
    type=PathParameter(),
    default=Path("archive"),
    envvar="RETRACE_ARCHIVE",
    show_default=True,
    help="The archive: its folder, or a file that names its database.",
)
@click.version_option(package_name="retrace")
@click.pass_context
def retrace(ctx: click.Context, archive: Path) -> None:
    """Find where a vehicle went: one picture, a place and a time in; ranked sightings and a route out."""
    ctx.obj = archive


def main() -> None:
    """Run the command line; exit 0 when done, 1 when it could not be done, 2 for wrong usage."""
    try:
        exit_code = retrace(standalone_mode=False)
    except click.exceptions.Abort:
        _leave("stopped", 130)
    except click.UsageError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _leave(error.format_message(), error.exit_code)
    except KeyboardInterrupt:
        _leave("stopped; what was finished is kept, run the same command again to go on", 130)
    except Exception as error:
        if os.environ.get("RETRACE_DEBUG"):
            raise
        _leave(_one_line(error), 1)
    sys.exit(exit_code if isinstance(exit_code, int) else 0)


def _one_line(error: Exception) -> str:
    """Return what went wrong and what to do next, in one line."""
    from index.errors import ArchiveError
    from reid.errors import SeeingError
    from roadgraph.errors import RoadError

    text = " ".join(str(error).split())
    if isinstance(error, (ArchiveError, SeeingError, RoadError)):
        return text
    if isinstance(error, UnicodeEncodeError):
        return f"{error.object[:80]!a} is not text in UTF-8: write or rename it in UTF-8"
    if isinstance(error, OSError):
        return _os_error_line(error)
    return f"internal error, please report it ({type(error).__name__}: {text}); RETRACE_DEBUG=1 shows where"


def _os_error_line(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    known = _OS_ERRORS.get(error.errno or 0)
    if known:
        return f"{where}{known}"
    if isinstance(error, FileNotFoundError):
        return f"{where}there is no such file or folder: check the path"
    if isinstance(error, PermissionError):
        return f"{where}not allowed: check who owns it"
    if isinstance(error, IsADirectoryError):
        return f"{where}this is a folder: name a file"
    if isinstance(error, NotADirectoryError):
        return f"{where}a part of this path is a file, not a folder: check the path"
    return f"{where}{error.strerror or error}"


def _leave(line: str, exit_code: int) -> None:
    click.echo(f"retrace: {plain(line)}", err=True)
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
