"""Tune the appearance weights to an archive's own footage: `retrace adapt`."""

from typing import TYPE_CHECKING

import click

from ui.cli.output import archive_of, json_option, note, show
from ui.cli.training_options import need_torch, note_row

if TYPE_CHECKING:
    from index.learning.adapting import AdaptResult


@click.command()
@click.option("--steps", default=400, show_default=True, type=click.IntRange(min=1), help="How many batches.")
@click.option("--most", default=1500, show_default=True, type=click.IntRange(min=10), help="Sightings to learn from.")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(min=1), help="Cores for the network.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@json_option
@click.pass_context
def adapt(ctx: click.Context, steps: int, most: int, threads: int, seed: int, as_json: bool) -> None:
    """Tune the appearance weights to the archive's own footage, and use them if they rank better.

    Tracks, and plates read with confidence at two cameras, give pairs of pictures of the same vehicle; different
    plates, the same moment on one camera and impossible drives give pairs of different vehicles. Some of the plates are
    held out: the weights in use and the tuned ones are compared on their vehicles. Better weights embed every picture
    again, and then replace the old ones; searches work meanwhile. Stopped at any time, the same command goes on where
    it was.

    Example: retrace adapt --threads 2
    """
    need_torch()
    from index.access.permissions import local_person
    from index.learning.adapting import AdaptOptions, AdaptProgress
    from index.learning.adapting import adapt as adapt_archive

    options = AdaptOptions(steps=steps, most=most, threads=threads, seed=seed)
    progress = AdaptProgress(note_row, lambda count: note(f"{count} sightings embedded anew"))
    show_adapted(adapt_archive(archive_of(ctx), local_person(), options, progress), as_json)


def show_adapted(adapted: "AdaptResult", as_json: bool) -> None:
    """Print the comparison, and which weights are in use now."""
    from reid.evaluation.intervals import as_json as figures

    comparison = adapted.comparison
    document = {
        "model": adapted.model,
        "sightings": adapted.sightings,
        "vehicles": adapted.vehicles,
        "embedded": adapted.embedded,
        "held_out": {
            "vehicles": comparison.vehicles,
            "questions": comparison.questions,
            "gallery": comparison.gallery,
        },
        **figures(map_before=comparison.before, map_after=comparison.after, map_gain=comparison.gain),
    }
    show(document, as_json, [_line(adapted)])


def _line(adapted: "AdaptResult") -> str:
    comparison = adapted.comparison
    before, after, gain = comparison.before.value, comparison.after.value, comparison.gain.value
    if gain is None or before is None or after is None:
        return "nothing could be measured, so the weights in use stay"
    figures = f"over {comparison.vehicles} vehicles kept aside, mAP {before:.3f} before, {after:.3f} after"
    if adapted.model is None:
        return f"{figures}: that is too little to trust, so the weights in use stay"
    if gain == 0:
        return f"{adapted.model} is in use already, by an earlier run that was stopped after it put them to use"
    return f"{figures}: {adapted.model} is in use now"
