"""Draw the pictures of docs/roads.md: `python -m benchmarks.road_pictures FOLDER`."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.road_maps import cameras_on_busy_roads, town
from benchmarks.road_truth import elapsed_times
from roadgraph.area import polygon, reachable_area
from roadgraph.arrays import Floats
from roadgraph.camera import PlacedCamera
from roadgraph.camera_times import camera_times
from roadgraph.graph import RoadGraph
from roadgraph.likely_area import likely_area
from roadgraph.origin import Origin
from roadgraph.reachability import ReachOptions, reach
from roadgraph.travel_time import PairPassage, TravelTimes

PAPER, INK, FAINT, ROAD = (252, 251, 248), (40, 44, 52), (130, 134, 142), (140, 143, 150)
POSSIBLE, LIKELY, LEARNED = (150, 196, 236), (245, 150, 60), (178, 34, 52)
PANEL_W, PANEL_H, MARGIN = 620, 560, 24
MINUTES = (1, 3, 6, 10)
COUNTS = (0, 3, 30, 3000)


class Panel:
    """One drawing with its own scale from metres, or values, to pixels."""

    def __init__(
        self, draw: ImageDraw.ImageDraw, corner: tuple[int, int], low: Floats, high: Floats, same: bool
    ) -> None:
        self.draw, self.corner, self.low = draw, corner, low
        room = np.array([PANEL_W - 2 * MARGIN, PANEL_H - 4 * MARGIN])
        scale = room / (high - low)
        self.scale = np.full(2, scale.min()) if same else scale

    def at(self, xy: Any) -> list[tuple[float, float]]:
        """Return the pixels of points."""
        pixels = (np.atleast_2d(xy) - self.low) * self.scale
        left, top = self.corner
        return [(left + MARGIN + x, top + PANEL_H - MARGIN - y) for x, y in pixels]

    def title(self, text: str) -> None:
        """Write above the drawing."""
        left, top = self.corner
        self.draw.rectangle((left, top, left + PANEL_W, top + 2 * MARGIN), PAPER)
        self.draw.text((self.corner[0] + MARGIN, self.corner[1] + 14), text, INK, ImageFont.load_default(22))


def main() -> None:
    """Draw both pictures into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    graph = town()
    placed = cameras_on_busy_roads(graph, 20, seed=21_000)
    draw_hypothesis(graph, placed).save(folder / "roads-hypothesis.png", optimize=True)
    draw_travel_times(graph, placed).save(folder / "roads-travel-times.png", optimize=True)


def draw_hypothesis(graph: RoadGraph, placed: Sequence[PlacedCamera]) -> Image.Image:
    """Return four moments after a vehicle passed the first camera."""
    picture, draw = _paper(2, 2)
    start = min(placed, key=lambda one: float(np.hypot(*graph.plane.to_xy(one.camera.lat, one.camera.lon)[0])))
    edge = start.views[0].edge
    origin = Origin.at_camera(start, edge)
    widest = reachable_area(graph, origin, MINUTES[-1] * 60.0, slack=1.3)
    ends = graph.chain.xy_at(widest.edge, widest.to_m)
    low, high = ends.min(axis=0), ends.max(axis=0)
    for number, minutes in enumerate(MINUTES):
        corner = (number % 2 * PANEL_W, number // 2 * PANEL_H)
        panel = Panel(draw, corner, low, high, same=True)
        layer = Image.new("RGB", (PANEL_W, PANEL_H), PAPER)
        inner = Panel(ImageDraw.Draw(layer), (0, 0), low, high, same=True)
        possible = reachable_area(graph, origin, minutes * 60.0, slack=1.3)
        likely = likely_area(graph, origin, minutes * 60.0)
        _fill(graph, inner, polygon(graph, possible), POSSIBLE)
        _fill(graph, inner, polygon(graph, likely), LIKELY)
        for road in np.flatnonzero(graph.road_of_edge == np.arange(graph.edges)).tolist():
            inner.draw.line(inner.at(graph.edge_xy(road)), ROAD, 1)
        options = ReachOptions(horizon_s=minutes * 60.0, direction="after")
        reached = {one.camera for one in reach(graph, placed, start.camera.id, options, edge=edge).cameras}
        for one in placed:
            colour = INK if one is start else LEARNED if one.camera.id in reached else (255, 255, 255)
            (x, y), *_ = inner.at(graph.plane.to_xy(one.camera.lat, one.camera.lon))
            inner.draw.ellipse((x - 6, y - 6, x + 6, y + 6), colour, INK, 2)
        picture.paste(layer, corner)
        kilometres = f"{likely.km(graph):.0f} km likely, {possible.km(graph):.0f} km possible"
        panel.title(f"{minutes} min: {kilometres}, cameras: {len(reached - {start.camera.id})}")
    return picture


def _fill(graph: RoadGraph, panel: Panel, area: Mapping[str, Any], colour: tuple[int, int, int]) -> None:
    for rings in area["coordinates"]:
        for number, ring in enumerate(rings):
            lon, lat = np.array(ring).T
            outline = panel.at(graph.plane.to_xy(lat, lon))
            panel.draw.polygon(outline, colour if number == 0 else PAPER)
            panel.draw.line(outline, colour, 4)


def draw_travel_times(graph: RoadGraph, placed: Sequence[PlacedCamera]) -> Image.Image:
    """Return the learned travel times of one pair from few and many passages, a fifth of them wrong, over the truth."""
    times = camera_times(graph, placed)
    elapsed = elapsed_times(graph, placed, [(21_300 + i, (8.0, 13.0)[i % 2]) for i in range(4)])
    direct = {p: t for p, t in elapsed.items() if len(t) > 2000 and times.between(*p).usual_s > 120}
    pair = max(direct, key=lambda p: float((direct[p] < 3 * times.between(*p).usual_s).mean()))
    true_s = elapsed[pair]
    end_s = float(np.quantile(true_s, 0.97)) * 1.1
    bins = np.linspace(0, end_s, 90)
    truth = np.histogram(true_s, bins)[0] / len(true_s) / (bins[1] - bins[0])
    picture, draw = _paper(2, 2)
    rng = np.random.default_rng(21_301)
    for number, count in enumerate(COUNTS):
        own = rng.choice(true_s, size=count)
        own = np.where(rng.random(count) < 0.2, rng.uniform(0, 1800, size=count), own)
        learned = TravelTimes(times).learn([PairPassage(*pair, float(seconds)) for seconds in own])
        corner = (number % 2 * PANEL_W, number // 2 * PANEL_H)
        seconds = np.linspace(1, end_s, 600)
        density = np.exp(learned.log_density(*pair, seconds))
        high = np.array([end_s, float(max(truth.max(), density.max())) * 1.1])
        panel = Panel(draw, corner, np.zeros(2), high, same=False)
        for left, right, height in zip(bins[:-1], bins[1:], truth, strict=True):
            (x0, y0), (x1, y1) = panel.at([[left, 0], [right, height]])
            draw.rectangle((x0, y1, x1, y0), (205, 214, 224))
        draw.line(panel.at(np.stack([seconds, density], axis=1)), LEARNED, 3)
        _axis(panel, end_s, [learned.quantile(*pair, share) for share in (0.05, 0.95)])
        panel.title(f"{count} passages" + (", a fifth of them wrong" if count else ": from the roads alone"))
    return picture


def _axis(panel: Panel, end_s: float, interval: Sequence[float]) -> None:
    font = ImageFont.load_default(16)
    for second in range(0, int(end_s), 60 if end_s < 900 else 300):
        (x, y), *_ = panel.at([[second, 0]])
        panel.draw.line([(x, y), (x, y + 5)], FAINT, 1)
        panel.draw.text((x - 10, y + 6), f"{second / 60:.0f} min", FAINT, font)
    (low, y), (high, _) = panel.at([[interval[0], 0], [min(interval[1], end_s), 0]])
    panel.draw.line([(low, y + 2), (high, y + 2)], LEARNED, 5)


def _paper(columns: int, rows: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (columns * PANEL_W, rows * PANEL_H), PAPER)
    return picture, ImageDraw.Draw(picture)


if __name__ == "__main__":
    main()
