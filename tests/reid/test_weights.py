import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reid import weights
from reid.errors import SeeingError
from reid.weights import Card, PictureInput, add_weights, find_weights, list_weights, read_card, weights_at


@pytest.fixture
def user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "mine"
    monkeypatch.setenv("RETRACE_WEIGHTS", str(folder))
    return folder


def _card(name: str = "mine") -> Card:
    return Card(name, "appearance", "", "MIT", "a test", PictureInput(96, 64, "BGR", (1.0, 2.0, 3.0), (4.0, 5.0, 6.0)))


def _file(folder: Path) -> Path:
    path = folder / "net.onnx"
    path.write_bytes(b"a network")
    return path


def test_added_weights_are_found_with_the_hash_of_their_bytes(tmp_path: Path, user_folder: Path) -> None:
    added = add_weights(_file(tmp_path), _card())
    found = find_weights("mine")
    assert found == added
    assert found.path.parent == user_folder
    assert found.model_id == f"mine-{found.card.sha256[:12]}"
    assert found.card.picture == _card().picture
    assert found.read() == b"a network"


def test_changed_bytes_are_noticed_and_refused(tmp_path: Path, user_folder: Path) -> None:
    added = add_weights(_file(tmp_path), _card())
    assert added.problem() is None
    added.path.write_bytes(b"another one")
    assert "its card says" in (find_weights("mine").problem() or "")
    with pytest.raises(SeeingError, match="its card says"):
        find_weights("mine").read()


def test_the_bytes_that_are_loaded_are_those_that_are_hashed(
    tmp_path: Path, user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = add_weights(_file(tmp_path), _card())
    # As if the file were replaced after it was hashed, and before it is read.
    monkeypatch.setattr(weights, "file_sha256", lambda path: added.card.sha256)
    added.path.write_bytes(b"another one")
    with pytest.raises(SeeingError, match="its card says"):
        added.read()


def test_a_missing_file_is_a_problem(tmp_path: Path, user_folder: Path) -> None:
    add_weights(_file(tmp_path), _card()).path.unlink()
    assert "is missing" in (find_weights("mine").problem() or "")
    with pytest.raises(SeeingError, match="is missing"):
        find_weights("mine").read()


def test_an_unknown_name_lists_the_known(tmp_path: Path, user_folder: Path) -> None:
    add_weights(_file(tmp_path), _card())
    with pytest.raises(SeeingError, match=r"no weights 'yours': known are .*mine"):
        find_weights("yours")


@pytest.mark.parametrize("name", ["../up", "Big", "", "a b"])
def test_a_name_that_cannot_name_a_file_is_refused(tmp_path: Path, user_folder: Path, name: str) -> None:
    with pytest.raises(SeeingError, match="cannot name a file"):
        add_weights(_file(tmp_path), _card(name))


def test_the_users_own_stand_before_packaged_ones(
    tmp_path: Path, user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = tmp_path / "packaged"
    add_weights(_file(tmp_path), _card("same"), packaged)
    monkeypatch.setattr(weights, "PACKAGED", packaged)
    assert [found.packaged for found in list_weights()] == [True]
    add_weights(_file(tmp_path), _card("same"))
    assert [found.packaged for found in list_weights()] == [False]


def test_weights_are_found_by_path_whatever_their_name(tmp_path: Path) -> None:
    added = add_weights(_file(tmp_path), _card("same"), tmp_path / "elsewhere")
    assert weights_at(added.path) == added
    assert weights_at(find_weights("appearance").path) == find_weights("appearance")


def test_a_file_that_is_no_card_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_text(json.dumps({"name": "odd"}))
    with pytest.raises(SeeingError, match=r"odd\.json is no card"):
        read_card(path)


def test_every_packaged_file_matches_its_card_and_is_small() -> None:
    for packaged in list_weights([weights.PACKAGED]):
        assert packaged.problem() is None
        assert packaged.path.stat().st_size <= 8 * 2**20


def test_a_broken_card_is_passed_over_and_said(
    tmp_path: Path, user_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add_weights(_file(tmp_path), _card())
    (user_folder / "bad.json").touch()
    assert "mine" in [weights.card.name for weights in list_weights()]
    assert "bad.json is no card of weights" in caplog.text


def test_weights_in_place_of_packaged_ones_are_said(
    tmp_path: Path, user_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add_weights(_file(tmp_path), _card("appearance"))
    assert not find_weights("appearance").packaged
    assert "is used in place of the packaged weights" in caplog.text


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda card: card.update(name=["mine"]), id="a name that is a list"),
        pytest.param(lambda card: card.update(name=5), id="a name that is a number"),
        pytest.param(lambda card: card.update(name="../../up"), id="a name that is a path"),
        pytest.param(lambda card: card.update(name="\x1b[2J"), id="a name that clears the screen"),
        pytest.param(lambda card: card.update(sha256=None), id="no hash"),
        pytest.param(lambda card: card.update(output=[1]), id="an output that is a list"),
        pytest.param(lambda card: card["picture"].update(width_px=10**9), id="pictures of a billion pixels"),
        pytest.param(lambda card: card["picture"].update(height_px=0), id="pictures of no pixels"),
        pytest.param(lambda card: card["picture"].update(mean="abc"), id="a mean of letters"),
        pytest.param(lambda card: card["picture"].update(spread=[0, 0, 0]), id="a division by nothing"),
        pytest.param(lambda card: card["picture"].update(mean=[float("nan")] * 3), id="a mean that is no number"),
        pytest.param(lambda card: card["picture"].update(order="XYZ"), id="channels that nobody knows"),
    ],
)
def test_a_card_that_says_what_no_weights_can_be_is_passed_over(
    tmp_path: Path, user_folder: Path, change: Change
) -> None:
    """Before, a name that was no text stopped every command."""
    added = add_weights(_file(tmp_path), _card())
    card = {**json.loads(added.path.with_suffix(".json").read_text()), "name": "bad"}
    change(card)
    (user_folder / "bad.json").write_text(json.dumps(card))
    assert added in list_weights()
    assert not [one for one in list_weights() if one.path.name == "bad.onnx"]


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing", "link to itself", "deep", "large", "locked"])
def test_a_card_that_is_no_file_of_a_card_is_passed_over(tmp_path: Path, user_folder: Path, kind: str) -> None:
    added, bad = add_weights(_file(tmp_path), _card()), user_folder / "bad.json"
    if kind == "folder":
        bad.mkdir()
    elif kind == "pipe":
        os.mkfifo(bad)
    elif kind.startswith("link"):
        bad.symlink_to(bad if kind == "link to itself" else tmp_path / "nothing")
    else:
        bad.write_text("[" * 100_000)
        bad.chmod(0 if kind == "locked" else 0o600)
        if kind == "large":
            os.truncate(bad, 1 << 40)
    assert added in list_weights()


def test_weights_that_were_not_added_leave_no_file(
    tmp_path: Path, user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(weights, "_force_to_disk", full)
    with pytest.raises(OSError, match="No space"):
        add_weights(_file(tmp_path), _card())
    assert list(user_folder.iterdir()) == []


def test_what_a_killed_run_left_is_removed_and_nothing_else(tmp_path: Path, user_folder: Path) -> None:
    user_folder.mkdir()
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    gone = int(ended.stdout)
    names = [f"other.{gone}.tmp", f"other.json.{gone}.tmp", f"other.{os.getpid()}.tmp", "notes.tmp", f"new.{gone}.tmp"]
    for name in names:
        (user_folder / name).touch()
        if not name.startswith("new"):
            os.utime(user_folder / name, (1e9, 1e9))
    add_weights(_file(tmp_path), _card())
    assert {path.name for path in user_folder.iterdir()} == {*names[2:], "mine.onnx", "mine.json"}
