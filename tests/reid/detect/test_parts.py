from reid.detect.parts import without_parts
from reid.vehicle import Box, Detection

LORRY = Detection(Box(100, 100, 200, 120), 0.9, "truck")


def test_a_doubtful_box_inside_a_sure_one_is_a_part_of_it() -> None:
    assert without_parts([LORRY, Detection(Box(110, 110, 60, 80), 0.5, "car")]) == [LORRY]


def test_a_sure_vehicle_before_another_a_rider_and_one_beside_it_stay() -> None:
    sure = Detection(Box(120, 150, 80, 60), 0.85, "car")
    rider = Detection(Box(220, 150, 20, 40), 0.5, "motorcycle")
    beside = Detection(Box(250, 100, 120, 100), 0.5, "car")
    assert without_parts([LORRY, sure, rider, beside]) == [LORRY, sure, rider, beside]
    assert without_parts([]) == []
