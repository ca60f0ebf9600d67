"""Say in words what a probability stands on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.answers import Evidence, Reason
from index.search.fusion import KINDS

STRONG, SOME = 3.0, 1.0
"""The llr from which evidence is called strong (20 to 1), and from which it is mentioned (3 to 1)."""

CONFIRMED = Reason("confirmed by a person")
FITS = Reason("fits the description")
"""Why a sighting is listed where nothing was compared."""

NOTHING_STRONG, NOTHING = Reason("nothing speaks strongly for or against"), Reason("nothing to compare")

LEFT_OUT = Reason(
    "marked yes in this case, but not compared: not where and when this question looks, out of reach by the roads, "
    "without a plate that fits, or removed since: {sightings}"
)
CONTRADICTING = Reason(
    "marked yes in this case, but no one vehicle can have made all of these: {sightings}. "
    "Are they two vehicles, or is a clock wrong?"
)
DIFFERENT_PLATES = Reason("marked yes in this case, but with plates that differ: {sightings}. Are they two vehicles?")
NOT_JOINED = Reason(
    "more sightings are marked yes in this case than a way joins, so only those nearest in time are in it"
)
TOO_NEAR_THE_QUESTION = Reason(
    "marked yes in this case, but no one vehicle can have made these and the passage asked about: {sightings}. "
    "Are they two vehicles, or is a clock wrong?"
)
OTHER_PLATE_THAN_ASKED = Reason(
    "marked yes in this case, but with a plate that differs from the one asked about: {sightings}. "
    "Are they two vehicles?"
)
"""What of the marks of a case a person should look at; they are believed all the same."""

RULED_OUT = Reason(
    "the sighting asked about is marked no in this case: marks take no part, as they are about another vehicle"
)

OTHER_PLATES = Reason(
    "asked with more than one plate: {others} was given, too, and {plate} is what plates are compared with. "
    "Are they two vehicles? Ask about each alone"
)
"""What of a question a person should look at: pictures of two vehicles hide one of them."""

TOO_FAST_A_WAY = Reason(
    "by its way one vehicle made all of these, between which there is hardly time to drive: {sightings}. "
    "Are they two vehicles, or is a clock wrong?"
)
"""What of a story that nobody marked a person should look at: a plate that was copied, or a clock."""

OF_THE_QUESTION = frozenset({RULED_OUT.text, OTHER_PLATES.text})
"""Doubts about the question itself; others are about the marks of its case, or about the way."""


def subject_of(doubt: Reason) -> str:
    """Return what a doubt is about."""
    if doubt.text == TOO_FAST_A_WAY.text:
        return "the way"
    return "the question" if doubt.text in OF_THE_QUESTION else "the marks"


WORDS = {
    "appearance": ("looks the same", "looks alike", "looks somewhat different", "looks different"),
    "plate": (
        "plate consistent with the one asked for",
        "plate looks consistent",
        "plate hardly consistent",
        "plate not consistent with the one asked for",
    ),
    "travel": (
        "the time between is just what the drive takes",
        "the time between fits the drive",
        "the time between is unusual for the drive",
        "the time between hardly allows the drive",
    ),
    "direction": ("took the road that leads there", "direction fits", "direction fits badly", "drives the wrong way"),
    "way_back": (
        "comes back the other way",
        "comes back the other way",
        "drives the same way again",
        "drives the same way again",
    ),
    "links": (
        "fits very well with where else it was seen",
        "fits with where else it was seen",
        "fits badly with where else it was seen",
        "fits very badly with where else it was seen",
    ),
}
"""What is said of each kind of evidence, from strongly for to strongly against."""

AT_ONCE = Reason("this camera saw both at once")
"""What is said of the time where one camera saw it while the vehicle asked about was still there: no drive is meant."""

IN_PIECES = Reason("its camera lost it and saw it again: {n} sightings are this passage")
"""What is said of a passage that its camera saw in pieces, of which one is shown."""

DESCRIBED = (
    "fits the description",
    "fits the description",
    "hardly fits the description",
    "does not fit the description",
)
"""What is said of appearance where nothing but a type or colour was stated: nobody compared looks."""

READ = (
    "plate read as {plate}, which agrees",
    "plate read as {plate}, which is consistent",
    "plate read as {plate}, which fits badly",
    "plate read as {plate}, another one",
)
"""How a plate fits that was read in full; of one that was not, nobody can say more than that it is consistent."""

READ_LONGER = ("plate read as {plate}, of another length", "plate read as {plate}, another one (of another length)")
READ_TWIN = (
    "plate read as {plate}, one character differs",
    "plate read as {plate}, another one (one character differs)",
)
READ_OTHER = (
    "plate read as {plate}, {n} characters differ",
    "plate read as {plate}, another one ({n} characters differ)",
)
"""What is said of a plate that differs, last where that speaks strongly against; only what agrees is said to agree."""

ALSO_READ = "the plate may as well be {other}"
"""What is said of a reading that is nearly as likely another one."""


@dataclass(frozen=True, slots=True)
class ReadPlate:
    """The text of a plate as it was read, and in how many characters it differs from what was asked for.

    None: it is longer or shorter than every plate that fits. `other` is a text that is nearly as likely.
    """

    text: str
    differing: int | None
    other: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Return how it fits, from strongly for to strongly against."""
        if self.differing == 0:
            return READ
        differs, other = {None: READ_LONGER, 1: READ_TWIN}.get(self.differing, READ_OTHER)
        return (differs, differs, differs, other)

    @property
    def values(self) -> Mapping[str, object]:
        """Return what fills the blanks of its words."""
        return {"plate": self.text} if self.differing in (None, 0, 1) else {"plate": self.text, "n": self.differing}


def explain(
    evidence: Evidence, read: ReadPlate | None = None, *, described: bool = False, at_once: bool = False
) -> tuple[Reason, ...]:
    """Return what counts for and against, the strongest first; `read` is the plate text that was compared.

    Where a vehicle was only `described`, its appearance is no more than that. `at_once`: its camera saw it together
    with the one asked about.
    """
    known = [(kind, getattr(evidence, kind)) for kind in KINDS if getattr(evidence, kind) is not None]
    known.sort(key=lambda item: -abs(item[1]))
    # A plate that differs in a character may speak neither for nor against; it is told all the same.
    differs = {"plate"} if read is not None and read.differing != 0 else set()
    reasons = [
        _reason(kind, llr, read, described, at_once) for kind, llr in known if abs(llr) >= SOME or kind in differs
    ]
    if read is not None and read.other is not None:
        reasons.append(Reason(ALSO_READ, {"other": read.other}))
    if reasons:
        return tuple(reasons)
    return (NOTHING_STRONG,) if known else (NOTHING,)


def against(evidence: Evidence, read: ReadPlate | None = None, *, at_once: bool = False) -> tuple[Reason, ...]:
    """Return what speaks strongly against, the strongest first: what a person confirmed may be a mistake, too."""
    known = [(kind, llr) for kind in KINDS if (llr := getattr(evidence, kind)) is not None and llr <= -STRONG]
    return tuple(_reason(kind, llr, read, False, at_once) for kind, llr in sorted(known, key=lambda item: item[1]))


def _reason(kind: str, llr: float, read: ReadPlate | None, described: bool, at_once: bool) -> Reason:
    if kind == "travel" and at_once and llr < 0:
        return AT_ONCE
    if kind == "plate" and read is not None:
        return Reason(_word(read.words, llr), read.values)
    return Reason(_word(DESCRIBED if kind == "appearance" and described else WORDS[kind], llr))


def _word(words: Sequence[str], llr: float) -> str:
    strongly_for, some_for, some_against, strongly_against = words
    if llr > 0:
        return strongly_for if llr >= STRONG else some_for
    return strongly_against if llr <= -STRONG else some_against
