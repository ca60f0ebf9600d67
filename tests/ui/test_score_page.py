from ui.failure_page import failures_of, pictured
from ui.score_page import score_lines, score_page

SCORE = {
    "passages": {"recall": 0.75, "recall_ci": [0.5, 0.9], "idf1": None, "idf1_ci": None},
    "questions": {"n": 12, "gallery": 40.5, "relevant": 30},
    "area_now": {
        "2": {"contains": 0.9, "contains_ci": [0.8, 1.0], "map": {"contains": 1.0, "contains_ci": [1.0, 1.0]}}
    },
}


def test_every_figure_has_a_line_with_its_interval() -> None:
    lines = list(score_lines(SCORE))
    assert lines[:3] == ["Passages found", *lines[1:3]]
    assert lines[1].split() == ["recall", "0.750", "0.500", "to", "0.900"]
    assert lines[2].split() == ["idf1", "–"]
    assert any(line.split() == ["2", "map", "contains", "1.000", "1.000", "to", "1.000"] for line in lines)


def test_the_page_is_whole_and_asks_for_nothing_else() -> None:
    page = score_page(SCORE, title="<town>")
    assert "&lt;town&gt;" in page
    assert "0.500 to 0.900" in page
    assert "http" not in page
    assert "src=" not in page


def test_failures_are_shown_with_pictures_and_reasons() -> None:
    wrong = {"sighting": "b", "rank": 1, "probability": 0.8, "why": "looks <alike>"}
    right = {"sighting": "c", "rank": 7, "probability": 0.01, "why": "too soon"}
    asked = {"sighting": "a", "vehicle": "v1", "camera": "cam1", "time": "2026-05-04T08:00:00Z"}
    failures = [{**asked, "wrong": wrong, "right": right}, {**asked, "wrong": wrong, "right": None}]
    score = {**SCORE, "failures": {"surest_wrong": failures}}
    assert pictured(failures_of(score)) == ["a", "b", "c"]
    page = score_page(score, title="town", pictures={"a": b"jpeg"})
    assert page.count("data:image/jpeg;base64,anBlZw==") == 2
    assert "wrong, number 1, 80.0%: b; looks &lt;alike&gt;" in page
    assert "right, number 7, 1.0%: c; too soon" in page
    assert "no sighting was compared that shows it" in page
    assert list(score_lines(score)) == list(score_lines(SCORE))
