"""Check that the arrays of a stored road network belong together, so that nothing is computed from what is no map."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

_Arrays = Mapping[str, npt.NDArray[Any]]

MOST_LAT_DEG, MOST_LON_DEG = 90.0, 720.0
"""Longitudes across the antimeridian are counted on, past 180."""


def check_arrays(arrays: _Arrays, *, names: int, classes: int, kinds: int) -> None:
    """Refuse, by ValueError, arrays that are no network with so many names, road classes and kinds of place."""
    nodes, edges = len(arrays["node_lat"]), len(arrays["edge_from"])
    _check_numbers(arrays, ("node_lat", "shape_lat"), -MOST_LAT_DEG, MOST_LAT_DEG)
    _check_numbers(arrays, ("node_lon", "shape_lon"), -MOST_LON_DEG, MOST_LON_DEG)
    _check_numbers(arrays, ("edge_length_m", "edge_speed_kmh"), np.nextafter(0, 1), np.inf)
    _check_indices(arrays, ("edge_from", "edge_to"), 0, nodes)
    _check_indices(arrays, ("edge_class",), 0, classes)
    _check_indices(arrays, ("edge_name",), -1, names)
    _check_indices(arrays, ("edge_reverse",), -1, edges)
    _check_indices(arrays, ("forbidden_edges", "place_edge"), 0, edges)
    _check_indices(arrays, ("place_kind",), 0, kinds)
    _check_lengths(arrays, [name for name in arrays if name.startswith("edge_")], edges)
    _check_lengths(arrays, ["node_lon"], nodes)
    _check_lengths(arrays, ["place_kind"], len(arrays["place_edge"]))
    _check_rows(arrays["shape_start"], edges, len(arrays["shape_lat"]), "shape_start", least=2)
    _check_lengths(arrays, ["shape_lon"], len(arrays["shape_lat"]))
    _check_rows(arrays["forbidden_start"], None, len(arrays["forbidden_edges"]), "forbidden_start", least=0)


def _check_numbers(arrays: _Arrays, names: tuple[str, ...], least: float, most: float) -> None:
    for name in names:
        array = arrays[name]
        if array.dtype.kind != "f" or not (np.isfinite(array) & (array >= least) & (array <= most)).all():
            raise ValueError(f"{name} holds what is no such number")


def _check_indices(arrays: _Arrays, names: tuple[str, ...], least: int, end: int) -> None:
    for name in names:
        array = arrays[name]
        if array.dtype.kind not in "iu" or not ((array >= least) & (array < end)).all():
            raise ValueError(f"{name} names what is not there")


def _check_lengths(arrays: _Arrays, names: list[str], length: int) -> None:
    for name in names:
        if arrays[name].shape != (length,):
            raise ValueError(f"{name} has another length")


def _check_rows(starts: npt.NDArray[Any], rows: int | None, end: int, name: str, *, least: int) -> None:
    """Refuse starts that do not lead from 0 to the end, each row `least` long."""
    whole = starts.dtype.kind in "iu" and starts.ndim == 1 and len(starts) and starts[0] == 0 and starts[-1] == end
    if not whole or (rows is not None and len(starts) != rows + 1) or (np.diff(starts) < least).any():
        raise ValueError(f"{name} does not divide its rows")
