from index.ingest.progress import IngestProgress
from ui.cli.ingest_progress import ProgressBars, ProgressLines, progress_on


def at(done_s: float, *, path: str = "/v/north.mp4", sightings: int = 0, frames: int = 0) -> IngestProgress:
    return IngestProgress(path, done_s, 100.0, sightings, frames)


def test_lines_are_printed_for_each_tenth_only() -> None:
    printed: list[str] = []
    lines = ProgressLines(printed.append)
    for done_s in (0.0, 4.0, 11.0, 12.0, 55.0, 100.0):
        lines([at(done_s, sightings=3)])
    assert printed == [
        "north.mp4: 11% of 100 s, 3 sightings",
        "north.mp4: 55% of 100 s, 3 sightings",
        "north.mp4: 100% of 100 s, 3 sightings",
    ]


def test_lines_tell_when_all_files_are_done() -> None:
    printed: list[str] = []
    now = iter([0.0, 10.0])
    lines = ProgressLines(printed.append, lambda: next(now))
    lines([at(0.0), at(40.0, path="/v/south.mp4")])
    lines([at(20.0), at(40.0, path="/v/south.mp4")])
    assert printed[-1] == "north.mp4: 20% of 100 s, 0 sightings, 1:10 left for all 2 files"


def test_bars_say_speed_and_time_left_and_are_drawn_in_one_place() -> None:
    written: list[str] = []
    now = iter([0.0, 0.0, 10.0, 10.0, 20.0, 20.0])
    bars = ProgressBars(written.append, lambda: next(now))
    bars([at(0.0), at(0.0, path="b.mp4")])
    bars([at(25.0, sightings=7, frames=250), at(0.0, path="b.mp4")])
    assert written[0] == "0 of 2 files, 0 sightings\n"
    assert written[1].startswith("\x1b[1F\x1b[J")
    line = written[1].splitlines()[0]
    assert "[######.................." in line
    assert " 25%" in line
    assert "25 frames/s" in line
    assert "7 sightings" in line
    assert "0:30 left" in line
    assert written[1].splitlines()[-1] == "0 of 2 files, 7 sightings, 1:10 left for all"
    bars.say("connecting again")
    assert written[-1] == "\x1b[2F\x1b[Jconnecting again\n"
    bars([at(25.0, frames=250)])
    bars.close()
    assert written[-1] == "\x1b[2F\x1b[J"


def test_a_terminal_gets_bars_and_a_file_gets_lines() -> None:
    assert isinstance(progress_on(True), ProgressBars)
    assert isinstance(progress_on(False), ProgressLines)
