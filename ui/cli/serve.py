"""Command that opens the page."""

import click

from ui.cli.answer import archive_of, note


@click.command()
@click.option("--address", default="127.0.0.1", show_default=True, metavar="A", help="Address of this machine.")
@click.option(
    "--port", default=8501, show_default=True, type=click.IntRange(0, 65535), metavar="P", help="0: any free."
)
@click.pass_context
def serve(ctx: click.Context, address: str, port: int) -> None:
    """Open the page on the archive, for this machine alone.

    Example: retrace --archive town serve --port 8600
    """
    from ui.server import Door, open_door, serve_page, url_of

    path = archive_of(ctx).path
    listener = open_door(Door(address, port))
    note(f"the page is at {url_of(listener)} (Ctrl-C stops it)")
    serve_page(path, listener)
