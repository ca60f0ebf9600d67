"""Make simulated cities, score what was found in them, and fit calibration and noise on them: `retrace city`."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.output import archive_of, json_option, note, show
from ui.cli.parameters import FiniteRange, OutParameter, PathParameter, SizeParameter

if TYPE_CHECKING:
    from index.simulation.city import CityMade
    from index.simulation.options import CityOptions
    from index.simulation.plate_score import PlateDecisions, PlateScore
    from index.store.archive import Archive

MOST_MINUTES = 1440.0
FAILURES_SHOWN = 12
_PIXELS = SizeParameter(least=64, most=7680)


@click.group()
def city() -> None:
    """Make simulated cities with truth, and score what was found in them."""


@city.command()
@click.argument("folder", metavar="DIR", type=PathParameter(file_okay=False))
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same seed gives the same city."
)
@click.option("--cameras", type=click.IntRange(min=1), help="As the preset has: 4, or 8.")
@click.option(
    "--vehicles",
    type=click.IntRange(min=1),
    help="As the preset has: 110, 1,600 of dense ones, 3,000 of sparse, 400 of foreign.",
)
@click.option("--minutes", type=FiniteRange(0, MOST_MINUTES, min_open=True), help="As the preset has: 3, 4, 8 or 60.")
@click.option("--fps", type=FiniteRange(1, 60), default=12.0, show_default=True, help="Frames a second.")
@click.option("--size", type=_PIXELS, default="1280x720", show_default=True, help="Pixels of the videos.")
@click.option(
    "--preset",
    type=click.Choice(["easy", "normal", "hard", "dense-normal", "dense-hard", "sparse", "foreign"]),
    default="normal",
    show_default=True,
    help="How hard, and how large; foreign has vehicles, plates, weathers and cameras that no training saw.",
)
@click.option(
    "--traffic",
    type=click.Choice(["light", "counted"]),
    default="light",
    show_default=True,
    help="How long drives take: little holds them up, or as much as in a city where they were counted.",
)
@click.option("--roads", type=PathParameter(), help="A road map to drive on, instead of a made town.")
@click.option("--no-video", is_flag=True, help="Draw sightings and write them into --archive; truth into DIR.")
@click.option("--crops", is_flag=True, help="Render only the pictures that --archive keeps; truth into DIR.")
@click.option("--wrong-rates", type=FiniteRange(0, 1), default=0.0, help="With --no-video: share of clocks 20 % off.")
@click.option(
    "--drift", "drift_s", type=FiniteRange(0, 600), default=0.0, help="With --no-video: seconds a day, at most."
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes for --crops; one per core unless given.")
@json_option
@click.pass_context
def make(
    ctx: click.Context,
    folder: Path,
    seed: int,
    cameras: int | None,
    vehicles: int | None,
    minutes: float | None,
    fps: float,
    size: tuple[int, int],
    preset: str,
    traffic: str,
    roads: Path | None,
    no_video: bool,
    crops: bool,
    wrong_rates: float,
    drift_s: float,
    workers: int | None,
    as_json: bool,
) -> None:
    """Film simulated traffic, with truth.

    With --crops nothing is filmed: for each passage the pictures that an archive would keep are rendered, and read by
    the same networks as footage. With --no-video even that is drawn from fitted noise.

    Example: retrace city make town --cameras 4 --minutes 3 --preset normal
    """
    from index.simulation.options import CITY_KINDS, CityOptions

    kind = CITY_KINDS[preset]
    options = CityOptions(
        seed,
        cameras or kind.cameras,
        vehicles or kind.vehicles,
        minutes or kind.minutes,
        fps,
        *size,
        kind.preset,
        roads,
        wrong_rates,
        drift_s_per_day=drift_s,
        traffic=traffic,
        block_scale=kind.block_scale,
    )
    _check_making(options, no_video=no_video, crops=crops)
    archive = archive_of(ctx) if no_video or crops else None
    _show_made(_made(folder, options, archive, crops=crops, workers=workers), as_json)


def _check_making(options: "CityOptions", *, no_video: bool, crops: bool) -> None:
    """Refuse ways of making a city that exclude each other."""
    if no_video and crops:
        raise click.UsageError("--no-video and --crops exclude each other: give one of them")
    if not (no_video or options.keeps_rates):
        raise click.UsageError("--wrong-rates and --drift go with --no-video: filmed clocks keep their rate")


def _made(
    folder: Path, options: "CityOptions", archive: "Archive | None", *, crops: bool, workers: int | None
) -> "CityMade":
    """Make a city: filmed, or into an archive, from pictures rendered for it or from fitted noise."""
    from index.simulation.city import make_city
    from index.simulation.crops.crop_city import make_crop_city
    from index.simulation.synthetic.sightings import make_sightings

    if archive is None:
        return make_city(folder, options, progress=note)
    if crops:
        return make_crop_city(folder, options, archive, workers=workers, progress=note)
    return make_sightings(folder, options, archive, progress=note)


def _show_made(made: "CityMade", as_json: bool) -> None:
    document = {
        "dir": made.folder,
        "cameras": made.cameras,
        "passages": made.passages,
        "vehicles": made.vehicles,
        "seconds": round(made.seconds, 1),
    }
    line = f"{made.folder}: {made.vehicles} vehicles pass {made.cameras} cameras {made.passages} times"
    show(document, as_json, [line])


@city.command()
@click.argument("folder", metavar="DIR", type=PathParameter(file_okay=False, exists=True))
@click.option(
    "--queries", type=click.IntRange(min=1), default=200, show_default=True, help="At most so many questions."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Which questions are drawn.")
@click.option("--html", type=OutParameter(dir_okay=False), help="Also write an HTML page, with the worst failures.")
@click.option(
    "--without",
    type=click.Choice(["looks", "plate", "travel", "direction", "links", "clocks", "prior", "story"]),
    multiple=True,
    help="Ask again without this part, and say what it brings, paired by question. Can be given several times.",
)
@click.option(
    "--only",
    type=click.Choice(["passages", "ranking", "absent", "gap", "area"]),
    multiple=True,
    help="Score this section alone. Can be given several times.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes that ask; one per core unless given.")
@json_option
@click.pass_context
def score(
    ctx: click.Context,
    folder: Path,
    queries: int,
    seed: int,
    html: Path | None,
    without: tuple[str, ...],
    only: tuple[str, ...],
    workers: int | None,
    as_json: bool,
) -> None:
    """Compare the archive made from a city with the city's truth.

    Example: retrace city score town --html score.html
    """
    from index.simulation.score import SECTIONS, ScoreOptions
    from index.simulation.score import score as score_city
    from ui.failure_page import failures_of, pictured
    from ui.score_page import score_lines, score_page

    archive = archive_of(ctx)
    options = ScoreOptions(queries, seed, only or SECTIONS, without, FAILURES_SHOWN if html is not None else 0)
    asking = workers or len(os.sched_getaffinity(0))
    measured = score_city(archive, folder, options, progress=note, workers=asking)
    if html is not None:
        pictures = _pictures(archive, pictured(failures_of(measured)))
        html.write_text(score_page(measured, title=folder.name, pictures=pictures), encoding="utf-8")
    show(measured, as_json, score_lines(measured))


def _pictures(archive: "Archive", ids: list[str]) -> dict[str, bytes]:
    """Return the best picture of each sighting that has one."""
    from index.access.browse import best_shot, get_sightings, open_picture
    from index.access.permissions import local_person

    person = local_person()
    found = [one for one in get_sightings(archive, ids, person) if best_shot(one) is not None]
    return {one.id: open_picture(archive, one, person, reason="score") for one in found}


@city.command()
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=PathParameter(exists=True))
@click.option("--out", required=True, type=OutParameter(dir_okay=False), help="The JSON file to write.")
@click.option(
    "--queries", type=click.IntRange(min=1), default=200, show_default=True, help="Questions a city, at most."
)
@click.option("--looks", "only", flag_value="looks", help="Fit the looks alone; all else stays as packaged.")
@click.option("--weights", "only", flag_value="weights", help="Fit all but the looks, which stay as packaged.")
@click.option("--links", "only", flag_value="links", help="Fit what links between sightings are worth, nothing else.")
@json_option
def calibrate(folders: tuple[Path, ...], out: Path, queries: int, only: str | None, as_json: bool) -> None:
    """Fit the probabilities of the search on cities, each with its archive in DIR/archive.

    Example: retrace city calibrate town7 town8 --out calibration.json
    """
    from index.simulation.calibrate import calibrate as calibrate_on

    calibration, origin = calibrate_on(folders, queries=queries, only=only, progress=note)
    calibration.save(out)
    document = {"out": out, "questions": origin.questions, "pairs": origin.pairs, "same": origin.same}
    show(document, as_json, [f"{out}: fitted on {origin.questions} questions, {origin.pairs} pairs"])


@city.command("fit-noise")
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=PathParameter(exists=True))
@click.option("--out", required=True, type=OutParameter(dir_okay=False), help="The JSON file to write.")
@json_option
def fit_noise(folders: tuple[Path, ...], out: Path, as_json: bool) -> None:
    """Fit the noise that --no-video draws, on filmed cities, each with its archive in DIR/archive.

    Example: retrace city fit-noise town7 town8 --out index/simulation/synthetic/seeing_noise.json
    """
    from index.simulation.synthetic.fit import fit_noise as fit_on

    made = fit_on(folders, progress=note)
    made.save(out)
    counts = made.origin.counts
    document = {"out": out, "seeds": made.origin.seeds, "models": made.origin.models, "counts": counts}
    line = f"{out}: fitted on {counts['passages']} passages, {counts['sightings']} sightings of {len(folders)} cities"
    show(document, as_json, [line])


@city.command("fit-crops")
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=PathParameter(exists=True))
@click.option("--out", required=True, type=OutParameter(dir_okay=False), help="The JSON file to write.")
@json_option
def fit_crops(folders: tuple[Path, ...], out: Path, as_json: bool) -> None:
    """Take the samples of tracking that --crops borrows from, from filmed cities with their archive in DIR/archive.

    Example: retrace city fit-crops town7 town8 --out index/simulation/crops/tracking_samples.json
    """
    from index.simulation.crops.fit_tracking import fit_tracking

    made = fit_tracking(folders, progress=note)
    made.save(out)
    document = {"out": out, "seeds": made.origin.seeds, "models": made.origin.models, "passages": len(made.passages)}
    show(document, as_json, [f"{out}: samples of {len(made.passages)} passages of {len(folders)} cities"])


@city.command()
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=PathParameter(exists=True))
@json_option
def plates(folders: tuple[Path, ...], as_json: bool) -> None:
    """Score the plates of cities together, each with its archive in DIR/archive, and list the wrong readings.

    Only passages whose plate reaches 20 px count. Pairs of passages are compared by text and looks as in the search,
    and called the same plate where the llr is above 0; `error` is the balanced error: the mean of the share of same
    plates refused and the share of other plates accepted, by the height of the lower plate.

    Example: retrace city plates town7 town8 --json
    """
    from index.simulation.plate_score import score_plates

    score = score_plates(folders, progress=note)
    show(_plates_document(score), as_json, _plates_lines(score))


def _plates_document(score: "PlateScore") -> dict[str, object]:
    from reid.evaluation.intervals import as_json

    return {
        "passages": score.passages,
        **as_json(exact=score.exact, read=score.read, sure=score.sure),
        "decisions": {band: _decisions_document(decided) for band, decided in score.decisions.items()},
        "wrong": [asdict(wrong) for wrong in score.wrong],
    }


def _decisions_document(decided: "PlateDecisions") -> dict[str, object]:
    from reid.evaluation.intervals import as_json

    pairs = {"same": decided.same, "different": decided.different, "compared": decided.compared}
    return {**as_json(error=decided.error), **pairs}


def _plates_lines(score: "PlateScore") -> Iterator[str]:
    for name, figure in (("exact", score.exact), ("read", score.read), ("right where sure", score.sure)):
        yield f"{name:<18}{_figure(figure.value)}  of {score.passages} passages with plates of 20 px and more"
    for band, decided in score.decisions.items():
        error = _figure(decided.error.value)
        yield f"error, {band:<16}{error}  {decided.same} same, {decided.different} different pairs"
    for wrong in score.wrong:
        read = wrong.read or "nothing"
        yield f"{wrong.city} {wrong.sighting}: {wrong.truth} read as {read} ({wrong.confidence:.2f}), {wrong.state}"


def _figure(value: float | None) -> str:
    return "     -" if value is None else f"{value:6.3f}"
