"""How far a reader has to go who follows one question, or one clip."""

from pathlib import Path

import pytest

from benchmarks import reading_path


@pytest.mark.slow
def test_a_question_passes_few_files(tmp_path: Path) -> None:
    path = reading_path.question_path(tmp_path)
    assert len(path.files) <= reading_path.MOST_FILES_OF_A_QUESTION, sorted(path.files)
    assert sum(path.hops.values()) <= reading_path.MOST_HOPS_OF_A_QUESTION, path.hops.most_common(20)


@pytest.mark.slow
def test_a_clip_passes_few_files(tmp_path: Path) -> None:
    path = reading_path.clip_path(tmp_path)
    assert len(path.files) <= reading_path.MOST_FILES_OF_A_CLIP, sorted(path.files)
    assert sum(path.hops.values()) <= reading_path.MOST_HOPS_OF_A_CLIP, path.hops.most_common(20)


def test_calls_within_a_file_are_no_hops_and_modules_that_are_only_imported_are_not_entered() -> None:
    from index.search.scope import Scope

    with reading_path.following() as path:
        Scope(("a",), {}, None).clock_errors_s(None)
    assert path.files == {"index/search/scope.py"}
    assert dict(path.hops) == {(None, "index/search/scope.py"): 1}
