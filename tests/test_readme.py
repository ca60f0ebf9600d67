"""The README's commands do what it shows: every line that begins with "$ " in a console block is run, in order."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
SLOW_S = 280


def blocks() -> list[list[str]]:
    """Return the commands of each console block; the lines between them are what they print."""
    text = README.read_text(encoding="utf-8")
    return [[line[2:] for line in body.splitlines() if line.startswith("$ ")] for body in BLOCK.findall(text)]


def environment(home: Path) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"PATH": path, "HOME": str(home), "OMP_NUM_THREADS": "1"}


def serve_a_moment(command: str, folder: Path) -> str:
    """Start a command that would go on for ever, and stop it once it has said where the page is."""
    options = {"shell": True, "cwd": folder, "env": environment(folder), "text": True, "start_new_session": True}
    with subprocess.Popen(command, stderr=subprocess.PIPE, **options) as process:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if "http://" in line:
                break
        os.killpg(process.pid, signal.SIGTERM)
    return said


def test_the_readme_shows_commands() -> None:
    commands = [command for block in blocks() for command in block]
    assert any(command.startswith("retrace ") for command in commands), "README.md has no console block with a command"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    for command in [command for block in blocks() for command in block]:
        if re.search(r"\bserve\b", command):
            assert "http://127.0.0.1:" in serve_a_moment(command, tmp_path), command
            continue
        ended = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=SLOW_S,
        )
        assert ended.returncode == 0, f"{command}\n{ended.stderr}"
