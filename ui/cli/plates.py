"""Read, compare and find number plates: `retrace plates`."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.output import archive_of, iso_time, json_option, note, show
from ui.cli.parameters import PathParameter

if TYPE_CHECKING:
    from index.records import Sighting
    from reid.vehicle import Corners, Image, Plate


@click.group()
def plates() -> None:
    """Read, compare and find number plates."""


@plates.command()
@click.argument("images", nargs=-1, required=True, type=PathParameter(), metavar="IMAGE...")
@click.option("--crop", is_flag=True, help="The picture shows only a plate.")
@click.option("--region", help="Where most of the plates are from, as DE or CN.")
@json_option
def read(images: tuple[Path, ...], crop: bool, region: str | None, as_json: bool) -> None:
    """Read the plates in pictures of vehicles, each with its confidence; unreadable plates are left out.

    Example: retrace plates read car.jpg --json
    """
    from reid.images import read_image
    from reid.plates.read import read_plate_crop, read_plates

    documents: list[dict[str, object]] = []
    for path in images:
        image = read_image(path)
        found = [read_plate_crop(image, region)] if crop else read_plates(image, region)
        documents.append({"path": str(path), "plates": [_plate(plate) for plate in found if plate.text]})
    lines = (f"{document['path']}  {_texts(document)}" for document in documents)
    show({"images": documents}, as_json, lines)


@plates.command()
@click.argument("pair", nargs=-1, type=PathParameter(), metavar="[A B]")
@click.option("--pairs", "pairs_file", type=PathParameter(), help="A CSV file with the columns a,b instead.")
@json_option
def compare(pair: tuple[Path, ...], pairs_file: Path | None, as_json: bool) -> None:
    """Print the probability that two plate crops show the same plate.

    1 is certainly the same, 0 certainly another, 0.5 undecided; the prior is one half. Plates lower than 12 px are at
    best consistent with each other: one character may differ.

    Example: retrace plates compare a.png b.png
    """
    from reid.plates.compare import compare_crops

    if (pairs_file is None) == (len(pair) != 2) or (pairs_file is not None and pair):
        raise click.UsageError("give two plate crops A B, or --pairs CSV")
    pairs = [(pair[0], pair[1])] if pairs_file is None else _read_pairs(pairs_file)
    compared = compare_crops(pairs)
    documents = [
        {"a": str(a), "b": str(b), "same": round(one.same, 6), "llr": one.llr, "by": one.by}
        for (a, b), one in zip(pairs, compared, strict=True)
    ]
    lines = (f"{one.same:.3f}  {one.words:<30}  {a}  {b}" for (a, b), one in zip(pairs, compared, strict=True))
    show({"pairs": documents}, as_json, lines)


@plates.command()
@click.argument("pattern")
@click.option("--limit", type=click.IntRange(min=1), default=500, show_default=True, help="At most this many.")
@click.option("--reason", help="Why you ask; kept in the audit.")
@json_option
@click.pass_context
def find(ctx: click.Context, pattern: str, limit: int, reason: str | None, as_json: bool) -> None:
    """List the sightings whose plate matches PATTERN, the most probable first; of more than --limit some.

    ? is one character, @ one letter, # one digit, * any number of characters; [8B] is one of these, [KR|W]* one of
    these beginnings, AB1*|AB7* either; ~ in front takes O and 0 as equal, and I and 1. Or in words: contains 77,
    starts with KR, ends in K. Spaces and dashes do not count.

    Example: retrace plates find 'AB?1*'
    """
    from index.access.permissions import local_person
    from index.search.plate_search import find_plates
    from ui.cli.documents import sighting_document

    found = find_plates(archive_of(ctx), local_person(), pattern, limit=limit + 1, reason=reason)
    is_cut = len(found) > limit
    found = found[:limit]
    documents = [{**sighting_document(one.sighting), "probability": round(one.probability, 4)} for one in found]
    lines = [_line(one.sighting, one.probability) for one in found] or ["no plate fits"]
    if is_cut:
        lines.append(f"more than {limit} fit; these are some of them, not the likeliest of all: raise --limit")
    show({"sightings": documents, "cut_off": is_cut}, as_json, lines)


@plates.command()
@click.option(
    "--locate", "locates", is_flag=True, help="Locate plates in all pictures, not only those with known corners."
)
@json_option
@click.pass_context
def embed(ctx: click.Context, locates: bool, as_json: bool) -> None:
    """Embed the plates of the archive's pictures with the installed verifier.

    For pictures ingested without a verifier, or with another one; searches use the new vectors when all are done.

    Example: retrace --archive town plates embed --locate
    """
    from index.access.permissions import local_person
    from index.learning.reembedding import embed_plates
    from reid.plates.verify import installed_verifier

    verifier = installed_verifier()
    if verifier is None:
        raise click.ClickException("no plate verifier is installed: see `retrace models list`, `retrace models add`")
    archive = archive_of(ctx)
    found = embed_plates(
        archive, local_person(), verifier, _locate if locates else None, lambda count: note(f"{count} looked at")
    )
    show({"model": verifier.model_id, "sightings": found}, as_json, [f"{found} plates by {verifier.model_id}"])


def _locate(image: "Image") -> "Corners | None":
    """Return the corners of the plate in a picture of a vehicle."""
    from reid.plates.locate import locate
    from reid.plates.verify import corners_of

    found = locate(image)
    return corners_of(found[0].corners) if found else None


def _line(sighting: "Sighting", probability: float) -> str:
    text = sighting.plate.text if sighting.plate else None
    return f"{sighting.id}  {sighting.camera:<12} {iso_time(sighting.best)}  {text or '':<10} {probability:.2f}"


def _read_pairs(path: Path) -> list[tuple[Path, Path]]:
    """Return the pairs of a CSV file; relative paths start here, or else at the file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"a", "b"} <= set(reader.fieldnames or ()):
                raise click.ClickException(f"{path} has no columns a,b: its first line must name them")
            rows = list(reader)
    except (UnicodeDecodeError, csv.Error):
        raise click.ClickException(f"{path} is not a CSV file in UTF-8: give the columns a,b") from None
    for line, row in enumerate(rows, start=2):
        if not (row["a"] and row["b"]):
            raise click.ClickException(f"{path}, line {line}: a or b is empty: name two plate crops")
    return [(_resolve(path, row["a"]), _resolve(path, row["b"])) for row in rows]


def _resolve(path: Path, name: str) -> Path:
    return Path(name) if Path(name).exists() else path.parent / name


def _plate(plate: "Plate") -> dict[str, object]:
    box = plate.box
    return {
        "box": [round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1)],
        "corners": [[round(x, 1), round(y, 1)] for x, y in plate.corners],
        "text": plate.text,
        "confidence": plate.confidence,
        "characters": [dict(position) for position in plate.characters],
    }


def _texts(document: dict[str, object]) -> str:
    found = document["plates"]
    texts = [f"{plate['text']} ({plate['confidence']:.2f})" for plate in found] if isinstance(found, list) else []
    return ", ".join(texts) or "no plate that could be read"
