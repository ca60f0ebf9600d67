"""Show the plate that was read in a photograph, and how surely; one click makes it the plate that is asked for."""

from collections.abc import Mapping
from functools import lru_cache

import streamlit as st

from reid.plates.read import read_plates
from reid.vehicle import Plate
from ui.web import uploads, visit, words
from ui.web.fields import note
from ui.web.language import say
from ui.web.question import PicturePart

SURE = 0.95
"""Characters that are less sure are named, with the next likely ones."""
LEAST = 0.05


def offer_plate(number: int, part: PicturePart, asked: str | None) -> None:
    """Show what the plate of a picture reads, and a button that asks for it, unless it is what is `asked` for."""
    plate = plate_in(part)
    if plate is None:
        return
    if plate.text is None:
        note(say("There is a plate in it, but nobody can read it."))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        note(plate_words(plate))
        pattern = pattern_of(plate)
        if pattern != asked:
            key = f"plate {number}"
            st.button(say("Ask for it"), key=key, type="tertiary", on_click=visit.change, kwargs={"plate": pattern})


@lru_cache(maxsize=64)
def plate_in(part: PicturePart) -> Plate | None:
    """Return the plate in a kept picture that is read most surely, None where there is none."""
    return next(iter(read_plates(uploads.pixels(part))), None)


def plate_words(plate: Plate) -> str:
    """Return what a plate reads, and between which characters its reader was not sure."""
    sure = words.percent(plate.confidence)
    read = say("The plate reads {plate}, with {percent} confidence", plate=plate.text, percent=sure)
    doubts = [_choice(place) for place in plate.characters if max(place.values(), default=1.0) < SURE]
    return say("{read}; not sure: {doubts}", read=read, doubts=", ".join(doubts)) if doubts else read


def pattern_of(plate: Plate) -> str:
    """Return what to ask for: the text, with every likely character where its reader was not sure, as in KR12A[8B]C.

    What is asked for counts as certain: of another vehicle that has the likeliest text one would be certain, too.
    """
    text = plate.text or ""
    if len(text) != len(plate.characters):
        return text
    return "".join(_asked(letter, place) for letter, place in zip(text, plate.characters, strict=True))


def _asked(letter: str, place: Mapping[str, float]) -> str:
    others = sorted(other for other, share in _likely(place) if other != letter)
    return f"[{letter}{''.join(others)}]" if others and place.get(letter, 0.0) < SURE else letter


def _choice(place: Mapping[str, float]) -> str:
    return " / ".join(f"{letter} {words.percent(share)}" for letter, share in _likely(place))


def _likely(place: Mapping[str, float]) -> list[tuple[str, float]]:
    ranked = sorted(place.items(), key=lambda one: (-one[1], one[0]))[:3]
    return [(letter, share) for letter, share in ranked if share >= LEAST]
