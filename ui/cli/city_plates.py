"""Score the plates of made cities: `retrace city plates`."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.answer import json_option, note, show

if TYPE_CHECKING:
    from index.simulation.plate_decisions import Decided
    from index.simulation.plate_score import PlateScore


@click.command()
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@json_option
def plates(folders: tuple[Path, ...], as_json: bool) -> None:
    """Score the plates of cities together, each with its archive in DIR/archive, and list what was not read rightly.

    Plates are read from passages in which they got 20 px high or more. Decisions are made about pairs of passages, by
    text and looks as in the search: yes where the ratio is above 1; `error` is the mean of the shares of the same
    plates refused and of the others accepted, by the height of the lower plate.

    Example: retrace city plates town7 town8 --json
    """
    from index.simulation.plate_score import score_plates

    score = score_plates(folders, progress=note)
    show(_document(score), as_json, _lines(score))


def _document(score: "PlateScore") -> dict[str, object]:
    from reid.evaluation.intervals import as_json

    return {
        "passages": score.passages,
        **as_json(exact=score.exact, read=score.read, sure=score.sure),
        "decisions": {band: _decided(one) for band, one in score.decisions.items()},
        "wrong": [asdict(one) for one in score.wrong],
    }


def _decided(decided: "Decided") -> dict[str, object]:
    from reid.evaluation.intervals import as_json

    pairs = {"same": decided.same, "different": decided.different, "compared": decided.compared}
    return {**as_json(error=decided.error), **pairs}


def _lines(score: "PlateScore") -> Iterator[str]:
    for name, figure in (("exact", score.exact), ("read", score.read), ("right where sure", score.sure)):
        yield f"{name:<18}{_number(figure.value)}  of {score.passages} passages with plates of 20 px and more"
    for band, one in score.decisions.items():
        yield f"error, {band:<16}{_number(one.error.value)}  {one.same} same, {one.different} different pairs"
    for wrong in score.wrong:
        read = wrong.read or "nothing"
        yield f"{wrong.city} {wrong.sighting}: {wrong.truth} read as {read} ({wrong.confidence:.2f}), {wrong.state}"


def _number(value: float | None) -> str:
    return "     -" if value is None else f"{value:6.3f}"
