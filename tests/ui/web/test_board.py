"""The board shows an answer as plain values, with the way to every picture."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from index.answers import Candidate, Evidence, Gap, Itinerary, Ranking, Reason, Searched, Stage, Stop
from index.records import CropRef, Sighting, StoredShot, Window
from index.store.catalogue.footage import Footage
from reid.appearance.marks import NamedAttributes
from reid.vehicle import Attributes, Box, Plate
from ui.web.board import PARTS, board_data
from ui.web.board_setting import AskedVehicle, BoardSetting
from ui.web.component import FOLDER, script
from ui.web.hits import hit_row
from ui.web.map_base import MapBase
from ui.web.time_strip import pass_rows, ticks

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")
FILM = Footage("f1", "/films/bridge.mp4", "bridge", NOON - timedelta(minutes=1), 600.0, width=200, height=100)
BASE = MapBase({"bridge": (48.2, 16.3), "mill": (48.3, 16.4)}, {"mill": 90.0}, "/archive/roads/1")


def candidate(id_: str = "s 1", camera: str = "bridge", p: float = 0.9) -> Candidate:
    shot = StoredShot(2, NOON, 5, Box(20, 10, 50, 40), CropRef("p", 0, 1, "x"), 1.0)
    look, plate = Attributes({"car": 1.0}, {"red": 1.0}), Plate(Box(0, 0, 9, 3), (), "KR-1<2", 0.8)
    sighting = Sighting(id_, camera, "f1", NOON, NOON, NOON, shot.box, look, plate, None, (shot,))
    return Candidate(sighting, NOON, p, Evidence(3.0, None, -2.0, 0.0), (Reason("looks the same"),))


def setting(**changes: object) -> BoardSetting:
    asked = AskedVehicle(place_name="mill", place=BASE.cameras["mill"], time=NOON - timedelta(minutes=7), sighting="q")
    films = {"f1": FILM}
    return BoardSetting("k", BASE, VIENNA, asked=asked, films=films, **changes)  # type: ignore[arg-type]


def test_a_hit_says_when_where_how_sure_and_why() -> None:
    row = hit_row(1, candidate(), setting(case="K/7", reason="theft"))
    assert (row["cam"], row["day"], row["clock"], row["pct"]) == ("bridge", "Mon 4 May", "14:00:00", "90 %")
    assert (row["distance"], row["plate"], row["look"], row["why"]) == (
        "7 min later",
        "KR-1<2",
        "red car",
        "looks the same",
    )
    assert row["pic"] == "/archive/picture/s%201/2?case=K%2F7&reason=theft"
    assert row["box"] == [0.1, 0.1, 0.25, 0.4]
    assert row["clip"]["from"] == 57.0


def test_a_hit_shows_the_marks_that_are_likely() -> None:
    told = NamedAttributes({"ladder": 0.92, "roof box": 0.995, "roof rack": 0.7})
    row = hit_row(1, candidate(), setting(named={"s 1": told}))
    assert row["named"] == [{"label": "roof box", "pct": ">99 %"}, {"label": "ladder", "pct": "92 %"}]
    assert hit_row(1, candidate(), setting())["named"] == []


def test_days_of_several_years_are_told_apart() -> None:
    """Two of the fourth of May were of one day, as they were called and grouped."""
    before = replace(candidate("s 2"), time=NOON.replace(year=2025))
    data = board_data(Ranking((), (candidate(), before)), setting())
    assert [hit["day"] for hit in data["hits"]] == ["4 May 2026", "4 May 2025"]
    assert all(tick["label"][-4:] in ("2025", "2026") for tick in data["ticks"])


def test_missing_evidence_is_not_shown_as_zero() -> None:
    rows = hit_row(1, candidate(), setting())["evidence"]
    assert [row["llr"] for row in rows] == [3.0, None, -2.0, 0.0, None]
    assert rows[1]["words"] == "nothing to compare"


def test_footage_that_is_gone_or_never_was_is_said() -> None:
    gone = hit_row(1, candidate(), setting(gone=frozenset({"f1"})))
    assert gone["frame"] is None
    assert "no longer" in gone["noFrame"]
    alone = Candidate(
        Sighting("s", "mill", None, NOON, NOON, NOON, Box(0, 0, 1, 1), Attributes({}, {}), None, None, ()),
        NOON, 0.5, Evidence(),
    )  # fmt: skip
    row = hit_row(1, alone, setting())
    assert (row["pic"], row["frame"], row["shots"]) == (None, None, [])
    assert "without footage" in row["noFrame"]


def test_the_board_is_json_with_stories_gaps_and_what_is_left() -> None:
    stops = (Stop("q", "mill", NOON - timedelta(minutes=7), 1.0), Stop("s 1", "bridge", NOON, 0.9))
    gaps = (Gap("mill", NOON, NOON + timedelta(minutes=1), "no footage"),)
    windows = (Window("mill", NOON, NOON + timedelta(hours=1)),)
    ranking = Ranking(
        (Stage("hypothesis", 0.1, 2, 40),), (candidate(),), Itinerary(stops, 0.6, ((16.4, 48.3), (16.3, 48.2))),
        (Itinerary(stops[:1], 0.3),), nobody=0.05, searched=Searched(2, 40, 52, gaps, windows=windows),
    )  # fmt: skip
    data = json.loads(json.dumps(board_data(ranking, setting(marks={"s 1": "yes"}, case="K"))))
    best, nobody = data["stories"]
    assert [(stop["cam"], stop["asked"]) for stop in best["stops"]] == [("mill", True), ("bridge", False)]
    assert best["stops"][1]["leg"] == "7 min"
    assert nobody["stops"] == []
    assert data["rest"] == "All other stories together: 10 %"
    assert data["searched"]["gaps"][0]["cam"] == "mill"
    assert data["hits"][0]["mark"] == "yes"
    assert [(one["cam"], one["to"] - one["from"]) for one in data["windows"]] == [("mill", 3_600_000)]
    assert data["case"] == "K"
    assert data["span"][0] < data["time"] < data["hits"][0]["t"] < data["span"][1]


def test_the_area_starts_from_the_question_and_from_stops_that_are_sure() -> None:
    stops = (Stop("s 1", "bridge", NOON, 0.95), Stop("s 2", "mill", NOON + timedelta(minutes=5), 0.6))
    passes = pass_rows(Ranking((), (), Itinerary(stops, 0.6)), setting())
    assert [(one["cam"], one["id"]) for one in passes] == [("mill", "q"), ("bridge", "s 1")]


def test_a_street_is_told_with_the_hit() -> None:
    assert hit_row(1, candidate(), setting(streets={"s 1": "Quay Street"}))["street"] == "Quay Street"
    assert hit_row(1, candidate(), setting())["street"] == ""


def test_ticks_stand_at_round_times_of_the_readers_zone() -> None:
    marks = ticks(NOON, NOON + timedelta(days=3), ZoneInfo("Asia/Kathmandu"))
    assert all(mark["label"].endswith((":00", " May")) for mark in marks)
    assert 3 <= len(ticks(NOON, NOON + timedelta(minutes=2), UTC)) <= 13
    # Over midnight each hour stood there as if it were of one day.
    over_midnight = [one["label"] for one in ticks(NOON, NOON + timedelta(hours=24), UTC)]
    assert over_midnight[3:5] == ["Tue 5 May", "03:00"]


def test_the_script_is_made_of_the_files_and_loads_nothing() -> None:
    written = script(PARTS)
    assert all((FOLDER / f"{name}.js").read_text(encoding="utf-8") in written for name in PARTS)
    for file in Path(FOLDER).iterdir():
        text = file.read_text(encoding="utf-8")
        assert "http" not in text
        assert "innerHTML" not in text
