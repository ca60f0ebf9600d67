"""Photograph every page for `docs/pages`: empty, full, with an error, in two languages, two themes and three widths.

`python -m benchmarks.page_pictures --demo DIR --town DIR` takes the archive of `retrace demo --dir` and that of
`python -m benchmarks.page --keep`; `--only NAME` takes one picture.
"""

import argparse
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.page_visit import DESK, Server, chromium, served, visit
from index.access.browse import get_sighting, list_sightings
from index.access.cases import list_cases, mark_sighting, open_case, write_note
from index.access.footage_view import open_frame
from index.access.permissions import local_person
from index.answers import Query
from index.search.search import search
from index.store.archive import Archive
from index.store.catalogue.sightings import SightingFilter

COLOURS = 160
"""The colours of a picture's palette."""

CASE = "2026-117"
TABLET, PHONE = {"width": 1024, "height": 768}, {"width": 400, "height": 860}
SETTLED = ".board:not(.busy) .cell"
MANY = "/?type=car&colour=white&camera=camera-0007&time=2026-05-05T12:00:00Z&minutes=1200&ask=1"

Steps = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to take: where, what must be there, what is done first, and in which browser."""

    path: str
    sign: str
    steps: Steps | None = None
    size: dict[str, int] | None = None
    dark: bool = False
    language: str = "en"


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, required=True, metavar="DIR", help="made by retrace demo --dir DIR")
    parser.add_argument("--town", type=Path, required=True, metavar="DIR", help="made by benchmarks.page --keep DIR")
    parser.add_argument("--out", type=Path, default=Path("docs/pages"), metavar="DIR")
    parser.add_argument("--only", metavar="NAME")
    asked = parser.parse_args()
    story = asked_sighting(asked.demo)
    mark_story(asked.demo / "archive", story)
    out, demo, town = asked.out.resolve(), asked.demo.resolve(), asked.town.resolve()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, chdir(demo.parent):
        Archive.create(Path(folder) / "town").close()
        photograph = whole_frame(demo / "archive", story, Path(folder) / "street.jpg")
        for archive, pictures in (
            (Path(folder) / "town", empty_pictures()),
            (demo / "archive", demo_pictures(story, demo.name, photograph)),
            (town / "archive", town_pictures()),
        ):
            chosen = {name: one for name, one in pictures.items() if asked.only in (None, name)}
            if chosen:
                with served(archive) as server:
                    for name, one in chosen.items():
                        take(browser, server, one, out / f"{name}.png")


def asked_sighting(demo: Path) -> str:
    """Return the sighting that most of its vehicle's other sightings follow: the story of the demo."""
    with Archive.open(demo / "archive") as archive:
        found = list(list_sightings(archive, SightingFilter(), local_person()))
    texts = [one.plate.text for one in found if one.plate and one.plate.text]
    often = max(texts, key=lambda text: (texts.count(text), text))
    return next(one.id for one in found if one.plate and one.plate.text == often)


def mark_story(path: Path, story: str) -> None:
    """Open a case with marks and a note, once."""
    with Archive.open(path) as archive:
        person = local_person()
        if CASE in {case.id for case in list_cases(archive, person)}:
            return
        open_case(archive, person, CASE, "white car on Quarry Road")
        mark_sighting(archive, person, CASE, story, "yes")
        *_, answer = search(archive, Query(sighting=story), person)
        for verdict, other in zip(("yes", "unsure", "no"), answer.candidates, strict=False):
            mark_sighting(archive, person, CASE, other.sighting.id, verdict)
        write_note(archive, person, CASE, "The owner says that the car was at home until 10:05.")


def empty_pictures() -> dict[str, Picture]:
    """Return the pictures of an archive without anything."""
    return {
        "first-steps": Picture("/", ".st-key-make_demo button"),
        "empty-coverage": Picture("/coverage", ".st-key-footage_form"),
        "empty-cases": Picture("/cases", ".rt-lead"),
    }


def whole_frame(path: Path, story: str, out: Path) -> Path:
    """Write the whole frame of a sighting, as somebody would bring it."""
    with Archive.open(path) as archive:
        out.write_bytes(open_frame(archive, get_sighting(archive, story, local_person()), local_person()))
    return out


def demo_pictures(story: str, demo: str, photograph: Path) -> dict[str, Picture]:
    """Return the pictures of the demo city: four cameras."""
    question = f"/?sighting={story}&ask=1"
    return {
        "form": Picture("/", ".st-key-find"),
        "photograph": Picture("/", ".st-key-find", lambda page: dropped(page, photograph)),
        "search": Picture(question, SETTLED, scrubbed),
        "story": Picture(question, SETTLED),
        "chinese": Picture(question, SETTLED, opened, language="zh"),
        "dark": Picture(question, SETTLED, opened, dark=True),
        "tablet": Picture(question, SETTLED, opened, size=TABLET),
        "phone": Picture(question, SETTLED, size=PHONE),
        "phone-map": Picture(question, SETTLED, lambda page: tab(page, 2), size=PHONE),
        "phone-story": Picture(question, SETTLED, opened, size=PHONE),
        "error": Picture("/?plate=%5B&ask=1", "[data-testid=stAlert]"),
        "browse": Picture("/browse", ".cell", opened),
        "case": Picture(f"/cases?case={CASE}", ".cell", opened),
        "coverage": Picture("/coverage", ".rt-hours", placed),
        "coverage-mask": Picture("/coverage", ".rt-hours", masked, dark=True),
        "coverage-add": Picture("/coverage", ".rt-hours", lambda page: adding(page, f"{demo}/city")),
        "audit": Picture("/audit", ".rt-audit"),
        "audit-dark": Picture("/audit", ".rt-audit", dark=True),
    }


def town_pictures() -> dict[str, Picture]:
    """Return the pictures of sixty cameras and 60,000 sightings."""
    return {
        "sixty-cameras": Picture("/?sighting=s00030000&ask=1", SETTLED, opened),
        "many-hits": Picture(MANY, SETTLED),
        "sixty-browse": Picture("/browse", ".cell", dark=True),
        "sixty-coverage": Picture("/coverage", ".rt-hours", language="zh"),
    }


def take(browser: Any, server: Server, picture: Picture, out: Path) -> None:
    """Take one picture and write it with a small palette; Chinese needs a font with its signs on the machine."""
    with page_of(browser, server, picture) as page:
        page.goto(server.address + picture.path)
        page.locator(picture.sign).first.wait_for()
        page.wait_for_function("rests()")
        if picture.steps:
            picture.steps(page)
        page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
        page.wait_for_timeout(1500)
        shot = Image.open(io.BytesIO(page.screenshot()))
    shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(out, optimize=True)


@contextmanager
def page_of(browser: Any, server: Server, picture: Picture) -> Iterator[Any]:
    """Yield a page in the browser that a picture wants."""
    scheme = "dark" if picture.dark else "light"
    options = {"viewport": picture.size or DESK, "color_scheme": scheme, "locale": picture.language}
    with visit(browser, server, **options) as page:
        yield page


def opened(page: Any) -> None:
    """Open the first hit."""
    page.locator(".cell").first.click()
    page.locator(".inspector-body").first.wait_for()


def dropped(page: Any, photograph: Path) -> None:
    """Drop a whole photograph, in which vehicles are found and the plate of the largest is read."""
    page.set_input_files("input[type=file]", photograph)
    page.locator(".rt-note:has-text('The plate reads')").first.wait_for()
    page.wait_for_function("rests()")


def scrubbed(page: Any) -> None:
    """Open the first hit, and move the moment of the area."""
    opened(page)
    page.locator(".scrub").fill("640")


def tab(page: Any, number: int) -> None:
    """Choose a tab of the phone."""
    page.locator(f".phone-tabs button:nth-child({number})").click()


def placed(page: Any) -> None:
    """Choose a camera."""
    page.locator("[class*='st-key-coverage-camera'] input").click()
    page.keyboard.type("cam03")
    page.keyboard.press("Enter")
    page.locator(".st-key-camera_part").wait_for()


def masked(page: Any) -> None:
    """Choose a camera, and begin to draw its mask."""
    placed(page)
    page.locator(".st-key-camera_part button").nth(2).click()
    page.wait_for_function("() => deep('.mask-stage img')?.naturalWidth > 0")
    box = page.locator(".mask-stage").bounding_box()
    for x, y in ((0.05, 0.05), (0.6, 0.05), (0.5, 0.3), (0.06, 0.35)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def adding(page: Any, folder: str) -> None:
    """Name a folder with footage."""
    page.locator("summary").first.click()
    page.locator("[class*='st-key-footage_source'] input").fill(folder)
    page.keyboard.press("Enter")
    page.locator(".st-key-footage_form td").first.wait_for()


if __name__ == "__main__":
    main()
