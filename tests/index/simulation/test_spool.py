from pathlib import Path

import numpy as np
import pytest

from index.simulation.fleet import Member, cast_fleet
from index.simulation.presets import PRESETS
from index.simulation.unfilmed import spool
from index.simulation.unfilmed.spool import Roster, Spool, passing_rows


def test_passings_come_back_in_order_whatever_order_they_came_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "SLICE_ROWS", 50)
    rng = np.random.default_rng(2)
    put = [(float(rng.integers(600)), int(rng.integers(900)), int(rng.integers(7)), bool(i % 2)) for i in range(1000)]
    kept = Spool(tmp_path, 600.0, expected=1000)
    for some in (put[:300], put[300:310], put[310:]):
        kept.add(passing_rows(some))
    slices = list(kept.in_order())
    assert len(slices) == 20
    assert max(len(rows) for _, rows in slices) < 120
    back = [tuple(row) for _, rows in slices for row in rows.tolist()]
    assert [(row[0], row[2], row[1]) for row in back] == sorted((row[0], row[2], row[1]) for row in put)
    assert sorted(back) == sorted(put)
    for (from_s, to_s), rows in slices:
        assert ((rows["at_s"] >= from_s) & (rows["at_s"] < to_s)).all()


def test_nothing_that_passes_gives_empty_slices(tmp_path: Path) -> None:
    assert [len(rows) for _, rows in Spool(tmp_path, 60.0, expected=0).in_order()] == [0]


def test_the_roster_shows_every_vehicle_as_it_is(tmp_path: Path) -> None:
    roster = Roster(tmp_path / "roster", 90)
    fleet: list[Member] = []
    for block in cast_fleet(3, 90, PRESETS["hard"], at_once=40):
        roster.add(len(fleet), block)
        fleet += block
    for number, member in enumerate(fleet):
        shown = roster.shown(number)
        assert shown.name == member.name
        assert (shown.type, shown.colour, shown.own) == (member.look.type, member.look.colour, member.look.seed)
        assert (shown.plate, shown.plate_state) == (member.look.plate.text, member.look.plate.state)
        assert (shown.kind == roster.shown(0).kind) == (
            (member.look.model.seed, member.look.colour) == (fleet[0].look.model.seed, fleet[0].look.colour)
        )
