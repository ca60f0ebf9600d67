"""Run commands as the tests of `ui.cli` do: on an archive, or with all words written out."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ui.cli.main import retrace


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(retrace, ["--archive", str(folder), *arguments])


def answer(folder: Path, *arguments: str) -> Any:
    """Return the document that a command on an archive prints."""
    result = run(folder, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def document(*arguments: object) -> dict[str, object]:
    """Return the document that a command prints; its words are given in full."""
    done = CliRunner().invoke(retrace, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Return the one line on stderr of a command that leaves with 1."""
    from ui.cli.main import main

    monkeypatch.setattr("sys.argv", ["retrace", *map(str, arguments)])
    with pytest.raises(SystemExit) as left:
        main()
    written = capsys.readouterr()
    assert left.value.code == 1
    assert written.out == ""
    lines = written.err.strip().splitlines()
    assert len(lines) == 1
    return lines[0]
