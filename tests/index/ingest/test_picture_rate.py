from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.ingest import picture_rate
from index.ingest.file_identity import sha256_of
from index.ingest.footage_changes import move_footage
from index.ingest.picture_rate import keep_picture_rate
from index.store.archive import Archive
from index.store.catalogue import cameras, clocks, footage
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.clocks import ClockOffset
from index.store.catalogue.footage import Footage
from reid.clock.burnt_rate import BurntRate

NINE = datetime(2026, 5, 4, 9, tzinfo=UTC)
FOUND = BurntRate(1.2, 0.002, "2026-05-04 09:00:00", 15, 16)


@pytest.fixture
def video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "north.mp4"
    path.write_bytes(b"ten minutes")
    monkeypatch.setattr(picture_rate, "picture_rate", lambda _: FOUND)
    return path


def test_a_file_is_put_right_from_its_start_to_its_end_and_no_longer(archive: Archive, video: Path) -> None:
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", 48.0, 15.0)])
        footage.add(connection, Footage(sha256_of(video), str(video), "a", NINE, 600.0), at=NINE)
        clocks.set_offset(connection, ClockOffset("a", 5.0, 4.0, 6.0))
    assert keep_picture_rate(archive, local_person(), video) == FOUND
    with archive.catalogue.reading() as connection:
        clock = clocks.by_camera(clocks.all_offsets(connection))["a"]
    assert clock.ahead_s(NINE - timedelta(seconds=1)) == 5.0
    assert clock.ahead_s(NINE) == 5.0
    assert clock.ahead_s(NINE + timedelta(seconds=500)) == pytest.approx(5.0 - 100.0)
    assert clock.ahead_s(NINE + timedelta(seconds=600)) == 5.0
    assert [one.source for one in clock.offsets] == ["given", "picture", "given"]


@pytest.mark.parametrize(("camera", "hours"), [("b", 0), (None, 2), ("b", 2)])
def test_a_kept_rate_follows_a_file_that_is_moved(
    archive: Archive, video: Path, camera: str | None, hours: int
) -> None:
    """It stayed for whatever else that camera filmed then, and the file was wrong again."""
    later = NINE + timedelta(hours=hours)
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", 48.0, 15.0), StoredCamera("b", 48.0, 15.1)])
        footage.add(connection, Footage(sha256_of(video), str(video), "a", NINE, 600.0), at=NINE)
        clocks.set_offset(connection, ClockOffset("a", 5.0, 4.0, 6.0))
        clocks.set_offset(connection, ClockOffset("b", 7.0, 6.0, 8.0))
        before = clocks.all_offsets(connection)
    keep_picture_rate(archive, local_person(), video)
    move_footage(archive, local_person(), "north.mp4", camera=camera, start=later if hours else None)
    with archive.catalogue.reading() as connection:
        now = clocks.by_camera(clocks.all_offsets(connection))
    ahead = 7.0 if camera else 5.0
    assert now[camera or "a"].ahead_s(later + timedelta(seconds=500)) == pytest.approx(ahead - 100.0)
    assert now[camera or "a"].ahead_s(later + timedelta(seconds=600)) == ahead
    assert now["a"].ahead_s(NINE + timedelta(seconds=500)) == 5.0
    assert now["a"].offsets == (before[0],) or not camera
    move_footage(archive, local_person(), "north.mp4", camera="a", start=NINE)
    with archive.catalogue.reading() as connection:
        again = clocks.by_camera(clocks.all_offsets(connection))
    assert again["b"].offsets == (before[1],)
    assert [one.source for one in again["a"].offsets] == ["given", "picture", "given"]


def test_a_kept_rate_leaves_the_neighbour_its_own(archive: Archive, video: Path, tmp_path: Path) -> None:
    other = tmp_path / "next.mp4"
    other.write_bytes(b"the next ten minutes")
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", 48.0, 15.0)])
        footage.add(
            connection, Footage(sha256_of(other), str(other), "a", NINE - timedelta(minutes=10), 600.0), at=NINE
        )
        footage.add(connection, Footage(sha256_of(video), str(video), "a", NINE, 600.0), at=NINE)
    keep_picture_rate(archive, local_person(), other)
    keep_picture_rate(archive, local_person(), video)
    move_footage(archive, local_person(), "north.mp4", start=NINE + timedelta(hours=2))
    with archive.catalogue.reading() as connection:
        clock = clocks.by_camera(clocks.all_offsets(connection))["a"]
    assert clock.ahead_s(NINE - timedelta(seconds=100)) == pytest.approx(-100.0)
    assert clock.at(NINE + timedelta(seconds=100)) is None


def test_a_file_that_nobody_ingested_is_refused(archive: Archive, video: Path) -> None:
    with pytest.raises(ArchiveError, match="is not in the archive: ingest it first"):
        keep_picture_rate(archive, local_person(), video)


def test_a_file_that_is_moved_while_its_clock_is_read_is_refused(
    archive: Archive, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the pictures told was kept for the hour and camera of before."""
    with archive.catalogue.writing() as connection:
        footage.add(connection, Footage(sha256_of(video), str(video), "a", NINE, 600.0), at=NINE)

    def move_meanwhile(_: Path) -> BurntRate:
        with archive.catalogue.writing() as connection:
            footage.move(connection, sha256_of(video), camera="b")
        return FOUND

    monkeypatch.setattr(picture_rate, "picture_rate", move_meanwhile)
    with pytest.raises(ArchiveError, match="was moved or removed while its clock was read"):
        keep_picture_rate(archive, local_person(), video)
    with archive.catalogue.reading() as connection:
        assert clocks.all_offsets(connection) == []
