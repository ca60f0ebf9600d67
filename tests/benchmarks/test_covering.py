"""What counts as hidden in the benchmark of covering."""

from pathlib import Path

import numpy as np

from benchmarks.covering import _is_hidden, _truth
from reid.vehicle import Box


def test_a_vehicle_is_hidden_if_nearly_all_of_it_beside_the_subject_is() -> None:
    hidden = np.zeros((100, 200), bool)
    hidden[20:60, 20:100] = True
    nowhere = Box(0, 0, 0, 0)
    assert _is_hidden(hidden, Box(20, 20, 80, 40), nowhere)
    assert not _is_hidden(hidden, Box(20, 20, 100, 40), nowhere)
    assert _is_hidden(hidden, Box(20, 20, 100, 40), Box(100, 0, 100, 100))
    assert _is_hidden(hidden, Box(150, 70, 20, 20), Box(100, 0, 100, 100))


def test_the_truth_of_a_city_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "truth"
    folder.mkdir()
    (folder / "vehicles.csv").write_text("vehicle,plate\nv1,AB12\nv2,\n")
    rows = [
        "a.mp4,3,v1,1,2,30,40,1.0",
        "a.mp4,3,v2,1,2,30,40,0.9",
        "a.mp4,3,v1,1,2,30,8,1.0",
        "a.mp4,3,v1,1,2,30,40,0.1",
    ]
    (folder / "boxes.csv").write_text("\n".join(["video,frame,vehicle,x,y,w,h,visible", *rows]))
    found = _truth(folder.parent, "a.mp4")[3]
    assert [one.plate for one in found] == ["AB12", None]
    assert found[0].box == Box(1, 2, 30, 40)
