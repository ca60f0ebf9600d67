"""Serve the web page: `retrace serve`."""

import click

from ui.cli.output import archive_of, note


@click.command()
@click.option("--address", default="127.0.0.1", show_default=True, metavar="A", help="Address of this machine.")
@click.option(
    "--port", default=8501, show_default=True, type=click.IntRange(0, 65535), metavar="P", help="0: any free port."
)
@click.pass_context
def serve(ctx: click.Context, address: str, port: int) -> None:
    """Serve the page of the archive, for this machine only, to whoever has the address that is printed.

    Example: retrace --archive town serve --port 8600
    """
    from ui.gate import new_key
    from ui.server import PageAddress, listen, serve_page, url_of

    path = archive_of(ctx).path
    listener, key = listen(PageAddress(address, port)), new_key()
    note(f"the page is at {url_of(listener, key)} (Ctrl-C stops it)")
    serve_page(path, listener, key)
