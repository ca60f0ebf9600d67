import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from index.access.accounts import add_person
from index.access.cases import mark_sighting, open_case, show_others
from index.access.permissions import NotAllowedError
from index.casework.contents import ContentOptions, Exhibit, audit_of_case, case_contents
from index.errors import ArchiveError
from index.map.map_changes import move_camera, set_clock
from index.store.archive import Archive
from index.store.catalogue import footage
from index.store.catalogue.clocks import ClockOffset
from roadgraph.camera import Camera
from tests.case_archive import CASE, FILMED, LOCAL


def exhibits(archive: Archive) -> dict[str, Exhibit]:
    return {one.sighting.id: one for one in case_contents(archive, LOCAL, CASE, ContentOptions()).exhibits}


def test_a_case_has_the_sighting_asked_about_its_marks_and_open_candidates(case_archive: Archive) -> None:
    contents = case_contents(case_archive, LOCAL, CASE, ContentOptions())
    roles = {one.sighting.id: one.role for one in contents.exhibits}
    assert [roles[id_] for id_ in (FILMED, "red-harbour", "red-mill", "blue-harbour")] == [
        "question",
        "yes",
        "unsure",
        "no",
    ]
    assert [one.label for one in contents.exhibits] == [f"E{n}" for n in range(1, len(contents.exhibits) + 1)]
    assert contents.exhibits[0].role == "question"
    assert not contents.exhibits[-1].is_shown
    assert contents.open_left_out > 0
    assert {model.kind for model in contents.models} >= {"appearance"}


def test_only_confirmed_vehicles_show_their_plates_unless_the_case_says_so(case_archive: Archive) -> None:
    mark_sighting(case_archive, LOCAL, CASE, "red-mill", "no")
    shown = exhibits(case_archive)
    assert shown["red-harbour"].shows_plate
    assert not shown["red-mill"].shows_plate
    show_others(case_archive, LOCAL, CASE, "court order 12/26")
    assert exhibits(case_archive)["red-mill"].shows_plate


def test_true_times_use_the_clock_and_say_who_set_it(case_archive: Archive) -> None:
    seen = exhibits(case_archive)["red-harbour"]
    assert seen.clock is not None
    assert (seen.clock.set_by, seen.clock.offset.offset_s) == ("local", 2.0)
    assert seen.clock.audit_row is not None
    assert seen.time == seen.sighting.best - timedelta(seconds=2)
    assert exhibits(case_archive)[FILMED].clock is None


def test_a_camera_with_a_wrong_clock_stands_where_it_stood_by_true_time(case_archive: Archive) -> None:
    """A clock an hour ahead: what it saw before it was moved was placed where it was moved to, half an hour later."""
    seen = exhibits(case_archive)["red-harbour"]
    assert seen.camera is not None
    set_clock(case_archive, LOCAL, ClockOffset("harbour", 3600.0, 3599.0, 3601.0))
    moved = Camera("harbour", seen.camera.lat + 0.01, seen.camera.lon)
    move_camera(case_archive, LOCAL, moved, seen.sighting.best - timedelta(minutes=30))
    found = exhibits(case_archive)["red-harbour"].camera
    assert found is not None
    assert found.lat == seen.camera.lat


def test_footage_is_hashed_again(case_archive: Archive, tmp_path: Path) -> None:
    film = exhibits(case_archive)[FILMED].footage
    assert film is not None
    assert film.state == "unchanged"
    other = tmp_path / "moved.mp4"
    shutil.copy(film.footage.path, other)
    with other.open("ab") as file:
        file.write(b"x")
    for path, state in ((other, "changed since it was ingested"), (tmp_path / "none.mp4", "gone")):
        with case_archive.catalogue.writing() as connection:
            footage.add(connection, replace(film.footage, path=str(path)), at=film.footage.start)
        found = exhibits(case_archive)[FILMED].footage
        assert found is not None
        assert found.state == state


def test_who_may_not_work_on_cases_gets_no_report(case_archive: Archive) -> None:
    for role in ("viewer", "operator", "auditor"):
        person = add_person(case_archive, LOCAL, role, role)
        with pytest.raises(NotAllowedError, match="may not work on cases"):
            case_contents(case_archive, person, CASE, ContentOptions())
    maria = add_person(case_archive, LOCAL, "maria", "investigator")
    assert case_contents(case_archive, maria, CASE, ContentOptions()).person == "maria"


def test_an_empty_case_and_one_that_does_not_exist(case_archive: Archive) -> None:
    open_case(case_archive, LOCAL, "empty", "")
    contents = case_contents(case_archive, LOCAL, "empty", ContentOptions())
    assert (contents.answer, contents.exhibits, contents.open_left_out) == (None, (), 0)
    with pytest.raises(ArchiveError, match="no case 'none'"):
        case_contents(case_archive, LOCAL, "none", ContentOptions())


def test_the_audit_of_a_case_has_its_rows_alone(case_archive: Archive) -> None:
    rows = audit_of_case(case_archive, LOCAL, CASE)
    assert rows.chain.ok
    assert {entry.case for entry in rows.entries} == {CASE}
    assert [entry.action for entry in rows.entries][:2] == ["open case", "search"]
    assert rows.chain.rows > len(rows.entries)


def test_a_marked_sighting_that_was_forgotten_is_named(case_archive: Archive) -> None:
    case_archive.forget(["red-mill"])
    contents = case_contents(case_archive, LOCAL, CASE, ContentOptions())
    assert [mark.sighting for mark in contents.lost_marks] == ["red-mill"]
