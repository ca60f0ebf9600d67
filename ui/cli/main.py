"""Start the command line: find the command asked for, load only its file, turn errors into one line."""

import importlib
import os
import sys
from pathlib import Path

import click

COMMANDS = {
    "demo": ("ui.cli.demo:demo", "Make a city, ingest it, ask one question, open the page."),
    "city": ("ui.cli.city:city", "Simulated traffic filmed by simulated cameras, and its truth."),
    "init": ("ui.cli.archive:init", "Make an empty archive."),
    "roads": ("ui.cli.roads:roads", "Import the road map; ask what can be reached."),
    "cameras": ("ui.cli.cameras:cameras", "Import, list and move cameras."),
    "ingest": ("ui.cli.ingest:ingest", "Turn footage into sightings."),
    "import": ("ui.cli.import_sightings:import_", "Take in what other systems saw."),
    "footage": ("ui.cli.footage:footage", "List, move and remove footage."),
    "detect": ("ui.cli.detect:detect", "Boxes and tracks of one video or image."),
    "embed": ("ui.cli.embed:embed", "Unit vectors of vehicle crops."),
    "plates": ("ui.cli.plates:plates", "Read, compare and find number plates."),
    "search": ("ui.cli.search:search", "Where else was this vehicle seen?"),
    "sightings": ("ui.cli.sightings:sightings", "What is in the archive."),
    "case": ("ui.cli.cases:case", "Open, list, show and close cases."),
    "mark": ("ui.cli.cases:mark", "Say yes, no or unsure to a sighting of a case."),
    "user": ("ui.cli.people:user", "Add, list and remove people, and their roles."),
    "models": ("ui.cli.models:models", "Weights with licence and SHA-256."),
    "evaluate": ("ui.cli.evaluate:evaluate", "Score weights on pictures with known answers."),
    "train": ("ui.cli.train:train", "Train weights on rendered and real pictures."),
    "adapt": ("ui.cli.adapt:adapt", "Tune the appearance weights to the archive's own footage."),
    "verify": ("ui.cli.archive:verify", "Is the archive whole?"),
    "rebuild": ("ui.cli.archive:rebuild", "Make the derived files again."),
    "backup": ("ui.cli.archive:backup", "Copy the archive while it is in use."),
    "purge": ("ui.cli.archive:purge", "Forget for good what is older than it may be."),
    "audit": ("ui.cli.audit:audit", "Who asked what, and why."),
    "serve": ("ui.cli.serve:serve", "Open the page."),
}
"""Command name -> (module:function, one line of help); loaded only when asked for, so that --help is quick."""


class LazyCommands(click.Group):
    """A group that knows its commands by name and help, and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command asked for."""
        if cmd_name not in COMMANDS:
            return None
        module, function = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in COMMANDS.items()])


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--archive",
    type=click.Path(path_type=Path),
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
    """Run the command line and leave with the exit code of the contract."""
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
    """Say what went wrong and what to do, without a traceback."""
    from ui.cli.failures import explain

    return explain(error)


def _leave(line: str, exit_code: int) -> None:
    click.echo(f"retrace: {line}", err=True)
    sys.exit(exit_code)
