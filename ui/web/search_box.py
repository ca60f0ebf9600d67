"""Read the one search box: a camera, a type, a colour, or else a plate."""

import re
from collections.abc import Collection
from dataclasses import replace

from reid.vehicle import COLOURS, VEHICLE_TYPES
from ui.web.language import say
from ui.web.question import PageQuestion
from ui.web.question_form import check_plate

ALIKE = {
    "gray": "grey",
    "lorry": "truck",
    "motorbike": "motorcycle",
    "bike": "motorcycle",
    "coach": "bus",
    "cars": "car",
    "vans": "van",
    "trucks": "truck",
    "lorries": "truck",
    "buses": "bus",
    "motorcycles": "motorcycle",
}
"""Other words for types and colours."""

FILLERS = frozenset({"the", "near", "with", "plate", "vehicle", "camera"})
SHORT_FILLERS = frozenset({"a", "an", "at", "on", "by"})
"""These begin plates, too, as A 123 BC does: they are left out only beside a camera, a type or a colour."""

PLATE_WORDS = re.compile(r"(contains|starts with|ends in|ends with)\s+\S+", re.IGNORECASE)


def read_search(text: str, before: PageQuestion, cameras: Collection[str]) -> PageQuestion:
    """Return a new question from typed words; case and reason stay. ValueError where a plate cannot be read."""
    known = {camera.lower(): camera for camera in cameras}
    found = PageQuestion(case=before.case, reason=before.reason, asked=True)
    said = PLATE_WORDS.search(text)
    if said:
        found, text = replace(found, plate=check_plate(said[0])), text.replace(said[0], " ")
    rest = []
    words = _with_english_words(text.split(), known)
    known_words = {*known, *ALIKE, *VEHICLE_TYPES, *COLOURS}
    fillers = FILLERS | {say("Camera"), say("Plate")}
    fillers |= SHORT_FILLERS if known_words.intersection(map(str.lower, words)) else set()
    for word in words:
        plain = ALIKE.get(word.lower(), word.lower())
        if plain in known:
            found = replace(found, camera=known[plain])
        elif plain in VEHICLE_TYPES:
            found = replace(found, type=plain)
        elif plain in COLOURS:
            found = replace(found, colour=plain)
        elif plain not in fillers:
            rest.append(word)
    if rest:
        found = replace(found, plate=check_plate("".join(rest)))
    if not found.names_vehicle and found.camera is None:
        raise ValueError(say("Write a plate, a type, a colour or a camera."))
    return found if found.names_vehicle else replace(found, asked=False)


def _with_english_words(words: list[str], cameras: Collection[str]) -> list[str]:
    """Return words with the types and colours of the visit's language in English, also where no space divides them."""
    said = {say(word): word for word in (*COLOURS, *VEHICLE_TYPES) if say(word) != word}
    found: list[str] = []
    for word in words:
        parts = word
        for other, english in said.items():
            parts = parts.replace(other, f" {english} ")
        found += [word] if word.lower() in cameras else parts.split()
    return found
