"""Say what the tests may rely on, and turn a missing thing that is required into a failure."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from hypothesis import settings

from tests.quick_tables import replaying

os.environ.setdefault("OMP_NUM_THREADS", "1")
"""Tests run side by side: torch with a thread for each core would wait for itself."""

FRESH = os.environ.get("RETRACE_RANDOM") == "fresh"
"""With RETRACE_RANDOM=fresh, as in `make test-long`, random tests draw anew; else a landing must not hang on luck."""

FIXED_SEED = 20_260_504

settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("fresh", derandomize=False, print_blob=True, deadline=None)
settings.load_profile("fresh" if FRESH else "fixed")


def random_seed() -> int:
    """Return the seed of a random test: that of RETRACE_TEST_SEED to repeat one, else a fresh or the fixed one."""
    fresh = int.from_bytes(os.urandom(4)) if FRESH else FIXED_SEED
    return int(os.environ.get("RETRACE_TEST_SEED", fresh))


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark the tests that draw their inputs as random, so that `make test-long` can draw others."""
    for item in items:
        drawn = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if drawn or "random_seed" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.random)


@pytest.fixture(name="random_seed")
def random_seed_fixture() -> int:
    """Lend the seed of a test that draws moments or files."""
    return random_seed()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave tests of GPUs out where there is none."""
    if item.get_closest_marker("gpu") is not None:
        import faiss

        if not faiss.get_num_gpus():
            unavailable("gpu", "FAISS finds none")


def unavailable(name: str, reason: str) -> None:
    """Skip, or fail where RETRACE_REQUIRE names the thing."""
    if name in os.environ.get("RETRACE_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required here: {reason}")
    pytest.skip(f"no {name}: {reason}")


@pytest.fixture(scope="session", autouse=True)
def quick_tables() -> Iterator[None]:
    """Migrate one empty database of each engine, and repeat its statements for the thousands that follow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "upgrade", replaying())
        yield


@pytest.fixture(scope="session")
def material() -> Path:
    """Return the folder of real pictures, footage and maps, named by RETRACE_MATERIAL."""
    folder = os.environ.get("RETRACE_MATERIAL", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("RETRACE_MATERIAL does not name the folder of real material")
    return Path(folder)


@dataclass(frozen=True)
class Car:
    """A patterned block that drives through a made street from one side to the other; `speed` in pixels a second."""

    enters_s: float
    top: int
    speed: float = 60.0
    width: int = 48
    height: int = 30
    colour: tuple[int, int, int] = (200, 40, 40)

    def left(self, time_s: float, street_width: int) -> float:
        """Return where its left side is, outside the street before it enters and after it left."""
        way = (time_s - self.enters_s) * abs(self.speed)
        return way - self.width if self.speed > 0 else street_width - way


def draw_street(cars: Sequence[Car], time_s: float, *, width: int = 320, height: int = 180) -> np.ndarray:
    """Return one RGB frame of a made street: a still, patterned background and the cars on it."""
    rng = np.random.default_rng(7)
    coarse = rng.integers(90, 150, (height // 20, width // 20, 3)).astype(np.uint8)
    image = np.kron(coarse, np.ones((20, 20, 1), np.uint8))
    for number, car in enumerate(cars):
        left = round(car.left(time_s, width))
        pattern = np.random.default_rng(number).integers(-25, 25, (car.height // 6 + 1, car.width // 6 + 1, 1))
        block = np.kron(pattern, np.ones((6, 6, 1)))[: car.height, : car.width] + np.array(car.colour)
        block[4:12, 8:-8] = 30
        x0, x1 = max(0, left), min(width, left + car.width)
        if x1 > x0:
            image[car.top : car.top + car.height, x0:x1] = np.clip(block[:, x0 - left : x1 - left], 0, 255)
    return image


@pytest.fixture
def motion_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands look for what moves: the patterned blocks of a made street are vehicles to no network."""
    monkeypatch.setenv("RETRACE_INGEST_DETECTOR", "motion")


@pytest.fixture(scope="session")
def film_street() -> Callable[..., Path]:
    """A function that films a made street as real H.264."""

    def make(path: Path, cars: Sequence[Car], seconds: float, *, fps: float = 10.0) -> Path:
        from reid.video.writer import FilmOptions, film

        with film(path, FilmOptions(320, 180, fps, quality=20)) as writing:
            for number in range(round(seconds * fps)):
                writing.add(draw_street(cars, number / fps))
        return path

    return make


@pytest.fixture(scope="session")
def street() -> Callable[..., np.ndarray]:
    """A function that draws one frame of a made street."""
    return draw_street


@pytest.fixture(scope="session")
def car() -> type[Car]:
    """The cars of a made street."""
    return Car
