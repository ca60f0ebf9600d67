from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from index.access import audit
from index.access.cases import keep_pictures
from index.answers import Query
from index.casework.contents import CaseContents, ContentOptions, Exhibit, case_contents
from index.casework.pictures import (
    LONGEST_S,
    clip_span,
    exhibit_clip,
    exhibit_frame,
    exhibit_picture,
    question_pictures,
)
from index.errors import ArchiveError
from index.search.search import search
from index.store.archive import Archive
from reid.images import decode_jpeg
from reid.video.timeline import read_timeline
from tests.case_archive import CASE, FILMED, LOCAL
from tests.reid.privacy.film import APPEARS_S, LEAVES_S
from tests.ui.conftest import painted


def opened(archive: Archive) -> tuple[CaseContents, Exhibit, Exhibit]:
    """Return the contents, the exhibit with footage and one without."""
    contents = case_contents(archive, LOCAL, CASE, ContentOptions())
    by_id = {one.sighting.id: one for one in contents.exhibits}
    return contents, by_id[FILMED], by_id["red-harbour"]


def rows_since(archive: Archive, before: int) -> list[tuple[str, str | None, str]]:
    return [
        (entry.action, entry.case, str(entry.detail.get("sighting")))
        for entry in audit.entries(archive, LOCAL)
        if entry.number > before
    ]


def test_every_opened_picture_is_audited_with_the_case(case_archive: Archive, tmp_path: Path) -> None:
    contents, filmed, _ = opened(case_archive)
    before = audit.check(case_archive, LOCAL).rows
    assert exhibit_picture(case_archive, LOCAL, contents, filmed).jpeg
    assert exhibit_frame(case_archive, LOCAL, contents, filmed).jpeg
    assert exhibit_clip(case_archive, LOCAL, contents, filmed, tmp_path / "clip.mp4").frames
    assert rows_since(case_archive, before) == [
        ("open picture", CASE, FILMED),
        ("open frame", CASE, FILMED),
        ("cut clip", CASE, FILMED),
    ]
    assert audit.check(case_archive, LOCAL).ok


def test_the_frame_and_the_clip_are_those_of_the_sighting(case_archive: Archive, tmp_path: Path) -> None:
    contents, filmed, _ = opened(case_archive)
    frame = exhibit_frame(case_archive, LOCAL, contents, filmed)
    assert frame.jpeg is not None
    assert frame.box is not None
    middle = decode_jpeg(frame.jpeg)[round(frame.box.y + 30), round(frame.box.x + 40)].astype(int)
    assert np.abs(middle - (200, 30, 30)).max() < 40
    assert "frame 48" in frame.source
    cut = exhibit_clip(case_archive, LOCAL, contents, filmed, tmp_path / "clip.mp4")
    assert (cut.from_s, cut.to_s) == pytest.approx((APPEARS_S - 3, LEAVES_S + 3))
    assert read_timeline(tmp_path / "clip.mp4").duration_s == pytest.approx(cut.to_s - cut.from_s, abs=0.2)


def test_footage_that_is_gone_or_changed_says_so_and_opens_nothing(case_archive: Archive, tmp_path: Path) -> None:
    contents, filmed, imported = opened(case_archive)
    before = audit.check(case_archive, LOCAL).rows
    assert filmed.footage is not None
    for state, words in (
        ("gone", "bridge.mp4 is no longer where it was"),
        ("changed since it was ingested", "changed"),
    ):
        lost = replace(filmed, footage=replace(filmed.footage, state=state))
        for found in (
            exhibit_frame(case_archive, LOCAL, contents, lost),
            exhibit_clip(case_archive, LOCAL, contents, lost, tmp_path / "clip.mp4"),
        ):
            assert found.problem is not None
            assert words in found.problem
    cut = exhibit_clip(case_archive, LOCAL, contents, imported, tmp_path / "clip.mp4")
    assert cut.problem == "it was imported without footage"
    assert not (tmp_path / "clip.mp4").exists()
    assert rows_since(case_archive, before) == []


def test_a_vehicle_that_stays_long_gets_a_minute(case_archive: Archive) -> None:
    _, filmed, imported = opened(case_archive)
    seen = filmed.sighting
    parked = replace(filmed, sighting=replace(seen, last=seen.last + timedelta(hours=2)))
    from_s, to_s = clip_span(parked)
    assert to_s - from_s <= LONGEST_S + 6
    with pytest.raises(ArchiveError, match="has no footage"):
        clip_span(imported)


def test_a_picture_that_was_lost_says_so(case_archive: Archive) -> None:
    contents, filmed, _ = opened(case_archive)
    for pack in (case_archive.path / "crops").glob("*.pack"):
        pack.unlink()
    found = exhibit_picture(case_archive, LOCAL, contents, filmed)
    assert found.jpeg is None
    assert found.problem is not None
    assert "are gone" in found.problem


def test_the_pictures_of_the_question_are_shown(case_archive: Archive) -> None:
    picture = painted("red", seed=8)
    keep_pictures(case_archive, LOCAL, CASE, [picture])
    *_, _ = search(case_archive, Query(pictures=(picture,), case=CASE), LOCAL)
    contents = case_contents(case_archive, LOCAL, CASE, ContentOptions())
    (shown,) = question_pictures(contents)
    assert shown.jpeg is not None
    assert decode_jpeg(shown.jpeg).shape == picture.shape
