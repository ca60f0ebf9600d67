import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ArchiveError
from index.store.names import brought_name, check_name, file_name, look_of


@pytest.mark.parametrize("name", ["cam01", "Nordbrücke 2", "北桥", "../../escaped", "دوربین\u200cها", "=1+1"])
def test_what_people_can_read_is_a_name(name: str) -> None:
    check_name(name, "a camera")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        pytest.param("", "without a name", id="nothing"),
        pytest.param(" \t", "without a name", id="spaces"),
        pytest.param("cam ", "ends with a space", id="a space that nobody sees"),
        pytest.param("x" * 101, "100 are the most", id="too long"),
        pytest.param("cam\x1b[31m", "U\\+001B", id="a terminal escape"),
        pytest.param("cam\x00", "U\\+0000", id="NUL"),
        pytest.param("cam\u202e10", "U\\+202E", id="right to left"),
        pytest.param("a\nb", "U\\+000A", id="two lines"),
        pytest.param("a\ud800", "U\\+D800", id="half a character"),
    ],
)
def test_a_name_that_hides_something_is_refused(name: str, problem: str) -> None:
    with pytest.raises(ArchiveError, match=problem):
        check_name(name, "a camera")


def test_plain_names_are_names_of_files() -> None:
    assert file_name("cam01") == "cam01"


@given(st.text(min_size=1, max_size=200))
def test_no_name_leaves_its_folder(name: str) -> None:
    file = file_name(name)
    assert "/" not in file
    assert "\x00" not in file
    assert not file.startswith(".")
    assert 0 < len(file.encode("utf-8", "surrogatepass")) <= 255


@given(st.sets(st.text(min_size=1, max_size=20), min_size=2, max_size=2))
def test_different_names_have_different_files(names: set[str]) -> None:
    assert len({file_name(name) for name in names}) == 2


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("harbour.mp4", "harbour.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\a.mp4", "a.mp4"),
        (".hidden\0.mp4", "hidden.mp4"),
        ("a\u202e4pm.exe", "a4pm.exe"),
        ("..", "video.mp4"),
        ("x" * 500 + ".mp4", "x" * 196 + ".mp4"),
        ("北" * 100 + ".mp4", "北" * 65 + ".mp4"),
    ],
)
def test_a_file_that_is_brought_has_a_name_of_its_folder_only(name: str, kept: str) -> None:
    assert brought_name(name, otherwise="video.mp4") == kept


@pytest.mark.parametrize(
    "other",
    [
        *("a-117", "\u0410-117", "\uff21-117", "A-117\u200d", "A\u200c-117", "A-117\ufe0f", "A-117\U000e0100"),
        *("A\u2013117", "A\u2011117", "A\u2212117", "A-1l7", "A-I17", "A-|l7"),
    ],
    ids=ascii,
)
def test_names_that_people_cannot_tell_apart_look_alike(other: str) -> None:
    check_name(other, "a case")
    assert look_of(other) == look_of("A-117")


@pytest.mark.parametrize(("one", "other"), [("lane 1", "lane  1"), ("lane 1", "lane\u00a01"), ("2026-1", "2O26-1")])
def test_spaces_and_letters_for_digits_tell_no_names_apart(one: str, other: str) -> None:
    assert look_of(one) == look_of(other)


@pytest.mark.parametrize(("one", "other"), [("A-117", "A-118"), ("A-117", "A117"), ("mill", "hill"), ("می‌خواهم", "می")])
def test_other_names_look_otherwise(one: str, other: str) -> None:
    assert look_of(one) != look_of(other)


@pytest.mark.parametrize("name", ["\u3164", "\u2800", "\u200d", "a\u034fb", "A\u2800-117", "\ufe0f"], ids=ascii)
def test_a_name_of_which_nobody_sees_a_part_is_refused(name: str) -> None:
    with pytest.raises(ArchiveError, match="nobody sees"):
        check_name(name, "a case")


def test_a_mongolian_word_is_a_name() -> None:
    check_name("\u182e\u1823\u1829\u180b", "an account")
    assert look_of("\u182e\u1823\u1829\u180b") == look_of("\u182e\u1823\u1829")
