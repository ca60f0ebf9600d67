from pathlib import Path

from benchmarks.street_tracks import Seen, count, drives, read_tracks, shown_vehicle
from reid.vehicle import Box, Track, TrackPoint

FPS = 10


def written(folder: Path) -> Path:
    """Write the tracks of a bus that drives, a car that stands and a small one that drives."""
    rows = ["frame,track,x,y,w,h,type,parked,stopped"]
    for frame in range(30):
        rows.append(f"{frame},1,{10 * frame},50,60,40,bus,0,0")
        rows.append(f"{frame},2,400,50,60,40,car,0,1")
        rows.append(f"{frame},3,{10 * frame},300,20,16,car,0,0")
    path = folder / "clip.csv"
    path.write_text("\n".join(rows))
    return path


def along(speed: float, y: float) -> Track:
    points = (TrackPoint(frame, frame / FPS, Box(speed * frame + 5, y, 60, 40), 0.9) for frame in range(20))
    return Track(1, tuple(points))


def test_a_large_vehicle_that_drives_is_wanted(tmp_path: Path) -> None:
    truth = read_tracks(written(tmp_path))
    assert [number for number, vehicle in truth.items() if drives(vehicle, FPS)] == [1]


def test_a_track_shows_the_vehicle_that_it_overlaps_most_of_the_time(tmp_path: Path) -> None:
    truth = read_tracks(written(tmp_path))
    assert shown_vehicle(along(10, 52), truth) == 1
    assert shown_vehicle(along(10, 150), truth) is None


def test_found_twice_and_types_are_counted(tmp_path: Path) -> None:
    truth = read_tracks(written(tmp_path))
    counts = count([Seen(1, "bus"), Seen(1, "car"), Seen(2, "van"), Seen(None, "truck")], truth, FPS)
    assert counts == {
        "sightings": 4,
        "vehicles": 1,
        "found": 1,
        "twice": 1,
        "unmatched": 1,
        "types": 3,
        "types_right": 2,
    }
