"""Read a road network from a file of any known format, recognised by its content, not by its name."""

import bz2
import codecs
import gzip
import zlib
from pathlib import Path

from roadgraph.assembly import RoadImport, RoadSource, assemble
from roadgraph.errors import RoadError
from roadgraph.geojson import read_geojson
from roadgraph.graphml import read_graphml
from roadgraph.osm import read_osm
from roadgraph.tags import ALL_WAYS, TagOptions

HEAD_BYTES = 4096
MOST_UNPACKED = 1_000_000_000
"""A packed file that holds more is refused: four megabytes can unpack to gigabytes."""
FORMATS = "OpenStreetMap XML or PBF, GeoJSON lines (.gz and .bz2 too), or GraphML of osmnx"


def read_roads(path: Path, options: TagOptions = ALL_WAYS, *, there_and_back: bool = False) -> RoadImport:
    """Return the roads of a file; `there_and_back`: only those from which one can drive everywhere, as trips need."""
    return assemble(_source(path), options, there_and_back=there_and_back)


def _source(path: Path) -> RoadSource:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    packing = {b"\x1f\x8b": ".gz", b"BZ": ".bz2"}.get(head[:2], "")
    text = _unpacked_head(path, packing) if packing else head
    if b"OSMHeader" in text[:64]:
        return read_osm(path, "pbf")
    if b"<osm" in text:
        return read_osm(path, "osm" + packing)
    if b"<graphml" in text and not packing:
        return read_graphml(path)
    if text.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{":
        return read_geojson(path, _text(path, packing))
    raise RoadError(f"{path} is not a road map: give {FORMATS}")


def _text(path: Path, packing: str) -> str:
    content = _unpacked_whole(path, packing) if packing else path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RoadError(f"{path} is not UTF-8 text ({error.reason}): export it again") from error


def _unpacked_head(path: Path, packing: str) -> bytes:
    return _unpacked(path, packing, HEAD_BYTES)


def _unpacked_whole(path: Path, packing: str) -> bytes:
    content = _unpacked(path, packing, MOST_UNPACKED + 1)
    if len(content) > MOST_UNPACKED:
        raise RoadError(
            f"{path} unpacks to more than {MOST_UNPACKED // 1_000_000:,} MB: cut out the area of your cameras"
        )
    return content


def _unpacked(path: Path, packing: str, most: int) -> bytes:
    """Return the first bytes of a packed file, as many as are wanted."""
    opener = gzip.open if packing == ".gz" else bz2.open
    try:
        with opener(path, "rb") as file:
            return file.read(most)
    except (EOFError, OSError, zlib.error) as error:
        raise RoadError(f"{path} is cut short or damaged ({error}): download it again") from error
