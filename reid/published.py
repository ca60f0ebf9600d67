"""Download weights that others publish, on request, and only files of a known SHA-256."""

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reid.errors import SeeingError
from reid.weights import Card, PictureInput, Weights, user_folder, write_card

CHUNK_BYTES = 1 << 16
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Published:
    """A file of a public repository at one commit, and its card."""

    card: Card
    repository: str
    commit: str
    path: str

    @property
    def url(self) -> str:
        """Return the address of the file at that commit."""
        return f"https://raw.githubusercontent.com/{self.repository}/{self.commit}/{self.path}"


PUBLISHED: Mapping[str, Published] = {
    "yolox-nano": Published(
        card=Card(
            name="yolox-nano",
            task="detector",
            sha256="695e750a5d5754bb5a8d5325643b59282191a7e7a564e435a415fd3c578eab14",
            licence="Apache-2.0",
            source="github Megvii-BaseDetection/YOLOX, as in Kazuhito00/vehicle-reid-0001-onnx-sample",
            picture=PictureInput(416, 416, "BGR", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
        ),
        repository="Kazuhito00/vehicle-reid-0001-onnx-sample",
        commit="9ef1914c708bb389b256e15024e2138f2e55686d",
        path="yolox/model/yolox_nano.onnx",
    ),
}
"""Name -> source; all other weights are added by `retrace models add`."""


def pull(name: str, *, url: str | None = None, folder: Path | None = None) -> Weights:
    """Download weights by name into the user's folder; a file of another hash is deleted.

    `url` is a mirror of the same file.
    """
    if name not in PUBLISHED:
        raise SeeingError(f"{name!r} is not published here: known are {', '.join(PUBLISHED)}; see `retrace models add`")
    published = PUBLISHED[name]
    folder = folder or user_folder()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.onnx"
    unfinished = target.with_suffix(f".{os.getpid()}.tmp")
    try:
        found = _download(url or published.url, unfinished)
        if found != published.card.sha256:
            raise SeeingError(
                f"{url or published.url} has SHA-256 {found[:12]}…, not {published.card.sha256[:12]}…: "
                "it is another file, and was thrown away"
            )
        write_card(published.card, target.with_suffix(".json"))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return Weights(published.card, target, packaged=False)


def _download(url: str, target: Path) -> str:
    """Write the content of an address to a file, and return its SHA-256."""
    digest = hashlib.sha256()
    try:
        # A file: address is meant; what comes is kept only if its SHA-256 is the one expected.
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer, target.open("wb") as file:  # noqa: S310
            while data := answer.read(CHUNK_BYTES):
                digest.update(data)
                file.write(data)
    except (urllib.error.URLError, TimeoutError, ConnectionError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise SeeingError(
            f"{url} does not answer ({reason}): try again, or fetch it elsewhere and give --url file:///PATH"
        ) from None
    return digest.hexdigest()
