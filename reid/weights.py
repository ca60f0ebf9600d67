"""Find weights by name, packaged or added by the user, with the card that says licence, SHA-256 and input."""

import hashlib
import json
import logging
import math
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path

from reid.errors import SeeingError

_log = logging.getLogger(__name__)

PACKAGED = Path(__file__).parent / "packaged"
MOST_SIDE_PX = 4096
"""No network takes pictures of more pixels on a side."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_MOST_CARD_BYTES = 1 << 20
_UNFINISHED_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\.(\d{1,9})\.tmp")
_ABANDONED_S = 3600.0
"""A process of another machine or container may be at work in a shared folder: its file is younger than this."""


@dataclass(frozen=True, slots=True)
class PictureInput:
    """How a picture goes into a network: resized to `width_px` x `height_px`, (pixel - mean) / spread per channel.

    `order` is RGB or BGR; means and spreads are on the scale 0 to 255, in that order.
    """

    width_px: int = 128
    height_px: int = 128
    order: str = "RGB"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    spread: tuple[float, float, float] = (255.0, 255.0, 255.0)


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of weights without opening them; stored beside the file as JSON."""

    name: str
    task: str
    sha256: str
    licence: str
    source: str
    picture: PictureInput
    output: str | None = None
    """The name of the network's output of vectors; None for the first output."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A card and the file that it describes."""

    card: Card
    path: Path
    packaged: bool

    @property
    def model_id(self) -> str:
        """Return the name with the start of the hash: vectors of different ids never compare."""
        return f"{self.card.name}-{self.card.sha256[:12]}"

    def problem(self) -> str | None:
        """Return what is wrong with the file; None if it is the one that the card describes."""
        if not self.path.exists():
            return f"{self.path} is missing: install or add it again"
        return self._difference(file_sha256(self.path))

    def read(self) -> bytes:
        """Return the bytes of the file; refuse any other than the card describes."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            raise SeeingError(f"{self.path} is missing: install or add it again") from None
        # Of what was read: the file may be another one a moment later.
        problem = self._difference(hashlib.sha256(data).hexdigest())
        if problem is not None:
            raise SeeingError(problem)
        return data

    def _difference(self, sha256: str) -> str | None:
        if sha256 == self.card.sha256:
            return None
        card = self.card.sha256
        return f"{self.path} has SHA-256 {sha256[:12]}…, its card says {card[:12]}…: install or add it again"


def user_folder() -> Path:
    """Return the folder of the user's own weights: RETRACE_WEIGHTS, else the platform's data folder."""
    if named := os.environ.get("RETRACE_WEIGHTS"):
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "retrace" / "weights"


def list_weights(folders: Sequence[Path] | None = None) -> list[Weights]:
    """Return all weights by name; the user's own replace packaged ones of the same name."""
    found: dict[str, Weights] = {}
    for folder in folders or (PACKAGED, user_folder()):
        for weights in _in_folder(folder):
            if weights.card.name in found:
                _warn_once(f"{weights.path} is used in place of the packaged weights of that name")
            found[weights.card.name] = weights
    return [found[name] for name in sorted(found)]


def _in_folder(folder: Path) -> Iterator[Weights]:
    """Yield the weights of a folder; a broken card is passed over with a warning, so that the others can be used."""
    for card_path in sorted(folder.glob("*.json")):
        try:
            weights = weights_at(card_path.with_suffix(".onnx"))
        except SeeingError as error:
            _warn_once(str(error))
            continue
        yield weights


@cache
def _warn_once(line: str) -> None:
    """Log a line, however often weights are listed."""
    _log.warning("%s", line)


def find_weights(name: str) -> Weights:
    """Return the weights of that name."""
    known = {weights.card.name: weights for weights in list_weights()}
    if name not in known:
        raise SeeingError(
            f"there are no weights {name!r}: known are {', '.join(['histogram', *known])}; see `retrace models add`"
        )
    return known[name]


def weights_at(path: Path) -> Weights:
    """Return the weights of an ONNX file beside its card, whatever folder they are in."""
    return Weights(read_card(path.with_suffix(".json")), path, packaged=path.parent == PACKAGED)


def add_weights(file: Path, card: Card, folder: Path | None = None) -> Weights:
    """Copy a file and its card into the user's folder; the card gets the hash of the copy."""
    if not _NAME.fullmatch(card.name):
        raise SeeingError(f"name {card.name!r} cannot name a file: use small letters, digits, dots and dashes")
    folder = folder or user_folder()
    folder.mkdir(parents=True, exist_ok=True)
    _remove_unfinished(folder)
    target = folder / f"{card.name}.onnx"
    with _unfinished(target) as unfinished:
        shutil.copyfile(file, unfinished)
        _force_to_disk(unfinished)
        hashed = replace(card, sha256=file_sha256(unfinished))
        unfinished.replace(target)
    write_card(hashed, target.with_suffix(".json"))
    return Weights(hashed, target, packaged=False)


def read_card(path: Path) -> Card:
    """Read a card, unknown fields ignored; refuse one that is damaged, or says what no weights can be."""
    try:
        document = json.loads(_card_text(path))
        known = {field.name: document[field.name] for field in fields(Card) if field.name in document}
        picture = document["picture"]
        inputs = {**picture, "mean": tuple(picture["mean"]), "spread": tuple(picture["spread"])}
        card = Card(**{**known, "picture": PictureInput(**inputs)})
        _check(card)
    except (ValueError, LookupError, TypeError, OSError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SeeingError(
            f"{path} is no card of weights ({reason}): add the weights again with `retrace models add`"
        ) from None
    return card


def _card_text(path: Path) -> str:
    """Return what a card says; a pipe would be waited for by every command that lists weights."""
    if not path.is_file() or path.stat().st_size > _MOST_CARD_BYTES:
        raise ValueError("not a file, or a large one" if path.exists() else "there is none")
    return path.read_text(encoding="utf-8")


def _check(card: Card) -> None:
    """Refuse a card whose values are of other kinds, or beyond what `models add` takes."""
    texts = (card.name, card.task, card.sha256, card.licence, card.source)
    if not all(isinstance(text, str) for text in texts) or not isinstance(card.output, str | None):
        raise ValueError("name, task, sha256, licence, source and output are texts")
    if not _NAME.fullmatch(card.name):
        raise ValueError(f"{card.name!r} is no name: small letters, digits, dots and dashes are")
    sides, numbers = (card.picture.width_px, card.picture.height_px), (*card.picture.mean, *card.picture.spread)
    if not all(type(side) is int and 1 <= side <= MOST_SIDE_PX for side in sides):
        raise ValueError(f"a picture has 1 to {MOST_SIDE_PX} pixels on each side")
    if len(card.picture.mean) != 3 or len(card.picture.spread) != 3 or card.picture.order not in ("RGB", "BGR"):
        raise ValueError("mean and spread have three numbers, order is RGB or BGR")
    if not all(isinstance(one, int | float) and math.isfinite(one) for one in numbers) or 0 in card.picture.spread:
        raise ValueError("mean and spread are finite numbers, and nothing is divided by 0")


def write_card(card: Card, path: Path) -> None:
    """Write a card as readable JSON."""
    with _unfinished(path) as unfinished:
        unfinished.write_text(json.dumps(asdict(card), indent=2) + "\n", encoding="utf-8")
        _force_to_disk(unfinished)
        unfinished.replace(path)


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """Lend the name of a file until it gets its own; on a full disk nothing is left of it."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


def _remove_unfinished(folder: Path) -> None:
    """Remove what a run that was killed while it added weights left behind: the process of its name is gone."""
    for path in folder.glob("*.tmp"):
        named = _UNFINISHED_NAME.fullmatch(path.name)
        if named and not _is_running(int(named[1])):
            with suppress(OSError):
                if time.time() - path.lstat().st_mtime > _ABANDONED_S:
                    path.unlink()


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _force_to_disk(path: Path) -> None:
    """Force a file to the disk: else an archive may use weights of which a power cut leaves the name alone."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
