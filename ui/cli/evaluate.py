"""Score weights on pictures and plates with known answers: `retrace evaluate`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.cli.output import json_option, note, show
from ui.cli.parameters import FiniteRange, OutParameter, PathParameter

if TYPE_CHECKING:
    from reid.appearance.embedders import Embedder
    from reid.evaluation.plate_pairs import MethodScore, Separation

_FOLDER = PathParameter(exists=True, file_okay=False)
_weights = click.option("--weights", default="appearance", show_default=True, help="Which weights; see `models list`.")


@click.group()
def evaluate() -> None:
    """Score weights on pictures with known answers."""


@evaluate.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@_weights
@click.option("--part", type=click.Choice(["all", "train", "validation", "test"]), default="all", show_default=True)
@click.option(
    "--against", metavar="NAME", help="Also score these weights on the same questions, and the gain with its interval."
)
@json_option
def pairs(folder: Path, weights: str, part: str, against: str | None, as_json: bool) -> None:
    """Score a folder of NAME_cam1.jpg and NAME_cam2.jpg: camera 2 asks, camera 1 is searched.

    Vehicles on two and on four wheels are also searched separately. The SHA-256 of a vehicle's name decides its part;
    the packaged weights may have seen the train and validation parts, but not the test part.

    Example: retrace evaluate pairs pictures --part test --against histogram
    """
    from reid.appearance.embedders import make_embedder
    from reid.errors import SeeingError
    from reid.evaluation.pairs import evaluate_pairs, pair_files

    chosen = [pair for pair in pair_files(folder) if part in ("all", pair.part)]
    if not chosen:
        raise SeeingError(f"no vehicle of {folder} is in the part {part!r}: choose another --part")
    scores = evaluate_pairs(chosen, make_embedder(weights), make_embedder(against) if against else None)
    groups = {name: score for name, score in scores.items() if name != "all"}
    lines = [_line(name, score) for name, score in scores.items()]
    show({"weights": weights, "part": part, **scores["all"], "groups": groups}, as_json, lines)


@evaluate.command()
@_weights
@click.option("--cache", type=PathParameter(file_okay=False), required=True, help="Rendered pictures.")
@json_option
def rendered(weights: str, cache: Path, as_json: bool) -> None:
    """Score 160 rendered vehicles whose models and cameras no training saw.

    Example: retrace evaluate rendered --cache pictures --weights appearance
    """
    from reid.appearance.embedders import make_embedder
    from reid.training.appearance.rendered import PUBLISHED, rendered_crops, score_rendered

    embedder = make_embedder(weights)
    crops = rendered_crops(PUBLISHED, cache, lambda done, count: note(f"{done} of {count} models rendered"))
    scores = score_rendered(crops, embedder)
    lines = [f"{name}: {value}" for name, value in scores.items()]
    show({"weights": weights, "seed": PUBLISHED.seed, **scores}, as_json, lines)


@evaluate.command()
@click.argument("root", type=_FOLDER)
@_weights
@json_option
def veri(root: Path, weights: str, as_json: bool) -> None:
    """Score VeRi-776; ROOT holds image_query and image_test.

    Example: retrace evaluate veri VeRi --weights appearance
    """
    from reid.evaluation.benchmarks import evaluate_veri

    _run(evaluate_veri, root, weights, as_json)


@evaluate.command()
@click.argument("root", type=_FOLDER)
@_weights
@click.option("--size", type=click.Choice(["800", "1600", "2400", "3200", "6000", "13164"]), default="800")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Which random galleries.")
@json_option
def vehicleid(root: Path, weights: str, size: str, seed: int, as_json: bool) -> None:
    """Score VehicleID, the mean of ten random galleries; ROOT holds image and train_test_split.

    Example: retrace evaluate vehicleid VehicleID_V1.0 --size 800
    """
    from reid.evaluation.benchmarks import evaluate_vehicleid

    _run(evaluate_vehicleid, root, weights, as_json, size=int(size), seed=seed)


@evaluate.command("veri-wild")
@click.argument("root", type=_FOLDER)
@_weights
@click.option("--size", type=click.Choice(["3000", "5000", "10000"]), default="3000", show_default=True)
@json_option
def veri_wild(root: Path, weights: str, size: str, as_json: bool) -> None:
    """Score VERI-Wild; ROOT holds images and train_test_split.

    Example: retrace evaluate veri-wild VERI-Wild --size 3000
    """
    from reid.evaluation.benchmarks import evaluate_veri_wild

    _run(evaluate_veri_wild, root, weights, as_json, size=int(size))


@evaluate.command()
@click.argument("root", type=_FOLDER)
@_weights
@json_option
def cityflow(root: Path, weights: str, as_json: bool) -> None:
    """Score CityFlow-ReID; ROOT holds image_query, image_test and label lists that name the vehicles.

    Example: retrace evaluate cityflow AIC21_Track2_ReID
    """
    from reid.evaluation.benchmarks import evaluate_cityflow

    _run(evaluate_cityflow, root, weights, as_json)


@evaluate.command()
@click.option("--plates", "count", default=400, show_default=True, type=click.IntRange(min=8), help="Plates a level.")
@click.option("--seed", default=10_000, show_default=True, type=click.IntRange(min=0), help="Seed of the plates.")
@click.option("--read", is_flag=True, help="Also compare by reading, and by both.")
@click.option("--located", is_flag=True, help="Take the corners from the locator, not from the renderer.")
@click.option("--plot", type=OutParameter(dir_okay=False), help="A PNG of the calibration to write.")
@json_option
def plates(count: int, seed: int, read: bool, located: bool, plot: Path | None, as_json: bool) -> None:
    """Compare drawn plates that no training saw: with other plates, and with twins that differ in one character.

    A level is the height of the plates in pixels and the severity of the damage, 0 to 3. Each plate makes 25
    different pairs of each kind.

    Example: retrace evaluate plates --plates 100 --read
    """
    from reid.evaluation.plate_pairs import LEVELS
    from reid.evaluation.plate_verification import calibration_diagram, measure_level
    from reid.images import encode_png

    levels = {}
    for height_px, severity in LEVELS:
        levels[f"{height_px}/{severity}"] = measure_level(
            count, (height_px, severity), seed=seed, read=read, located=located
        )
        note(f"{height_px} px, severity {severity} compared")
    if plot is not None:
        plot.write_bytes(encode_png(calibration_diagram(levels.values())))
    documents = {name: {one.method: _plates_document(one) for one in level} for name, level in levels.items()}
    lines = [_plates_line(name, measured) for name, level in levels.items() for measured in level]
    show({"plates": count, "seed": seed, "levels": documents}, as_json, lines)


@evaluate.command("plate-pairs")
@click.argument("folder", metavar="DIR", type=PathParameter(exists=True, file_okay=False))
@click.option("--part", type=click.Choice(["all", "train", "validation", "test"]), default="all", show_default=True)
@click.option("--read", is_flag=True, help="Compare by looks and reading together.")
@click.option("--least-px", default=0.0, show_default=True, type=FiniteRange(0.0), help="Skip lower plates.")
@json_option
def plate_pairs(folder: Path, part: str, read: bool, least_px: float, as_json: bool) -> None:
    """Score a folder of NAME_cam1.jpg and NAME_cam2.jpg by plates alone: each located plate asks all others.

    Example: retrace evaluate plate-pairs pictures
    """
    from reid.evaluation.intervals import as_json as figures
    from reid.evaluation.plate_verification import measure_folder

    score = measure_folder(folder, part=part, read=read, least_px=least_px)
    document = {
        "located": score.located,
        "questions": score.questions,
        "median_height_px": round(score.median_height_px, 1),
        "chance": score.chance,
        **figures(first=score.first, missed=score.missed, accepted=score.accepted, surely=score.surely),
    }
    show(document, as_json, (f"{name:<18} {value}" for name, value in document.items()))


def _run(
    benchmark: "Callable[..., dict[str, object]]", root: Path, weights: str, as_json: bool, **options: Any
) -> None:
    from reid.appearance.embedders import make_embedder

    embedder: Embedder = make_embedder(weights)
    scores = benchmark(root, embedder, _progress, **options)
    show({"weights": weights, **scores}, as_json, [_line(root.name, scores)])


def _progress(done: int, count: int) -> None:
    note(f"{done} of {count} pictures embedded")


def _line(name: str, scores: Any) -> str:
    hits = "  ".join(f"rank-{hit} {share:.3f}" for hit, share in scores["cmc"].items())
    line = f"{name:<12} {scores['queries']} of {scores['gallery']}  mAP {scores['map']:.3f}  {hits}"
    if "rank1_gain" in scores:
        low, high = scores["rank1_gain_ci"]
        line += f"  rank-1 gain {scores['rank1_gain']:+.3f} [{low:+.3f}, {high:+.3f}]"
    return line


def _plates_document(measured: "MethodScore") -> dict[str, object]:
    return {"other": _separation_document(measured.other), "twins": _separation_document(measured.twins)}


def _separation_document(separation: "Separation") -> dict[str, object]:
    from reid.evaluation.intervals import as_json

    figures = as_json(auc=separation.auc, tpr=separation.tpr, error=separation.error)
    return {**figures, "negatives": separation.negatives}


def _plates_line(level: str, measured: "MethodScore") -> str:
    kinds = (("other", measured.other), ("twins", measured.twins))
    return f"{level:<6} {measured.method:<6} " + "  ".join(f"{name} {_separation_words(kind)}" for name, kind in kinds)


def _separation_words(separation: "Separation") -> str:
    auc, tpr, error = separation.auc, separation.tpr, separation.error
    return f"AUC {auc.value:.4f} TPR {tpr.value:.3f} error {error.value:.3f}"
