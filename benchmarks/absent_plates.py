"""Ask for plates that no camera saw, beside plates that cameras did see, and count who is accused.

Each question names a whole plate or a part of it, and where and when a vehicle with that plate was seen. Asked as it
is, the plate is there. Changed so that no vehicle's plate fits, every candidate is a wrong one: one character differs,
two neighbours are exchanged, or one character stands elsewhere.
"""

import argparse
import csv
import json
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.claim import machine
from index.access.permissions import local_person
from index.answers import Query
from index.records import Sighting
from index.search.search import search
from index.store.archive import Archive
from index.store.catalogue import sightings
from index.store.catalogue.sightings import SightingFilter
from reid.plates.pattern import compile_pattern
from reid.plates.spelling import DIGITS, LETTERS, plain

ACCUSED_AT = 0.9

FORMS = ("whole", "one of two", "folded", "one open")
"""How a plate is asked for: KR12ABC, K[RX]12ABC, ~KR12ABC, K?12ABC; the last lists what fits and compares nothing."""

CHANGES = ("as it is", "one differs", "two exchanged", "one moved")
"""What is asked for instead of the plate that is there."""

TRIES = 200


@dataclass(frozen=True, slots=True)
class Accused:
    """How many questions were asked, and in how many somebody was accused."""

    questions: int
    accused: int


def ask_in_form(
    archive: Archive, read: list[tuple[Sighting, str]], texts: set[str], form: str, change: str, seed: int
) -> Accused:
    """Ask one question about each of the sightings, and count those in which any candidate is accused."""
    rng = np.random.default_rng(seed)
    asked, accused = 0, 0
    for sighting, text in read:
        pattern = _written(text, form, rng) if change == CHANGES[0] else _absent(text, form, change, texts, rng)
        if pattern is not None:
            asked += 1
            query = Query(plate=pattern, camera=sighting.camera, time=sighting.best)
            *_, ranking = search(archive, query, local_person())
            accused += any((candidate.probability or 0.0) >= ACCUSED_AT for candidate in ranking.candidates)
    return Accused(asked, accused)


def changed(text: str, change: str, rng: np.random.Generator) -> str:
    """Return a text with one character replaced by one of its kind, two neighbours exchanged, or one moved."""
    place = int(rng.integers(len(text)))
    if change == "two exchanged":
        place = min(place, len(text) - 2)
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    others = text[:place] + text[place + 1 :]
    if change == "one moved":
        to = int(rng.integers(len(text)))
        return others[:to] + text[place] + others[to:]
    kind = DIGITS if text[place] in DIGITS else LETTERS
    return text[:place] + str(rng.choice(list(kind))) + text[place + 1 :]


def _absent(text: str, form: str, change: str, texts: set[str], rng: np.random.Generator) -> str | None:
    """Return a pattern beside a text that no text fits; None if none was found."""
    for _ in range(TRIES):
        pattern = _written(changed(text, change, rng), form, rng)
        compiled = compile_pattern(pattern)
        if not any(compiled.matches(other) for other in texts):
            return pattern
    return None


def _written(text: str, form: str, rng: np.random.Generator) -> str:
    if form in ("one open", "one of two"):
        place = int(rng.integers(len(text)))
        either = f"[{text[place]}{rng.choice(list(LETTERS))}]" if form == "one of two" else "?"
        return text[:place] + either + text[place + 1 :]
    return f"~{text}" if form == "folded" else text


def main() -> None:
    """Ask an archive of a city, as `retrace --archive ARCHIVE city make CITY --no-video` makes them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("city", type=Path)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=FORMS)
    given = parser.parse_args()
    with (given.city / "truth" / "vehicles.csv").open(encoding="utf-8") as file:
        texts = {plain(row["plate"]) for row in csv.DictReader(file) if row["plate"]}
    with Archive.open(given.archive) as archive:
        with archive.catalogue.reading() as connection:
            found = list(sightings.listing(connection, SightingFilter()))
        # Of those that were read right: asking for a misreading is a question about a plate that is not there.
        read = [(one, one.plate.text) for one in found if one.plate and one.plate.text in texts]
        drawn = np.random.default_rng(given.seed).permutation(len(read))[: given.questions]
        for form, change in product(given.forms, CHANGES):
            counted = ask_in_form(archive, [read[number] for number in drawn], texts, form, change, given.seed)
            share = counted.accused / max(1, counted.questions)
            there = "plate there" if change == CHANGES[0] else f"plate not there, {change}"
            claim = f"{there}, asked as {form}: somebody accused at {ACCUSED_AT}"
            print(
                json.dumps(
                    {"claim": claim, "value": round(share, 5), "unit": "share", "n": counted.questions}
                    | {"accused": counted.accused, "gallery": len(found), "machine": machine()}
                ),
                flush=True,
            )


if __name__ == "__main__":
    main()
