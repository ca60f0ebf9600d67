"""Command that shows a newcomer the whole path on a small made city."""

from pathlib import Path

import click

from ui.cli.answer import json_option, note, show


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Where the city and its archive are made, or were made by an earlier run.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same seed gives the same city."
)
@click.option("--no-serve", is_flag=True, help="Do not open the page at the end.")
@json_option
def demo(folder: Path, seed: int, no_serve: bool, as_json: bool) -> None:
    """Make a city, ingest its footage, ask one question, lay the truth beside the answer, open the page.

    With --json the page stays shut. Example: retrace demo --seed 2 --dir demo2
    """
    from ui.demo import DemoOptions, demo_city, run_demo
    from ui.tour import demo_document, demo_lines

    options = DemoOptions(folder, demo_city(seed))
    done = run_demo(options, note)
    show(demo_document(done), as_json, demo_lines(done))
    if not (no_serve or as_json):
        _open_page(options.archive)


def _open_page(archive: Path) -> None:
    from ui.server import open_some_door, serve_page, url_of

    listener = open_some_door()
    note(f"\nask it yourself: {url_of(listener)} (Ctrl-C stops it)")
    serve_page(archive, listener)
