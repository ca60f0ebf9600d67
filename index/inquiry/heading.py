"""Say whether the directed road that each sighting took lies on the drive to or from the sighting asked about."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.inquiry.drives import Drives
from index.inquiry.evidence import direction_llr
from index.inquiry.journeys import SAME_PASSAGE_S, Moment

Floats = npt.NDArray[np.float64]


def direction_of_each(
    drives: Drives, start: Moment, cameras: Sequence[str], edges: Sequence[int | None], times_s: Floats
) -> Floats:
    """Return the log-likelihood ratio of the roads taken, (n,); NaN where a heading or the map does not tell."""
    ratios = np.full(len(times_s), np.nan)
    elapsed_s = times_s - start.time_s
    if not drives.roads_past(start.camera):
        return ratios
    groups: dict[tuple[str, int], list[int]] = {}
    for row, (camera, edge) in enumerate(zip(cameras, edges, strict=True)):
        if edge is not None and camera != start.camera and abs(elapsed_s[row]) > SAME_PASSAGE_S:
            groups.setdefault((camera, edge), []).append(row)
    for (camera, edge), rows in sorted(groups.items()):
        for way in (rows_of for rows_of in _by_side(rows, elapsed_s) if rows_of):
            ratios[way] = _ratio(drives, start, camera, edge, elapsed_s[way])
    return ratios


def _by_side(rows: list[int], elapsed_s: Floats) -> tuple[list[int], list[int]]:
    return [row for row in rows if elapsed_s[row] < 0], [row for row in rows if elapsed_s[row] >= 0]


def _ratio(drives: Drives, start: Moment, camera: str, edge: int, elapsed_s: Floats) -> Floats:
    """Return the ratio for sightings on one edge of one camera, all on one side in time of the start."""
    roads = drives.roads_past(camera)
    if edge not in roads or len(roads) < 2:
        return np.full(elapsed_s.shape, np.nan)
    by_road = np.array([_density(drives, start, camera, road, elapsed_s) for road in roads])
    total = np.logaddexp.reduce(by_road, axis=0)
    with np.errstate(invalid="ignore"):
        on_the_way = np.where(np.isneginf(total), np.nan, np.exp(by_road[roads.index(edge)] - total))
    return direction_llr(on_the_way, np.full(elapsed_s.shape, 1 / len(roads)))


def _density(drives: Drives, start: Moment, camera: str, road: int, elapsed_s: Floats) -> Floats:
    by_road = drives.log_density_by_road
    if elapsed_s[0] >= 0:
        return by_road(start.camera, camera, elapsed_s, start_edge=start.edge, end_edge=road)
    return by_road(camera, start.camera, -elapsed_s, start_edge=road, end_edge=start.edge)
