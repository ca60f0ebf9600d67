import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reid.clock.burnt_clock import clock_run

MOMENTS_S = (0.0, 1.4, 3.8, 6.2, 9.4, 12.6, 16.4, 20.0)


def shown(start_s: float, *, rate: float = 1.0) -> list[tuple[float, float]]:
    """What a clock that stood at start_s shows at each moment: its full seconds."""
    return [(time_s, float(math.floor(start_s + rate * time_s))) for time_s in MOMENTS_S]


@example(1.75, {0}, 1)
@given(st.floats(0, 1e6), st.sets(st.integers(0, 7), max_size=3), st.integers(-50_000, 50_000))
def test_a_running_clock_is_found_whatever_is_misread(start_s: float, misread: set[int], by_s: int) -> None:
    readings = [(t, s + by_s * (1 + n) if n in misread else s) for n, (t, s) in enumerate(shown(start_s))]
    found = clock_run(readings)
    assert found is not None
    # a second read as its neighbour may fit as well as a right one does
    off_s = 1e-6 if all(abs(by_s * (1 + n)) != 1 and abs(by_s * (1 + n)) != 2 for n in misread) else 1.2
    assert found.low_s - off_s <= start_s <= found.high_s + off_s
    assert found.doubt_s <= 0.5


@given(st.floats(0, 1e5))
def test_looking_at_telling_moments_finds_the_start_to_a_hundredth(start_s: float) -> None:
    run = clock_run(shown(start_s))
    assert run is not None
    for _ in range(8):
        moment_s = run.telling_moment_s(0.05)
        narrowed = run.narrowed((moment_s, float(math.floor(start_s + moment_s))))
        assert narrowed is not None
        run = narrowed
    assert run.start_s == pytest.approx(start_s, abs=0.01)


@pytest.mark.parametrize("rate", [0.0, 0.5, 4.0])
def test_a_clock_that_stands_or_runs_at_another_rate_is_refused(rate: float) -> None:
    assert clock_run(shown(100.3, rate=rate)) is None


def test_too_few_readings_are_not_believed_and_a_misfit_is_rejected() -> None:
    assert clock_run([]) is None
    assert clock_run(shown(5.0)[:3]) is None
    run = clock_run(shown(5.0))
    assert run is not None
    assert run.narrowed((2.0, 99.0)) is None
