"""Tune the appearance weights to an archive's own footage: `retrace adapt`."""

from typing import TYPE_CHECKING

import click

from ui.cli.answer import archive_of, json_option, note, show
from ui.cli.training import need_torch, say_row

if TYPE_CHECKING:
    from index.adapt import Adapted


@click.command()
@click.option("--steps", default=400, show_default=True, type=click.IntRange(min=1), help="How many batches.")
@click.option("--most", default=1500, show_default=True, type=click.IntRange(min=10), help="Sightings to learn from.")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(min=1), help="Cores for the network.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@json_option
@click.pass_context
def adapt(ctx: click.Context, steps: int, most: int, threads: int, seed: int, as_json: bool) -> None:
    """Tune the appearance weights to the archive's own footage, and use them if they rank better.

    Tracks and plates that were surely read at two cameras tell which pictures show one vehicle; plates, the same moment
    on one camera and impossible drives tell which show two. Some of the plates are kept aside: on their vehicles the
    weights in use and the tuned ones are compared. Better ones embed every picture anew, while questions are answered
    as before, and then take over. Stopped at any time, the same command goes on where it was.

    Example: retrace adapt --threads 2
    """
    need_torch()
    from index.adapt import AdaptOptions, AdaptProgress
    from index.adapt import adapt as adapt_archive
    from index.office.access import local_person

    options = AdaptOptions(steps=steps, most=most, threads=threads, seed=seed)
    progress = AdaptProgress(say_row, lambda count: note(f"{count} sightings embedded anew"))
    show_adapted(adapt_archive(archive_of(ctx), local_person(), options, progress), as_json)


def show_adapted(adapted: "Adapted", as_json: bool) -> None:
    """Print what came of it."""
    from reid.evaluation.intervals import as_json as figures

    found = adapted.comparison
    document = {
        "model": adapted.model,
        "sightings": adapted.sightings,
        "vehicles": adapted.vehicles,
        "embedded": adapted.embedded,
        "held_out": {"vehicles": found.vehicles, "questions": found.questions, "gallery": found.gallery},
        **figures(map_before=found.before, map_after=found.after, map_gain=found.gain),
    }
    show(document, as_json, [_line(adapted)])


def _line(adapted: "Adapted") -> str:
    found = adapted.comparison
    told = f"over {found.vehicles} vehicles kept aside, mAP"
    if found.gain.value is None or found.before.value is None or found.after.value is None:
        return "nothing could be measured, so the weights in use stay"
    figures = f"{told} {found.before.value:.3f} before, {found.after.value:.3f} after"
    if adapted.model is None:
        return f"{figures}: that is too little to trust, so the weights in use stay"
    return f"{figures}: {adapted.model} is in use now"
