"""Pictures, frames, clips and roads are allowed, audited, and served in ranges; what is gone is said."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from index.access import audit, footage_view
from index.access.cases import open_case
from index.access.permissions import local_person
from index.records import NewChunk, NewSighting
from index.store.archive import Archive
from index.store.catalogue import footage
from index.store.catalogue.footage import Footage
from tests.conftest import Car
from tests.ui.conftest import EIGHT, make_archive, passage
from ui.media import ArchiveMedia


@dataclass(frozen=True)
class Answer:
    status_code: int
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


class Client:
    """Asks the routes as a server would, without a socket."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return asyncio.run(self._get(urlsplit(path), headers or {}))

    async def _get(self, parts: Any, headers: Mapping[str, str]) -> Answer:
        sent: list[dict[str, Any]] = []
        scope = {
            "type": "http",
            "method": "GET",
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "root_path": "",
            "query_string": parts.query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }

        waiting: list[dict[str, Any]] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> dict[str, Any]:
            if not waiting:
                await asyncio.Event().wait()
            return waiting.pop()

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        return Answer(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]))


Film = tuple[Archive, Path]


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory, film_street: Callable[..., Path]) -> Iterator[Film]:
    """The small archive, and one sighting more whose footage is a real file."""
    folder = tmp_path_factory.mktemp("filmed")
    film = film_street(folder / "bridge.mp4", [Car(enters_s=1.0, top=80)], 12.0)
    with make_archive(folder) as archive:
        open_case(archive, local_person(), "K-7", "")
        with archive.catalogue.writing() as connection:
            start = EIGHT + timedelta(hours=2)
            footage.add(connection, Footage("f1", str(film), "bridge", start, 12.0, width=320, height=180), at=start)
        seen = passage(80, "red", "bridge")
        archive.add(NewChunk("f1", 0, (seen_in_film(seen),)))
        yield archive, film


def seen_in_film(seen: NewSighting) -> NewSighting:
    at = EIGHT + timedelta(hours=2, seconds=5)
    shots = tuple(replace(shot, time=at) for shot in seen.shots)
    return replace(
        seen, id="filmed/1", first=at - timedelta(seconds=1), best=at, last=at + timedelta(seconds=1), shots=shots
    )


@pytest.fixture
def client(filmed: Film) -> Client:
    return Client(Starlette(routes=ArchiveMedia(filmed[0].path).routes()))


def actions(archive: Archive) -> list[tuple[str, str | None, str | None]]:
    return [(entry.action, entry.case, entry.reason) for entry in audit.entries(archive, local_person())]


def test_a_clip_or_area_for_another_case_is_another_opening(client: Client, filmed: Film) -> None:
    before = len(actions(filmed[0]))
    area = "area?sighting=red-mill&camera=mill&time=1777881600000&at=1777881900000&reason=one"
    for path in ("clip/filmed%2F1?reason=one", "clip/filmed%2F1?reason=two&case=K-7", area, f"{area}&case=K-7"):
        for _ in range(2):
            assert client.get(f"/archive/{path}").status_code == 200
    assert [(reason, case) for _, case, reason in actions(filmed[0])[before:]] == [
        ("one", None),
        ("two", "K-7"),
        ("one", None),
        ("one", "K-7"),
    ]


def test_a_picture_comes_with_its_case_and_reason_in_the_audit(client: Client, filmed: tuple[Archive, Path]) -> None:
    answer = client.get("/archive/picture/red-mill/0?case=K-7&reason=theft")
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xff\xd8")
    assert actions(filmed[0])[-1] == ("open picture", "K-7", "theft")


@pytest.mark.parametrize("why", ["case=nope", "reason=" + "x" * 60_000, "reason=a%00b", "reason=%1b%5b2K", "case=%00"])
@pytest.mark.parametrize("what", ["picture/red-mill/0", "frame/filmed%2F1", "clip/filmed%2F1", "camera/bridge"])
def test_a_case_that_is_none_and_reasons_that_nobody_can_read_come_into_no_audit(
    client: Client, filmed: Film, what: str, why: str
) -> None:
    before = actions(filmed[0])
    answer = client.get(f"/archive/{what}?{why}")
    assert answer.status_code == 404
    assert len(answer.text) < 300
    assert answer.text.count("\n") == 1
    assert actions(filmed[0]) == before


def test_the_frame_is_the_whole_picture_and_audited(client: Client, filmed: Film) -> None:
    answer = client.get("/archive/frame/filmed%2F1")
    assert answer.status_code == 200, answer.text
    assert actions(filmed[0])[-1][0] == "open frame"


def test_a_clip_is_served_in_ranges_and_opened_once(client: Client, filmed: Film) -> None:
    before = len(actions(filmed[0]))
    first = client.get("/archive/clip/filmed%2F1", headers={"range": "bytes=0-99"})
    rest = client.get("/archive/clip/filmed%2F1", headers={"range": "bytes=100-"})
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first.content + rest.content == filmed[1].read_bytes()
    assert [action for action, _, _ in actions(filmed[0])[before:]] == ["open clip"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/archive/picture/nobody/0", "no sighting 'nobody'"),
        ("/archive/picture/red-mill/9", "has no picture '9'"),
        (f"/archive/picture/red-mill/{'9' * 5000}", "has no picture '99999999999999999999'"),
        ("/archive/frame/red-mill", "imported without footage"),
        ("/archive/picture/..%2F..%2Fetc%2Fpasswd/0", "no sighting"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(client: Client, path: str, why: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert why in answer.text


def test_footage_that_was_moved_is_said(client: Client, filmed: Film) -> None:
    away = filmed[1].rename(filmed[1].with_suffix(".away"))
    try:
        answer = client.get("/archive/frame/filmed%2F1")
        assert answer.status_code == 404
        assert "no longer at" in answer.text
    finally:
        away.rename(filmed[1])


def test_the_roads_come_once_for_every_map(client: Client) -> None:
    roads = json.loads(client.get("/archive/roads/1").content)
    assert roads["main"] or roads["minor"]


def test_the_area_of_a_moment_is_a_geometry(client: Client) -> None:
    at = round(EIGHT.timestamp() * 1000)
    answer = client.get(f"/archive/area?camera=bridge&time={at}&at={at + 60_000}&sighting=red-bridge")
    assert answer.status_code == 200, answer.text
    assert json.loads(answer.content)["type"] in ("Polygon", "MultiPolygon")


def test_the_area_of_a_sighting_is_in_the_audit_once_while_somebody_moves_through_the_hours(
    client: Client, filmed: Film
) -> None:
    at, before = round(EIGHT.timestamp() * 1000), len(actions(filmed[0]))
    for minutes in (1, 2, 3):
        client.get(f"/archive/area?camera=bridge&time={at}&at={at + 60_000 * minutes}&sighting=red-bridge&reason=why")
    client.get(f"/archive/area?camera=bridge&time={at}&at={at + 60_000}")
    assert [action for action, _, _ in actions(filmed[0])[before:]] == ["area of sighting"]


@pytest.mark.parametrize(
    "query", ["camera=bridge&time=x&at=1", "camera=quay&time=1&at=2", "time=9&at=1&camera=bridge", ""]
)
def test_an_area_that_is_asked_for_wrongly_is_refused_in_a_line(client: Client, query: str) -> None:
    answer = client.get(f"/archive/area?{query}")
    assert answer.status_code == 404
    assert answer.text.count("\n") == 1


def test_a_value_that_somebody_edited_is_said_in_a_line(tmp_path: Path) -> None:
    with make_archive(tmp_path) as archive:
        with archive.catalogue.writing() as connection:
            connection.execute(text("UPDATE shots SET plate = '{\"a\": 1}'"))
        edited = Client(Starlette(routes=ArchiveMedia(archive.path).routes()))
        answer = edited.get("/archive/picture/red-mill/0")
    assert answer.status_code == 500
    assert "retrace verify says whether" in answer.text
    assert answer.text.count("\n") == 1


@pytest.mark.parametrize("path", ["/" + "a" * 300 + ".mp4", "/a\0b.mp4", "/dev/null", ""], ids=repr)
def test_footage_where_nobody_may_look_is_gone(path: str) -> None:
    """Else one such file keeps every page from being shown."""
    assert footage_view.is_gone(Footage("f1", path, "bridge", EIGHT, 12.0))


def test_a_folder_of_pictures_is_footage(tmp_path: Path) -> None:
    assert not footage_view.is_gone(Footage("f1", str(tmp_path), "bridge", EIGHT, 12.0))
