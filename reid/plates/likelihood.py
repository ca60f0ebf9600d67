"""Compute the llr of two plate readings: aligned character by character, with the reader's confusions."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from reid.arrays import Floats
from reid.errors import SeeingError
from reid.plates.spelling import CHARACTERS, FREQUENCY
from reid.vehicle import Plate

CLONED = 1e-7
"""Probability that another vehicle carries the same text, cloned or of another country: it bounds the llr above."""

STRAY = 3e-5
"""Probability that a text was not read from the vehicle's plate at all: it bounds the llr below."""

RELATED = 0.5
"""Share of other vehicles whose plates are related: of one region or fleet, one after the other, twins by intent."""

ALIKE = 0.9
"""How often related plates have the same character in one place."""

OTHER_LENGTH = 0.02
"""How often related plates have one character more or fewer, as the numbers of a district grow."""

OTHER_ORDER = OTHER_LENGTH**2
"""How often related plates have the same characters in another order: two exchanged, or one moved."""

LEARNED = Path(__file__).with_name("confusion.json")

Pairs = list[tuple[int | None, int | None]]
"""Aligned places of the first and the second text; None where a place has no partner."""

_COMMON = np.array([FREQUENCY[character] for character in CHARACTERS])

_COLUMN = {character: column for column, character in enumerate(CHARACTERS)}

_DIFFER = 1.0 - float((_COMMON**2).sum())

_MOST = 80.0

_LEAST = 1e-9

_WRITTEN_FROM = 2e-4

_LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class Confusion:
    """`stands_for` (n, n) over CHARACTERS: row the character read, column the true one, each row summing to 1.

    `missed` is the probability that a character of a plate is left out, `extra` that one is read which is not there.
    """

    stands_for: Floats
    missed: float
    extra: float


def text_llr(first: Plate, second: Plate) -> float | None:
    """Return the natural log-likelihood ratio, same plate against another; None if either has no text."""
    llr = float(text_llrs(first, [second])[0])
    return None if math.isnan(llr) else llr


def text_llrs(
    first: Plate, others: Sequence[Plate], confusion: Confusion | None = None, share: Floats | float = RELATED
) -> Floats:
    """Return the llr of one plate with each of the others, (n,); NaN where either has no text.

    A reading of a place gives P(c | picture) of each true character c. Two pictures of one place are
    sum_c P(c | a) P(c | b) / P(c) times as likely as two pictures of unrelated places; the logarithms are summed over
    the best alignment of the two texts. Another vehicle's plate may be related: then each place agrees with probability
    ALIKE, so one sure difference outweighs all places that agree; it has a character more or fewer with OTHER_LENGTH,
    and one in another place with OTHER_ORDER.
    `share` is that of related plates, (n,) or one for all.
    """
    llrs = np.full(len(others), np.nan)
    rows = [row for row, other in enumerate(others) if other.characters]
    if not first.characters or not rows:
        return llrs
    confusion = confusion or learned_confusion()
    a = true_characters([first], confusion)[0]
    b = true_characters([others[row] for row in rows], confusion)
    gains = np.log((a / _COMMON) @ b.transpose(0, 2, 1))
    lengths = np.array([len(others[row].characters) for row in rows])
    gap = math.log(confusion.missed + confusion.extra)
    same = np.clip(alignment_scores(gains, lengths, gap), -_MOST, _MOST)
    longer = np.abs(lengths - len(a))
    other_length = same + longer * (math.log(OTHER_LENGTH) - gap) + np.minimum(lengths, len(a)) * math.log(ALIKE)
    # Another plate may have the same characters in another order, too: they agree once some are passed over.
    by_place = np.trace(gains, axis1=1, axis2=2)
    moved = same + math.log(OTHER_ORDER) - 2 * gap + len(a) * math.log(ALIKE)
    moved = np.where(same > by_place + _LEAST, moved, -np.inf)
    related = np.where(longer == 0, np.logaddexp(_related(gains, a, b, same), moved), other_length)
    llrs[rows] = bounded_llr(same, related, np.broadcast_to(share, len(others))[rows])
    return llrs


def same_probability(llr: float) -> float:
    """Return the probability of the same plate at even prior."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, llr))))


def bounded_llr(same: Floats, related: Floats, share: Floats | float = RELATED) -> Floats:
    """Return the llr of the same plate against any other, within the bounds of STRAY and CLONED.

    `share` is that of related plates among the others, `related` their llr against unrelated ones.
    """
    numerator = np.logaddexp(math.log(1 - STRAY) + same, math.log(STRAY))
    denominator = np.logaddexp(
        np.logaddexp(np.log(1 - share - CLONED), np.log(share) + related), math.log(CLONED) + same
    )
    return np.asarray(numerator - denominator, np.float64)


def true_characters(plates: Sequence[Plate], confusion: Confusion) -> Floats:
    """Return (n, longest, characters): the probability of each true character at each place that was read.

    The rest to one is spread by how common characters are; the rows beyond the end of a shorter text are unused.
    """
    longest = max(len(plate.characters) for plate in plates)
    shares = np.zeros((len(plates), longest, len(CHARACTERS)))
    for number, plate in enumerate(plates):
        for place, position in enumerate(plate.characters):
            for character, probability in position.items():
                if character in _COLUMN:
                    shares[number, place, _COLUMN[character]] += probability
    shares /= np.maximum(shares.sum(axis=2, keepdims=True), 1.0)
    open_share = 1.0 - shares.sum(axis=2, keepdims=True)
    likely = shares @ confusion.stands_for + np.maximum(open_share, _LEAST) * _COMMON
    return np.asarray(likely, np.float64)


def alignment_scores(gains: Floats, lengths: npt.NDArray[np.int64], gap: float) -> Floats:
    """Return the score of the best alignment of each of n pairs of texts, (n,).

    `gains` is (n, rows, longest), of which the first `lengths[i]` columns of pair i count; `gap` scores a single place.
    """
    return np.asarray(_table(gains, gap)[np.arange(len(gains)), gains.shape[1], lengths])


def best_alignment(gains: Floats, gap: float) -> Pairs:
    """Return the best alignment of two texts; `gains` is (rows, columns)."""
    best = _table(gains[None], gap)[0]
    i, j = gains.shape
    pairs: Pairs = []
    while i or j:
        if i and j and np.isclose(best[i, j], best[i - 1, j - 1] + gains[i - 1, j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and np.isclose(best[i, j], best[i - 1, j] + gap):
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def edit_alignment(read: Sequence[str], truth: Sequence[str]) -> Pairs:
    """Return the alignment that changes, adds or leaves out as few characters as possible."""
    same = np.array([[0.0 if a == b else -1.0 for b in truth] for a in read]).reshape(len(read), len(truth))
    return best_alignment(same, -1.0)


@cache
def learned_confusion() -> Confusion:
    """Return the measured confusion of the packaged reader."""
    return read_confusion(LEARNED)


def read_confusion(path: Path) -> Confusion:
    """Read a confusion that `write_confusion` wrote."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        table = np.stack([_row(document["stands_for"][read]) for read in CHARACTERS])
        return Confusion(table, float(document["missed"]), float(document["extra"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SeeingError(
            f"{path} is no confusion of a reader ({error}): write it with `retrace train reader`"
        ) from None


def write_confusion(confusion: Confusion, path: Path) -> None:
    """Write a confusion as readable JSON: for each character read, the true ones, most probable first."""
    document = {
        "missed": round(confusion.missed, 5),
        "extra": round(confusion.extra, 5),
        "stands_for": {
            read: {
                CHARACTERS[column]: round(float(row[column]), 5)
                for column in np.argsort(-row, kind="stable")
                if row[column] >= _WRITTEN_FROM
            }
            for read, row in zip(CHARACTERS, confusion.stands_for, strict=True)
        },
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _related(gains: Floats, a: Floats, b: Floats, same: Floats) -> Floats:
    """Return the llr of related plates against unrelated ones, (n,).

    Places are compared one by one; the result is minus infinity where another alignment fits better.
    """
    places = min(gains.shape[1:])
    gain = gains[:, range(places), range(places)]
    differ = np.maximum(1.0 - np.einsum("kc,nkc->nk", a[:places], b[:, :places]), _LEAST)
    other = np.log(differ / _DIFFER)
    either = np.logaddexp(math.log(ALIKE) + gain, math.log(1 - ALIKE) + other).sum(axis=1)
    all_alike = places * math.log(ALIKE) + gain.sum(axis=1)
    changed = either + np.log1p(-np.exp(np.minimum(all_alike - either, -1e-12))) - math.log(1 - ALIKE**places)
    return np.where(np.isclose(gain.sum(axis=1), same), changed, -np.inf)


def _table(gains: Floats, gap: float) -> Floats:
    """Return the best score up to each pair of places, (n, rows + 1, columns + 1): Needleman and Wunsch, 1970."""
    count, rows, columns = gains.shape
    best = np.zeros((count, rows + 1, columns + 1))
    best[:, :, 0] = np.arange(rows + 1) * gap
    best[:, 0, :] = np.arange(columns + 1) * gap
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            paired = best[:, i - 1, j - 1] + gains[:, i - 1, j - 1]
            best[:, i, j] = np.maximum(paired, np.maximum(best[:, i - 1, j], best[:, i, j - 1]) + gap)
    return best


def _row(shares: Mapping[str, float]) -> Floats:
    """Return the probabilities of the true characters, summing to 1; unwritten ones share the rest evenly."""
    row = np.full(len(CHARACTERS), _LEAST_SHARE)
    unwritten = np.array([character not in shares for character in CHARACTERS])
    row[unwritten] = max(_LEAST_SHARE, (1.0 - sum(shares.values())) / max(1, unwritten.sum()))
    row[~unwritten] = [shares[character] for character in CHARACTERS if character in shares]
    return np.asarray(row / row.sum(), np.float64)
