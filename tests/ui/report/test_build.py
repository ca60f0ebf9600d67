import csv
import io
import json
import os
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import streamlit
from streamlit.runtime import scriptrunner

from index.access import audit
from index.access.accounts import add_person
from index.access.cases import mark_sighting, read_case, show_others, write_note
from index.access.permissions import NotAllowedError
from index.answers import Query
from index.casework.contents import ContentOptions
from index.errors import ArchiveError
from index.search.search import search
from index.store.archive import Archive
from index.upkeep.verify import verify
from reid.images import decode_jpeg
from tests.case_archive import CASE, FILMED, HOSTILE, LOCAL, copy_archive, make_case_archive
from tests.reid.privacy.film import other_box
from ui.report.build import BuiltReport, ReportOptions, build_report
from ui.report.package import MANIFEST
from ui.report.verify import verify_report
from ui.web import language

VIENNA = ReportOptions(zone=ZoneInfo("Europe/Vienna"))
FILES = {
    "SHA256SUMS",
    "manifest.json",
    "question.json",
    "report.html",
    "report.pdf",
    "sightings.csv",
    "sightings.geojson",
    "sightings.gpx",
    "sightings.kml",
    "clips/E1.mp4",
    "pictures/E1.jpg",
    "pictures/E1-frame.jpg",
}


@pytest.fixture(scope="module")
def built(made_case: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltReport:
    """A report that tests look at and do not change."""
    folder = tmp_path_factory.mktemp("built")
    with Archive.open(copy_archive(made_case, folder)) as archive:
        return build_report(archive, LOCAL, CASE, folder / "report", VIENNA)


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def html_of(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def test_a_report_has_every_kind_of_file_and_verifies(built: BuiltReport) -> None:
    assert files_of(built.path) >= FILES
    found = verify_report(built.path, digest=built.digest)
    assert found.ok
    assert (found.case, found.files) == (CASE, built.files)


def test_the_html_says_what_a_lawyer_must_know(built: BuiltReport) -> None:
    text = html_of(built.path)
    for words in (
        "A match is a lead, to be checked by a person",
        "Who drove off?",
        "&quot;sighting&quot;: &quot;filmed&quot;",
        "set by local (audit row",
        "Mon 4 May 2026, 09:59:54",
        "The witness saw a red car.",
        "Left lamp broken.",
        "No stretch is missing.",
        "Alone",
        "it was imported without footage",
        "unchanged",
        "Others in the pictures",
    ):
        assert words in text, words
    assert json.loads((built.path / MANIFEST).read_text())["audit"]["head"] in text


def test_the_html_needs_no_script_and_no_network(built: BuiltReport) -> None:
    text = html_of(built.path)
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert not re.findall(r'(?:src|href)="(?!data:|clips/)[^"]*"', text)
    assert "@import" not in text
    assert "url(" not in text


def test_every_file_leads_back_to_the_footage(built: BuiltReport) -> None:
    manifest = json.loads((built.path / MANIFEST).read_text())
    by_path = {file["path"]: file for file in manifest["files"]}
    (film,) = manifest["footage"]
    assert film["state"] == "unchanged"
    assert film["sha256"] in by_path["clips/E1.mp4"]["made_from"]
    assert film["sha256"] in by_path["pictures/E1-frame.jpg"]["made_from"]
    assert "stored picture, SHA-256" in by_path["pictures/E1.jpg"]["made_from"]
    assert all(manifest["models"])


def test_the_tables_and_maps_can_be_read(built: BuiltReport) -> None:
    rows = list(csv.DictReader(io.StringIO((built.path / "sightings.csv").read_text(encoding="utf-8-sig"))))
    assert {row["sighting"]: row["mark"] for row in rows}["red-harbour"] == "yes"
    assert rows[0]["plate"] == "KR123AB"
    features = json.loads((built.path / "sightings.geojson").read_text())["features"]
    assert {one["geometry"]["type"] for one in features} >= {"Point"}
    shown = [row for row in rows if row["role"] != "no"]
    gpx = ElementTree.parse(built.path / "sightings.gpx").getroot()
    assert len(gpx.findall("{http://www.topografix.com/GPX/1/1}wpt")) == len(shown)
    kml = ElementTree.parse(built.path / "sightings.kml").getroot()
    assert len(kml.findall(".//{http://www.opengis.net/kml/2.2}Point")) == len(shown)


def test_vehicles_that_were_ruled_out_are_named_and_not_shown(built: BuiltReport) -> None:
    rows = list(csv.DictReader(io.StringIO((built.path / "sightings.csv").read_text(encoding="utf-8-sig"))))
    (out,) = [row for row in rows if row["role"] == "no"]
    assert (out["sighting"], out["pictures"], out["type"], out["clip"]) == ("blue-harbour", "", "", "")
    assert not (built.path / "pictures" / f"{out['no']}.jpg").exists()


def test_what_another_person_said_before_is_said(case_archive: Archive, tmp_path: Path) -> None:
    """The last mark counts; that Maria had confirmed what Ben ruled out stood in the audit alone."""
    maria = add_person(case_archive, LOCAL, "maria", "investigator")
    mark_sighting(case_archive, maria, CASE, "red-harbour", "no")
    mark_sighting(case_archive, LOCAL, CASE, "red-mill", "no")
    built = build_report(case_archive, LOCAL, CASE, tmp_path / "report", ReportOptions(clips=False))
    assert "maria; local said yes before" in html_of(built.path)
    assert read_case(case_archive, LOCAL, CASE).overruled.keys() == {"red-harbour"}


def test_a_vehicle_that_was_asked_about_and_ruled_out_is_not_shown(case_archive: Archive, tmp_path: Path) -> None:
    """Its pictures and plate were shown, and below "1 as another vehicle" stood "nothing was marked as another"."""
    mark_sighting(case_archive, LOCAL, CASE, FILMED, "no")
    built = build_report(case_archive, LOCAL, CASE, tmp_path / "report", ReportOptions(clips=False))
    rows = list(csv.DictReader(io.StringIO((built.path / "sightings.csv").read_text(encoding="utf-8-sig"))))
    (own,) = (row for row in rows if row["sighting"] == FILMED)
    assert (own["role"], own["plate"], own["pictures"]) == ("no", "", "")
    text = html_of(built.path)
    assert "KR123AB" not in text
    assert "Nothing was marked as another vehicle." not in text


def test_others_are_covered_unless_the_case_says_so(case_archive: Archive, tmp_path: Path, built: BuiltReport) -> None:
    def fineness(folder: Path) -> float:
        box = other_box(6.0)
        part = decode_jpeg((folder / "pictures" / "E1-frame.jpg").read_bytes())
        part = part[round(box.y) + 8 : round(box.y) + 32, round(box.x) + 8 : round(box.x) + 40]
        return float(np.abs(np.diff(part.astype(int), axis=1)).mean())

    assert fineness(built.path) < 12
    show_others(case_archive, LOCAL, CASE, "Court order 12/26")
    shown = build_report(case_archive, LOCAL, CASE, tmp_path / "shown", ReportOptions(clips=False))
    assert fineness(shown.path) > 30
    assert "the case says: Court order 12/26" in html_of(shown.path)


def test_the_audit_holds_the_pictures_and_the_list_of_the_report(case_archive: Archive, tmp_path: Path) -> None:
    before = audit.check(case_archive, LOCAL).rows
    made = build_report(case_archive, LOCAL, CASE, tmp_path / "report", ReportOptions(clips=False))
    rows = [entry for entry in audit.entries(case_archive, LOCAL) if entry.number > before]
    assert [entry.action for entry in rows][:3] == ["begin report", "search", "search"]
    pictures = len(list((made.path / "pictures").glob("*.jpg")))
    assert sum(entry.action in ("open picture", "open frame") for entry in rows) == pictures
    assert rows[-1].action == "make report"
    assert rows[-1].number == made.audit_row
    assert rows[-1].detail["manifest_sha256"] == made.digest
    assert verify(case_archive) == []


def without_what_may_differ(folder: Path) -> dict[str, bytes]:
    """Return the files of a report, apart from times of making and numbers of the audit."""
    kept = {}
    for name in files_of(folder) - {"SHA256SUMS", "manifest.json", "report.pdf"}:
        data = (folder / name).read_bytes()
        if name == "report.html":
            text = re.sub(r"<h2>11  Audit.*?<h2>", "<h2>", data.decode(), flags=re.DOTALL)
            data = re.sub(
                r"Report made.*?</dd>|Audit rows.*?</dd>|<title>.*?</title>|asked again.*?</", "", text
            ).encode()
        kept[name] = data
    return kept


def test_the_same_case_gives_the_same_report(made_case: Path, tmp_path: Path) -> None:
    reports = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with Archive.open(copy_archive(made_case, tmp_path / name)) as archive:
            reports.append(build_report(archive, LOCAL, CASE, tmp_path / name / "report", VIENNA).path)
    first, second = map(without_what_may_differ, reports)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    case = '../../"><img src=x onerror=alert(1)>'
    made = make_case_archive(tmp_path, case=case, title=HOSTILE)
    with Archive.open(made) as archive:
        write_note(archive, LOCAL, case, HOSTILE)
        write_note(archive, LOCAL, case, "</section></table><b>" * 300, sighting="red-harbour")
        report = build_report(archive, LOCAL, case, tmp_path / "out" / "report", ReportOptions(clips=False))
    text = html_of(report.path)
    assert "<script" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "\u202e" not in text
    assert "\x07" not in text
    assert "白色卡车" in text
    assert set(os.listdir(tmp_path / "out")) == {"report"}
    assert verify_report(report.path).ok


def test_cells_are_no_formulas(case_archive: Archive, tmp_path: Path) -> None:
    person = add_person(case_archive, LOCAL, "=HYPERLINK(1)", "investigator")
    mark_sighting(case_archive, person, CASE, "red-harbour", "yes")
    made = build_report(case_archive, LOCAL, CASE, tmp_path / "report", ReportOptions(clips=False))
    rows = list(csv.DictReader(io.StringIO((made.path / "sightings.csv").read_text(encoding="utf-8-sig"))))
    assert {row["sighting"]: row["marked_by"] for row in rows}["red-harbour"] == "'=HYPERLINK(1)"


def test_a_zip_holds_one_folder_and_verifies(case_archive: Archive, tmp_path: Path) -> None:
    made = build_report(case_archive, LOCAL, CASE, tmp_path / "report.zip", ReportOptions(clips=False))
    with zipfile.ZipFile(made.path) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"report"}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert verify_report(made.path, digest=made.digest).ok
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "report.zip"]


def test_who_may_not_work_on_cases_gets_nothing(case_archive: Archive, tmp_path: Path) -> None:
    viewer = add_person(case_archive, LOCAL, "eve", "viewer")
    with pytest.raises(NotAllowedError):
        build_report(case_archive, viewer, CASE, tmp_path / "report")
    with pytest.raises(ArchiveError, match="no case 'none'"):
        build_report(case_archive, LOCAL, "none", tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_footage_that_is_gone_is_said(tmp_path: Path) -> None:
    made = make_case_archive(tmp_path)
    (tmp_path / "bridge.mp4").unlink()
    with Archive.open(made) as archive:
        report = build_report(archive, LOCAL, CASE, tmp_path / "report")
    assert "no clip: the footage is gone: bridge.mp4 is no longer where it was" in html_of(report.path)
    assert not (report.path / "clips" / "E1.mp4").exists()
    assert (report.path / "pictures" / "E1.jpg").exists()
    assert verify_report(report.path).ok
    rows = list(csv.DictReader(io.StringIO((report.path / "sightings.csv").read_text(encoding="utf-8-sig"))))
    assert {row["sighting"]: row["footage_state"] for row in rows}[FILMED] == "gone"


def test_a_report_that_is_made_on_a_chinese_page_is_of_one_language(
    case_archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Evidence was in Chinese between English sentences, in the PDF by numbers where no typeface has them."""
    monkeypatch.setattr(scriptrunner, "get_script_run_ctx", lambda **_: object())
    monkeypatch.setattr(streamlit, "session_state", {language.LANGUAGE: "zh"})
    assert language.say("nothing to compare") != "nothing to compare"
    built = build_report(case_archive, LOCAL, CASE, tmp_path / "report", ReportOptions(clips=False))
    assert re.search("[\u4e00-\u9fff]", html_of(built.path)) is None
    assert language.current_language() == "zh"


def test_a_description_alone_gives_no_probabilities(case_archive: Archive, tmp_path: Path) -> None:
    *_, _ = search(case_archive, Query(colour="red", case=CASE), LOCAL)
    row = audit.check(case_archive, LOCAL).rows
    options = ReportOptions(ContentOptions(question=row), clips=False)
    report = build_report(case_archive, LOCAL, CASE, tmp_path / "report", options)
    assert "Nothing was compared, so no probability is given." in html_of(report.path)
    assert "Nothing bounds the time of the question" in html_of(report.path)
    assert "No stretch is missing." not in html_of(report.path)
    rows = list(csv.DictReader(io.StringIO((report.path / "sightings.csv").read_text(encoding="utf-8-sig"))))
    assert {row["probability_alone"] for row in rows} == {""}
    assert {row["role"] for row in rows} == {"yes", "unsure", "no"}


def test_an_area_of_many_points_fits_on_the_pages(case_archive: Archive, tmp_path: Path) -> None:
    ring = [[6 + n / 500, 54 + (n % 7) / 100] for n in range(400)]
    area = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    *_, _ = search(case_archive, Query(sighting="red-mill", area=area, case=CASE), LOCAL)
    report = build_report(case_archive, LOCAL, CASE, tmp_path / "report", ReportOptions(clips=False))
    assert "a GeoJSON area, SHA-256" in html_of(report.path)
    assert json.loads((report.path / "question.json").read_text())["question"]["area"] == area
