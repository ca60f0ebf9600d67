"""Measure the roads: `python -m benchmarks.roads` prints one JSON object a claim, `--full` simulates more traffic."""

import argparse

from benchmarks import road_speed, road_truth


def main() -> None:
    """Print every claim about roads and time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="three times the traffic")
    full = parser.parse_args().full
    road_speed.say_all()
    road_truth.say_all(full=full)


if __name__ == "__main__":
    main()
