"""What people said of boxes in real pictures reaches the boxes that networks found there."""

from pathlib import Path

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.training.detector.streets import UNKNOWN
from reid.training.detector.type_labels import read_type_labels
from reid.vehicle import VEHICLE_TYPES

HEAD = "street,moment,x0,y0,x1,y1,type\n"


def boxes_of(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array([(moment, *sides, UNKNOWN, 1) for moment, *sides in rows], np.float32)


def test_a_box_gets_the_type_of_the_one_that_was_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "types.csv"
    path.write_text(HEAD + "scene-a-0,1,10,10,50,40,van\nscene-a-0,1,100,10,140,40,none\nscene-b-0,1,10,10,50,40,bus\n")
    found = boxes_of((1, 12, 10, 50, 42), (0, 10, 10, 50, 40), (1, 101, 10, 141, 40), (1, 30, 30, 70, 60))
    named = read_type_labels(path).applied("scene-a-0", found)
    assert named[:, 5].tolist() == [VEHICLE_TYPES.index("van"), UNKNOWN, UNKNOWN]
    assert named[:, 1].tolist() == [12, 10, 30], "what holds no vehicle is gone"
    assert (found[:, 5] == UNKNOWN).all()


@pytest.mark.parametrize("row", ["scene-a-0,1,10,10,50,40,lorry", "scene-a-0,1,10,10", "scene-a-0,x,10,10,50,40,van"])
def test_a_row_that_cannot_be_read_is_named(row: str, tmp_path: Path) -> None:
    path = tmp_path / "types.csv"
    path.write_text(HEAD + "scene-a-0,1,10,10,50,40,van\n" + row + "\n")
    with pytest.raises(SeeingError, match=r"line 3: .*one of car, van"):
        read_type_labels(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SeeingError, match=r"types\.csv"):
        read_type_labels(path)


def test_the_labels_of_the_project_can_be_read() -> None:
    labels = read_type_labels(Path("benchmarks/labels/street-types.csv"))
    kinds = np.concatenate(list(labels.rows.values()))[:, 4]
    assert set(kinds) == set(range(len(VEHICLE_TYPES) + 1))
