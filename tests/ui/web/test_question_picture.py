"""The picture of the sighting that a question is about is opened for the case and reason of the question."""

from pathlib import Path

from index.access.browse import get_sighting
from index.access.permissions import local_person
from tests.ui.conftest import make_archive
from ui.web.question import PageQuestion
from ui.web.question_bar import asked_picture


def test_the_picture_of_the_question_names_case_and_reason(tmp_path: Path) -> None:
    with make_archive(tmp_path) as archive:
        sighting = get_sighting(archive, "red-bridge", local_person())
    question = PageQuestion(sighting=sighting.id, case="7", reason="hit and run")
    assert asked_picture(question, sighting) == "/archive/picture/red-bridge/0?case=7&reason=hit+and+run"
