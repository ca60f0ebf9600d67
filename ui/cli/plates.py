"""Read, compare and find number plates: `retrace plates`."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.answer import archive_of, json_option, note, show, written

if TYPE_CHECKING:
    from index.sighting import Sighting
    from reid.vehicle import Corners, Image, Plate

Document = dict[str, object]


@click.group()
def plates() -> None:
    """Read, compare and find number plates."""


@plates.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="IMAGE...")
@click.option("--crop", is_flag=True, help="The picture is a plate and nothing else.")
@json_option
def read(images: tuple[Path, ...], crop: bool, as_json: bool) -> None:
    """Read the plates in pictures of vehicles, each with how sure that is; what cannot be read is left out.

    Example: retrace plates read car.jpg --json
    """
    from reid.images import read_image
    from reid.plates.read import read_plate_crop, read_plates

    documents: list[Document] = []
    for path in images:
        image = read_image(path)
        found = [read_plate_crop(image)] if crop else read_plates(image)
        documents.append({"path": str(path), "plates": [_plate(plate) for plate in found if plate.text]})
    lines = (f"{one['path']}  {_texts(one)}" for one in documents)
    show({"images": documents}, as_json, lines)


@plates.command()
@click.argument("pair", nargs=-1, type=click.Path(path_type=Path), metavar="[A B]")
@click.option("--pairs", "pairs_file", type=click.Path(path_type=Path), help="A CSV file with the columns a,b instead.")
@json_option
def compare(pair: tuple[Path, ...], pairs_file: Path | None, as_json: bool) -> None:
    """Say how likely two plate crops show the same plate.

    1 is surely the same, 0 surely another, 0.5 that the pictures cannot tell; both were as likely before they were
    seen. Plates lower than 12 px are at best consistent with each other: one character may differ.

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
@click.option("--limit", type=click.IntRange(min=1), default=500, show_default=True, help="So many at most.")
@click.option("--reason", help="Why you ask; it is written down.")
@json_option
@click.pass_context
def find(ctx: click.Context, pattern: str, limit: int, reason: str | None, as_json: bool) -> None:
    """List the sightings whose plate fits PATTERN, the most probable first.

    ? is one character, @ one letter, # one digit, * any number of characters; [8B] is one of these, [KR|W]* one of
    these beginnings, AB1*|AB7* either; ~ in front lets O and 0 count as one, and I and 1. Or say it: contains 77,
    starts with KR, ends in K. Spaces and dashes do not count.

    Example: retrace plates find 'AB?1*'
    """
    from index.inquiry.plate_search import find_plates
    from index.office.access import local_person
    from ui.cli.documents import sighting_document

    found = find_plates(archive_of(ctx), local_person(), pattern, limit=limit, reason=reason)
    documents = [{**sighting_document(one.sighting), "probability": round(one.probability, 4)} for one in found]
    lines = [_line(one.sighting, one.probability) for one in found] or ["no plate fits"]
    show({"sightings": documents}, as_json, lines)


@plates.command()
@click.option("--locate", "locates", is_flag=True, help="Look for plates in all pictures, not only where one is known.")
@json_option
@click.pass_context
def embed(ctx: click.Context, locates: bool, as_json: bool) -> None:
    """Look at the plates of the archive's pictures by the verifier that is installed here.

    For pictures that came before there was one, or by another; questions are answered by it when all is done.

    Example: retrace --archive town plates embed --locate
    """
    from index.learning.plate_embedding import embed_plates
    from index.office.access import local_person
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
    """Return where the plate of a vehicle is in its picture."""
    from reid.plates.locate import locate
    from reid.plates.looks import corners_of

    found = locate(image)
    return corners_of(found[0].corners) if found else None


def _line(sighting: "Sighting", probability: float) -> str:
    text = sighting.plate.text if sighting.plate else None
    return f"{sighting.id}  {sighting.camera:<12} {written(sighting.best)}  {text or '':<10} {probability:.2f}"


def _read_pairs(path: Path) -> list[tuple[Path, Path]]:
    """Return the pairs of a CSV file; relative paths are seen from here, or else from the file."""
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
    return [(_seen_from(path, row["a"]), _seen_from(path, row["b"])) for row in rows]


def _seen_from(path: Path, name: str) -> Path:
    return Path(name) if Path(name).exists() else path.parent / name


def _plate(plate: "Plate") -> Document:
    box = plate.box
    return {
        "box": [round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1)],
        "corners": [[round(x, 1), round(y, 1)] for x, y in plate.corners],
        "text": plate.text,
        "confidence": plate.confidence,
        "characters": [dict(position) for position in plate.characters],
    }


def _texts(document: Document) -> str:
    found = document["plates"]
    texts = [f"{plate['text']} ({plate['confidence']:.2f})" for plate in found] if isinstance(found, list) else []
    return ", ".join(texts) or "no plate that could be read"
