"""Say what the tests may rely on, and turn a missing thing that is required into a failure."""

import os
from pathlib import Path

import pytest


def unavailable(name: str, reason: str) -> None:
    """Skip, or fail where RETRACE_REQUIRE names the thing."""
    if name in os.environ.get("RETRACE_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required here: {reason}")
    pytest.skip(f"no {name}: {reason}")


@pytest.fixture(scope="session")
def material() -> Path:
    """Return the folder of real pictures, footage and maps, named by RETRACE_MATERIAL."""
    folder = os.environ.get("RETRACE_MATERIAL", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("RETRACE_MATERIAL does not name the folder of real material")
    return Path(folder)
