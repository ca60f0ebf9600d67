"""Answer for pictures, frames, clips and roads of the archive, each allowed and written into the audit first."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from index.access import footage_view, permissions
from index.access.browse import get_sighting, open_picture
from index.access.footage_view import Clip
from index.access.plate_view import open_plate
from index.errors import ArchiveError, unforeseen_line
from index.map.places import current_places, place_book
from index.records import Sighting, StoredShot
from index.search.whereabouts import Passed, area_at, record_area
from index.store.archive import Archive
from reid.errors import SeeingError
from roadgraph.errors import RoadError
from ui.web.map_base import roads_json

_log = logging.getLogger(__name__)

KEPT = {"cache-control": "private, max-age=900"}
"""A browser asks again after a quarter of an hour, so that a deleted picture does not stay with it."""

SAME_CLIP_S = 600.0
"""A player asks for a clip in many ranges, and a strip for many areas: they are one opening of it for so long."""

VIDEO_TYPES = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm"}

NO_ROADS = b'{"main":[],"minor":[],"names":[]}'

_Answer = Callable[[Request], Response]

_Opening = tuple[str, str | None, str | None]
"""A sighting, and the reason and case that it is opened for: for another one it is opened again."""


class ArchiveMedia:
    """The routes of one archive; it is opened when the first of them is asked for."""

    def __init__(self, path: Path) -> None:
        self._path, self._opening = path, threading.Lock()
        self._archive: Archive | None = None
        self._clips: dict[_Opening, tuple[float, Clip]] = {}
        self._areas: dict[_Opening, float] = {}

    def routes(self) -> list[BaseRoute]:
        """Return the routes, for the server to add to those of the page."""
        return [
            Route("/archive/picture/{sighting:path}/{shot}", self._route(self._picture)),
            Route("/archive/plate/{sighting:path}", self._route(self._plate)),
            Route("/archive/frame/{sighting:path}", self._route(self._frame)),
            Route("/archive/camera/{camera:path}", self._route(self._camera_frame)),
            Route("/archive/clip/{sighting:path}", self._route(self._clip)),
            Route("/archive/roads/{version}", self._route(self._roads)),
            Route("/archive/area", self._route(self._area)),
        ]

    def _route(self, answer: _Answer) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(_guarded, answer, request)

        return endpoint

    def archive(self) -> Archive:
        """Return the archive, opened once."""
        with self._opening:
            if self._archive is None:
                self._archive = Archive.open(self._path)
            return self._archive

    def _picture(self, request: Request) -> Response:
        sighting = self._sighting(request)
        shot = _shot(sighting, request.path_params["shot"])
        jpeg = open_picture(self.archive(), sighting, permissions.local_person(), shot=shot, **_why(request))
        return Response(jpeg, media_type="image/jpeg", headers=KEPT)

    def _plate(self, request: Request) -> Response:
        jpeg = open_plate(self.archive(), self._sighting(request), permissions.local_person(), **_why(request))
        return Response(jpeg, media_type="image/jpeg", headers=KEPT)

    def _frame(self, request: Request) -> Response:
        sighting = self._sighting(request)
        jpeg = footage_view.open_frame(self.archive(), sighting, permissions.local_person(), **_why(request))
        return Response(jpeg, media_type="image/jpeg", headers=KEPT)

    def _camera_frame(self, request: Request) -> Response:
        camera = request.path_params["camera"]
        jpeg = footage_view.open_camera_frame(self.archive(), camera, permissions.local_person(), **_why(request))
        return Response(jpeg, media_type="image/jpeg", headers=KEPT)

    def _clip(self, request: Request) -> Response:
        sighting = self._sighting(request)
        clip = self._opened_clip(sighting, request)
        kind = VIDEO_TYPES.get(clip.path.suffix.lower())
        if kind is None:
            raise ArchiveError(f"{clip.path.name} is not a video that a browser can play: look at the frame")
        return FileResponse(clip.path, media_type=kind, headers={"cache-control": "private, no-store"})

    def _opened_clip(self, sighting: Sighting, request: Request) -> Clip:
        now = time.monotonic()
        opening = _opening(sighting.id, request)
        at, clip = self._clips.get(opening, (-SAME_CLIP_S, None))
        if clip is None or now - at > SAME_CLIP_S:
            clip = footage_view.open_clip(self.archive(), sighting, permissions.local_person(), **_why(request))
            self._clips = {id_: kept for id_, kept in self._clips.items() if now - kept[0] <= SAME_CLIP_S}
            self._clips[opening] = (now, clip)
        return clip

    def _roads(self, request: Request) -> Response:
        permissions.require(self.archive(), permissions.local_person(), permissions.Permission.SEE)
        file = place_book(self.archive()).roads_path
        body = _roads(self.archive(), file.stat().st_mtime_ns) if file.exists() else NO_ROADS
        return Response(body, media_type="application/json", headers=KEPT)

    def _area(self, request: Request) -> Response:
        asked = request.query_params
        passed_at, at = (_moment(asked.get(name, ""), name) for name in ("time", "at"))
        passed = Passed(asked.get("camera", ""), passed_at, asked.get("sighting") or None)
        self._record_area(passed.sighting, request)
        area = area_at(self.archive(), permissions.local_person(), passed, at)
        return JSONResponse(area, headers=KEPT)

    def _record_area(self, sighting: str | None, request: Request) -> None:
        """Write that it is asked where the vehicle of a sighting can be: once while somebody moves through the hours.

        Without a sighting, the road map alone is asked.
        """
        now = time.monotonic()
        if sighting is None:
            return
        opening = _opening(sighting, request)
        if now - self._areas.get(opening, -SAME_CLIP_S) <= SAME_CLIP_S:
            return
        record_area(self.archive(), permissions.local_person(), sighting, **_why(request))
        self._areas = {id_: at for id_, at in self._areas.items() if now - at <= SAME_CLIP_S} | {opening: now}

    def _sighting(self, request: Request) -> Sighting:
        return get_sighting(self.archive(), request.path_params["sighting"], permissions.local_person())


@lru_cache(maxsize=2)
def _roads(archive: Archive, changed_ns: int) -> bytes:
    """Return the roads as JSON; `changed_ns` is when their file changed, part of the key of the cache."""
    places = current_places(archive)
    return NO_ROADS if places.graph is None else roads_json(places.graph)


def _guarded(answer: _Answer, request: Request) -> Response:
    """Answer, or say in one line why not."""
    try:
        return answer(request)
    except permissions.NotAllowedError as error:
        return PlainTextResponse(f"{error}\n", 403)
    except (ArchiveError, SeeingError, RoadError, OSError) as error:
        return PlainTextResponse(f"{error}\n", 404)
    except Exception as error:
        _log.exception("%s could not be answered", request.url.path)
        return PlainTextResponse(f"{unforeseen_line(error)}\n", 500)


def _shot(sighting: Sighting, number: str) -> StoredShot:
    for shot in sighting.shots:
        if str(shot.number) == number:
            return shot
    raise ArchiveError(f"sighting {sighting.id!r} has no picture {number[:20]!r}: it has {len(sighting.shots)}")


def _moment(text: str, name: str) -> datetime:
    """Return the time that a browser writes as milliseconds."""
    if not text.isdecimal() or len(text) > 13:
        raise ArchiveError(f"{name} is {text[:20]!r}: write milliseconds since 1970, as 1777888800000")
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def _opening(sighting: str, request: Request) -> _Opening:
    why = _why(request)
    return sighting, why["reason"], why["case"]


def _why(request: Request) -> Mapping[str, str | None]:
    """Return reason and case, as the page names them in the address of a picture."""
    return {name: request.query_params.get(name) or None for name in ("reason", "case")}
