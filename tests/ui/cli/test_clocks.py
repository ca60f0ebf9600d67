"""`retrace cameras clock` and `clocks`, and what `ingest` learns of clocks by itself."""

import json
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.learning import clocks as learning
from index.learning.learned_clock import LearnedClock
from roadgraph.clocks import OffsetEstimate
from tests.ui.cli.commands import answer, run
from tests.ui.cli.test_ingest import video

__all__ = ["video"]


def test_what_a_recorder_showed_is_said_listed_and_taken_back(folder: Path) -> None:
    assert answer(folder, "cameras", "clocks") == {"clocks": []}
    assert "nothing is known of any clock" in run(folder, "cameras", "clocks").output
    said = answer(folder, "cameras", "clock", "a", "--ahead", "192s", "--from", "2026-05-04T08:00:00Z")
    expected = {"camera": "a", "ahead_s": 192.0, "low_s": 191.0, "high_s": 193.0, "from": "2026-05-04T08:00:00Z"}
    steady = {"at": None, "to": None, "drift": 0.0, "drift_low": 0.0, "drift_high": 0.0}
    assert said == {"clocks": [expected | steady | {"source": "given", "evidence": None}]}
    assert answer(folder, "cameras", "clocks") == said
    assert "a  +192.0 s, between +191.0 and +193.0 s, as a person said" in run(folder, "cameras", "clocks").output
    assert answer(folder, "cameras", "clock", "a", "--unknown") == {"clocks": []}
    assert [row["action"] for row in answer(folder, "audit", "list")["entries"]] == ["set clock", "forget clock"]


def test_a_statement_that_takes_the_place_of_a_later_one_says_so(folder: Path) -> None:
    """What was said of June was gone after a statement from May on, without a word."""
    run(folder, "cameras", "clock", "a", "--ahead", "5", "--from", "2026-06-01T00:00:00Z")
    earlier = run(folder, "cameras", "clock", "a", "--ahead", "192", "--from", "2026-05-01T00:00:00Z")
    assert "takes the place of what was known from 2026-06-01T00:00:00Z on: +5.0 s" in earlier.output
    assert "as a person said, since 2026-05-01T00:00:00Z" in earlier.output
    again = run(folder, "cameras", "clock", "a", "--ahead", "193", "--from", "2026-05-01T00:00:00Z")
    assert "takes the place" not in again.output


def test_a_mask_from_an_earlier_time_says_which_it_takes_the_place_of(folder: Path) -> None:
    """One of June was gone after one from May on, or after an import of cameras with masks, without a word."""
    mask = {"look": [[[0, 0.4], [1, 0.4], [1, 1]]]}
    (folder / "mask.json").write_text(json.dumps(mask))
    from_time = ("cameras", "mask", "a", str(folder / "mask.json"), "--since")
    for said in ("2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z"):
        assert "takes the place" not in run(folder, *from_time, said).output
    line = "this takes the place of the mask that a had from 2026-06-01T00:00:00Z on"
    assert line in run(folder, *from_time, "2026-05-01T00:00:00Z").output
    point = {"type": "Point", "coordinates": [15.0, 48.0]}
    cameras = [{"type": "Feature", "geometry": point, "properties": {"id": "a", "mask": mask}}]
    (folder / "again.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": cameras}))
    assert line.replace("-06-", "-05-") in run(folder, "cameras", "import", str(folder / "again.geojson")).output


def test_two_statements_and_one_with_a_gain_are_lines(folder: Path) -> None:
    answer(folder, "cameras", "clock", "a", "--ahead", "192", "--at", "2026-05-04T12:00:00Z")
    (clock,) = answer(folder, "cameras", "clock", "a", "--ahead", "208", "--at", "2026-05-05T12:00:00Z")["clocks"]
    assert (clock["drift"], clock["evidence"]) == (round(16 / 86_400, 8), "what was said for two times")
    line = "a  +208.0 s, between +207.0 and +209.0 s at 2026-05-05T12:00:00Z, gaining +16 s a day (+14 to +18)"
    assert line in run(folder, "cameras", "clocks").output
    said = ("cameras", "clock", "b", "--ahead", "0", "--gains", "-30s")
    (clock,) = answer(folder, *said, "--at", "2026-05-05T12:00:00Z")["clocks"]
    assert clock["drift_low"] == clock["drift_high"] == round(-30 / 86_400, 8)
    refused = run(folder, *said)
    assert refused.exit_code == 2
    assert "--at TIME" in refused.output


def test_a_clock_behind_is_negative(folder: Path) -> None:
    said = answer(folder, "cameras", "clock", "b", "--ahead", "-4.5", "--within", "0.2")
    assert [(clock["ahead_s"], clock["low_s"]) for clock in said["clocks"]] == [(-4.5, -4.7)]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param(("a",), 2, "say how far it is off", id="nothing said"),
        pytest.param(("a", "--ahead", "3", "--unknown"), 2, "say how far it is off", id="both"),
        pytest.param(("a", "--ahead", "soon"), 2, "write seconds", id="no number"),
        pytest.param(("a", "--ahead", "1e9"), 2, "write seconds", id="beyond a day"),
        pytest.param(("x", "--ahead", "3"), 1, "no camera 'x'", id="unknown camera"),
    ],
)
def test_what_cannot_be_said_of_a_clock_is_refused(folder: Path, words: tuple[str, ...], code: int, says: str) -> None:
    refused = run(folder, "cameras", "clock", *words)
    assert refused.exit_code == code
    assert says in refused.output + str(refused.exception)


@pytest.mark.usefixtures("motion_sees")
def test_ingest_learns_clocks_by_itself_and_says_what_is_news(
    archive: Path, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    estimate = OffsetEstimate(14.2, 12.9, 15.1)

    def learn(opened: object, person: object, only: object = None) -> tuple[LearnedClock, ...]:
        asked.append((person, only))
        return (LearnedClock("bridge", estimate, 45.0, ("depot",)), LearnedClock("depot", estimate, 1.0, ("bridge",)))

    monkeypatch.setattr(learning, "learn_clocks", learn)
    words = ("ingest", str(video), "--camera", "bridge", "--start", "2026-05-04T08:00:00Z")
    first = run(archive, *words)
    assert asked == [(local_person(), {"bridge"})]
    assert "clock of bridge: +14.2 s ahead, between +12.9 and +15.1 s, by about 45 vehicles" in first.stderr
    assert "clock of depot" not in first.stderr
    assert "clock of" not in run(archive, *words).stderr
    assert len(asked) == 1, "nothing new came in"
