from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event

from index.records import CropRef, NewSighting, SightingBrief, Window
from index.store.catalogue import Catalogue, models, schema, sighting_writing, sightings
from index.store.catalogue.models import StoredModel
from index.store.catalogue.sightings import SightingFilter
from reid.plates.pattern import compile_pattern

Make = Callable[..., NewSighting]
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def add(catalogue: Catalogue, news: Sequence[NewSighting]) -> None:
    crops = [[CropRef("pack", 15 + n, 10, f"{n:064x}") for n, _ in enumerate(new.shots)] for new in news]
    with catalogue.writing() as connection:
        models.remember(connection, [StoredModel("reader-1", "plate_reader")], at=NOW)
        sighting_writing.add(connection, news, crops, footage=None, chunk=None, added_at=NOW)


def test_a_sighting_comes_back_as_it_went_in(catalogue: Catalogue, new_sighting: Make) -> None:
    new = new_sighting(3, text="KR-123 AB")
    add(catalogue, [new])
    with catalogue.reading() as connection:
        (back,) = sightings.by_ids(connection, [new.id])
        points = sightings.tracks(connection, [new.id])[new.id]
    assert (back.id, back.camera, back.first, back.best, back.last) == (new.id, "b", new.first, new.best, new.last)
    assert (back.box, back.attributes, back.edge, back.footage) == (new.box, new.attributes, 7, None)
    assert back.plate is not None
    assert new.plate is not None
    assert (back.plate.text, back.plate.corners) == ("KR123AB", new.plate.corners)
    assert back.plate.characters == new.plate.characters
    assert [(s.number, s.time, s.frame, s.sharpness) for s in back.shots] == [
        (n, shot.time, shot.frame, shot.sharpness) for n, shot in enumerate(new.shots)
    ]
    assert back.shots[1].crop == CropRef("pack", 16, 10, f"{1:064x}")
    assert [(p.frame, p.label, p.box) for p in points] == [(p.frame, p.label, p.box) for p in new.track]
    assert np.allclose([p.time_s for p in points], [p.time_s for p in new.track], rtol=0, atol=0)


def test_ids_keep_their_order_and_unknown_ones_are_left_out(catalogue: Catalogue, new_sighting: Make) -> None:
    add(catalogue, [new_sighting(n) for n in range(4)])
    with catalogue.reading() as connection:
        found = sightings.by_ids(connection, ["sighting-00003", "nobody", "sighting-00001"])
    assert [s.id for s in found] == ["sighting-00003", "sighting-00001"]


def test_a_window_holds_its_camera_and_both_its_ends(catalogue: Catalogue, new_sighting: Make) -> None:
    news = [new_sighting(n) for n in range(20)]
    add(catalogue, news)
    window = Window("a", news[4].best, news[8].best)
    with catalogue.reading() as connection:
        found = list(sightings.listing(connection, SightingFilter(windows=(window, window))))
        assert [s.id for s in found] == [news[n].id for n in (4, 6, 8)]
        assert sightings.count_in_windows(connection, [window]) == 3


@pytest.mark.parametrize("count", [2, 9])
def test_briefs_and_attributes_agree_with_whole_sightings(catalogue: Catalogue, new_sighting: Make, count: int) -> None:
    news = [new_sighting(n) for n in range(20)]
    add(catalogue, news)
    windows = [Window("a", news[n].best, news[n + 4].best) for n in range(count)]
    with catalogue.reading() as connection:
        inside = sightings.listing(connection, SightingFilter(windows=tuple(windows)))
        whole = sorted(inside, key=lambda sighting: sighting.id)
        briefs = sightings.briefs_in_windows(connection, windows)
        ids = [sighting.id for sighting in whole]
        assert sightings.briefs(connection, [*ids, "nobody"]) == briefs
        assert sightings.attributes_of(connection, ids) == {sighting.id: sighting.attributes for sighting in whole}
        assert sightings.headings_of(connection, ids) == {s.id: s.attributes.heading_deg for s in whole}
        number = sightings.count_in_windows(connection, windows)
        assert sightings.briefs_in_windows(connection, windows, at_most=number) == briefs
        assert sightings.briefs_in_windows(connection, windows, at_most=number - 1) is None
    assert briefs == [
        SightingBrief(
            s.id, s.camera, s.first, s.best, s.last, s.edge, type=s.attributes.type, colour=s.attributes.colour
        )
        for s in whole
    ]
    assert whole


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(SightingFilter(cameras=("b",), limit=2), [1, 3], id="camera and limit"),
        pytest.param(SightingFilter(plate=compile_pattern("KR*")), [5], id="plate"),
        pytest.param(SightingFilter(type="car", colour="red", limit=1), [0], id="look"),
        pytest.param(SightingFilter(type="bus"), [], id="no such look"),
        pytest.param(SightingFilter(footage="f"), [], id="no such footage"),
    ],
)
def test_a_listing_is_narrowed_by_its_filter(
    catalogue: Catalogue, new_sighting: Make, wanted: SightingFilter, expected: list[int]
) -> None:
    add(catalogue, [new_sighting(n, text="KR 5" if n == 5 else None) for n in range(8)])
    with catalogue.reading() as connection:
        assert [s.id for s in sightings.listing(connection, wanted)] == [f"sighting-{n:05d}" for n in expected]


def test_a_listing_can_be_read_page_by_page(catalogue: Catalogue, new_sighting: Make) -> None:
    add(catalogue, [new_sighting(n, shots=1) for n in range(20)])
    inside = (Window("a", new_sighting(0).best, new_sighting(11).best),)
    with catalogue.reading() as connection:
        for filter_, expected in ((SightingFilter(), range(20)), (SightingFilter(windows=inside), range(0, 12, 2))):
            pages = [sightings.listing(connection, replace(filter_, skip=skip, limit=5)) for skip in range(0, 25, 5)]
            found = [sighting.id for page in pages for sighting in page]
            assert found == [f"sighting-{n:05d}" for n in expected]


def test_sightings_are_counted_by_what_they_are(catalogue: Catalogue, new_sighting: Make) -> None:
    add(catalogue, [new_sighting(n, text=f"KR {n}") for n in range(7)])
    with catalogue.reading() as connection:
        assert sightings.tally(connection, SightingFilter(), "camera") == {"a": 4, "b": 3}
        assert sightings.tally(connection, SightingFilter(cameras=("b",)), "colour") == {"red": 3}
        assert sightings.tally(connection, SightingFilter(type="bus"), "type") == {}
        some = SightingFilter(windows=(Window("a", new_sighting(0).best, new_sighting(3).best),), limit=1)
        assert sightings.tally(connection, some, "type") == {"car": 2}
        fitting = replace(some, plate=compile_pattern("KR[02]"))
        assert sightings.tally(connection, fitting, "camera") == {"a": 2}


def test_the_windows_are_read_from_their_index_alone(tmp_path: Path) -> None:
    catalogue = Catalogue.embedded(tmp_path / "catalogue.sqlite")
    schema.create_tables(catalogue)
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, values: Any, *_: object) -> None:
        if "json_each" in statement and not statement.startswith("EXPLAIN"):
            rows = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.append(" ".join(str(row[3]) for row in rows))

    event.listen(catalogue.engine, "before_cursor_execute", explain)
    windows = [Window("a", NOW, NOW)]
    with catalogue.reading() as connection:
        sightings.count_in_windows(connection, windows)
        sightings.briefs_in_windows(connection, windows)
        sightings.tally(connection, SightingFilter(windows=tuple(windows), type="car"), "colour")
    catalogue.close()
    assert len(plans) == 3
    assert all("COVERING INDEX ix_sightings_in_windows (camera=? AND best>? AND best<?)" in plan for plan in plans)


def test_a_long_listing_comes_whole_and_in_order(
    catalogue: Catalogue, new_sighting: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "AT_ONCE", 7)
    add(catalogue, [new_sighting(n, shots=1) for n in range(40)])
    with catalogue.reading() as connection:
        found = [s.id for s in sightings.listing(connection, SightingFilter())]
    assert found == [f"sighting-{n:05d}" for n in range(40)]


def test_a_forgotten_sighting_is_found_by_nobody(catalogue: Catalogue, new_sighting: Make) -> None:
    news = [new_sighting(n) for n in range(3)]
    add(catalogue, news)
    with catalogue.writing() as connection:
        assert sighting_writing.forget(connection, [news[0].id], at=NOW) == 1
        assert sighting_writing.forget(connection, [news[0].id], at=NOW) == 0
    with catalogue.reading() as connection:
        assert sightings.by_ids(connection, [news[0].id]) == []
        assert sightings.count(connection) == 2
        assert sighting_writing.known_ids(connection, [news[0].id]) == {news[0].id}
        window = Window("a", news[0].first, news[2].last + timedelta(hours=1))
        assert [s.id for s in sightings.listing(connection, SightingFilter(windows=(window,)))] == [news[2].id]
