"""Commands that score weights on pictures with known answers."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.cli.answer import json_option, note, show
from ui.cli.evaluate_plates import plate_pairs, plates

if TYPE_CHECKING:
    from reid.appearance.embedder import Embedder

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_weights = click.option("--weights", default="appearance", show_default=True, help="Which weights; see `models list`.")


@click.group()
def evaluate() -> None:
    """Score weights on pictures with known answers."""


@evaluate.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@_weights
@click.option("--part", type=click.Choice(["all", "train", "validation", "test"]), default="all", show_default=True)
@click.option("--against", metavar="NAME", help="Also other weights on the same questions, and the gain with interval.")
@json_option
def pairs(folder: Path, weights: str, part: str, against: str | None, as_json: bool) -> None:
    """Score a folder of NAME_cam1.jpg and NAME_cam2.jpg: camera 2 asks, camera 1 is searched.

    Vehicles on two and on four wheels are also searched apart. Vehicles are in parts by the SHA-256 of their name;
    packaged weights may have seen the train and validation parts, never the test part.

    Example: retrace evaluate pairs pictures --part test --against histogram
    """
    from reid.appearance.installed import make_embedder
    from reid.errors import SeeingError
    from reid.evaluation.pairs import evaluate_pairs, pair_files

    wanted = [pair for pair in pair_files(folder) if part in ("all", pair.part)]
    if not wanted:
        raise SeeingError(f"no vehicle of {folder} is in the part {part!r}: choose another --part")
    scores = evaluate_pairs(wanted, make_embedder(weights), make_embedder(against) if against else None)
    groups = {name: score for name, score in scores.items() if name != "all"}
    lines = [_line(name, score) for name, score in scores.items()]
    show({"weights": weights, "part": part, **scores["all"], "groups": groups}, as_json, lines)


@evaluate.command()
@_weights
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), required=True, help="Rendered pictures.")
@json_option
def rendered(weights: str, cache: Path, as_json: bool) -> None:
    """Score 160 rendered vehicles of models, and on cameras, that no training rendered.

    Example: retrace evaluate rendered --cache pictures --weights appearance
    """
    from reid.appearance.installed import make_embedder
    from reid.training.held_out import PUBLISHED, score_rendered
    from reid.training.rendered import rendered_crops

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


def _run(
    benchmark: "Callable[..., dict[str, object]]", root: Path, weights: str, as_json: bool, **options: Any
) -> None:
    from reid.appearance.installed import make_embedder

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


evaluate.add_command(plates)
evaluate.add_command(plate_pairs)
