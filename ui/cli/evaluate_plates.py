"""Score how well plates are compared: `retrace evaluate plates`, `retrace evaluate plate-pairs`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.answer import FiniteRange, json_option, note, show

if TYPE_CHECKING:
    from reid.evaluation.plate_pairs import Measured
    from reid.evaluation.separation import Told


@click.command()
@click.option("--plates", "count", default=400, show_default=True, type=click.IntRange(min=8), help="Plates a level.")
@click.option("--seed", default=10_000, show_default=True, type=click.IntRange(min=0), help="Of the plates.")
@click.option("--read", is_flag=True, help="Also by reading, and by both.")
@click.option("--located", is_flag=True, help="Where the plate is, the locator says; without, the renderer.")
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="A PNG of the calibration to write.")
@json_option
def plates(count: int, seed: int, read: bool, located: bool, plot: Path | None, as_json: bool) -> None:
    """Compare drawn plates that nobody has seen: with other plates, and with twins of one character.

    A level is the height of the plates in pixels and how badly the camera sees, 0 to 3. Each plate makes 25
    different pairs of each kind.

    Example: retrace evaluate plates --plates 100 --read
    """
    from reid.evaluation.plate_levels import calibration_picture, measure_level
    from reid.evaluation.plate_pairs import LEVELS
    from reid.images import encode_png

    levels = {}
    for height_px, severity in LEVELS:
        levels[f"{height_px}/{severity}"] = measure_level(
            count, (height_px, severity), seed=seed, read=read, located=located
        )
        note(f"{height_px} px, severity {severity} compared")
    if plot is not None:
        plot.write_bytes(encode_png(calibration_picture(levels.values())))
    documents = {name: {one.method: _document(one) for one in level} for name, level in levels.items()}
    lines = [_line(name, one) for name, level in levels.items() for one in level]
    show({"plates": count, "seed": seed, "levels": documents}, as_json, lines)


@click.command("plate-pairs")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--part", type=click.Choice(["all", "train", "validation", "test"]), default="all", show_default=True)
@click.option("--read", is_flag=True, help="By looks and reading together.")
@click.option("--least-px", default=0.0, show_default=True, type=FiniteRange(0.0), help="Leave lower plates out.")
@json_option
def plate_pairs(folder: Path, part: str, read: bool, least_px: float, as_json: bool) -> None:
    """Score a folder of NAME_cam1.jpg and NAME_cam2.jpg by plates alone: each that is located asks all others.

    Example: retrace evaluate plate-pairs pictures
    """
    from reid.evaluation.intervals import as_json as figures
    from reid.evaluation.plate_levels import measure_folder

    score = measure_folder(folder, part=part, read=read, least_px=least_px)
    document = {
        "located": score.located,
        "questions": score.questions,
        "median_height_px": round(score.median_height_px, 1),
        "chance": score.chance,
        **figures(first=score.first, missed=score.missed, accepted=score.accepted, surely=score.surely),
    }
    show(document, as_json, (f"{name:<18} {value}" for name, value in document.items()))


def _document(measured: "Measured") -> dict[str, object]:
    return {"other": _told(measured.other), "twins": _told(measured.twins)}


def _told(told: "Told") -> dict[str, object]:
    from reid.evaluation.intervals import as_json

    return {**as_json(auc=told.auc, tpr=told.tpr, error=told.error), "negatives": told.negatives}


def _line(level: str, measured: "Measured") -> str:
    kinds = (f"{name} {_figures(told)}" for name, told in (("other", measured.other), ("twins", measured.twins)))
    return f"{level:<6} {measured.method:<6} " + "  ".join(kinds)


def _figures(told: "Told") -> str:
    return f"AUC {told.auc.value:.4f} TPR {told.tpr.value:.3f} error {told.error.value:.3f}"
