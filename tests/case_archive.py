"""Make a small archive with a case: a made town, footage of one camera, marks, notes and a question."""

import shutil
from datetime import timedelta
from pathlib import Path

from index.access.audit import record
from index.access.cases import mark_sighting, open_case, write_note
from index.access.permissions import local_person
from index.answers import Query
from index.ingest.file_identity import sha256_of
from index.map.map_changes import set_clock
from index.records import NewChunk, NewShot, NewSighting
from index.search.search import search
from index.store.archive import Archive
from index.store.catalogue import footage
from index.store.catalogue.clocks import ClockOffset
from index.store.catalogue.footage import Footage
from reid.appearance.embedders import make_embedder
from reid.images import crop, encode_jpeg
from reid.vehicle import Attributes, Plate
from tests.reid.privacy.film import APPEARS_S, HEIGHT, LEAVES_S, WIDTH, frame_at, subject_box, track, write_film
from tests.ui.conftest import EIGHT, make_archive

LOCAL = local_person()
CASE = "2026-117"
FILMED = "filmed"
"""The one sighting with footage."""

STARTS = EIGHT - timedelta(seconds=6)
HOSTILE = '=cmd|"/c calc"!A1 <script>alert(1)</script> "quoted" & \u202egpj.exe \x07 白色卡车 Жёлтая ../../etc'


def make_case_archive(folder: Path, *, case: str = CASE, title: str = "Hit and run") -> Path:
    """Return the folder of an archive whose case has one yes, one no and one unsure mark, and one question."""
    with make_archive(folder) as archive:
        _film(archive, folder)
        set_clock(archive, LOCAL, ClockOffset("harbour", 2.0, 1.5, 2.5))
        open_case(archive, LOCAL, case, title)
        query = Query(sighting=FILMED, case=case, reason="Who drove off?", top=5, horizon_s=1800.0)
        *_, _ = search(archive, query, LOCAL)
        for sighting, verdict in (("red-harbour", "yes"), ("blue-harbour", "no"), ("red-mill", "unsure")):
            mark_sighting(archive, LOCAL, case, sighting, verdict)
        write_note(archive, LOCAL, case, "The witness saw a red car.")
        write_note(archive, LOCAL, case, "Left lamp broken.", sighting="red-harbour")
        record(archive, LOCAL, "search", {"type": "car"}, reason="another case", case=None)
    return folder / "archive"


def copy_archive(made: Path, folder: Path) -> Path:
    """Return a copy of an archive, to be changed; its footage stays where it is."""
    return Path(shutil.copytree(made, folder / "copy"))


def _film(archive: Archive, folder: Path) -> None:
    """Add footage of the camera "bridge", and the sighting in it."""
    path = write_film(folder / "bridge.mp4")
    id_ = sha256_of(path)
    film = Footage(id_, str(path), "bridge", STARTS, 12.0, 8.0, WIDTH, HEIGHT, 96, 60.0, "done")
    with archive.catalogue.writing() as connection:
        footage.add(connection, film, at=EIGHT)
    archive.add(NewChunk(id_, 0, (_filmed(),)))


def _filmed() -> NewSighting:
    best_s = 6.0
    box = subject_box(best_s)
    picture = crop(frame_at(best_s), box)
    best = STARTS + timedelta(seconds=best_s)
    embedder = make_embedder("histogram")
    plate = Plate(box, ((1, 1), (9, 1), (9, 4), (1, 4)), "KR123AB", 0.97, tuple({one: 0.97} for one in "KR123AB"))
    return NewSighting(
        id=FILMED,
        camera="bridge",
        first=STARTS + timedelta(seconds=APPEARS_S),
        best=best,
        last=STARTS + timedelta(seconds=LEAVES_S),
        box=box,
        attributes=Attributes({"car": 0.9, "van": 0.1}, {"red": 0.9}),
        shots=(NewShot(best, 48, box, encode_jpeg(picture), 1.0),),
        vectors={embedder.model_id: embedder.embed([picture])},
        plate=plate,
        plate_model="reader-1",
        track=track(),
    )
