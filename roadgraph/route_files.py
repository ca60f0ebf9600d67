"""Write a route as GeoJSON, GPX or KML, with the names of its streets."""

from collections.abc import Mapping
from itertools import groupby
from xml.etree import ElementTree

from roadgraph.graph import RoadGraph
from roadgraph.routes import Route

GPX = "http://www.topografix.com/GPX/1/1"
KML = "http://www.opengis.net/kml/2.2"
UNNAMED = "unnamed road"


def streets(graph: RoadGraph, route: Route) -> list[str]:
    """Return the street names of a route in order; a street that goes on over several edges is named once."""
    named = filter(None, map(graph.name, route.edges))
    return [name for name, _ in groupby(named)] or [UNNAMED]


def to_geojson(graph: RoadGraph, route: Route) -> Mapping[str, object]:
    """Return the route as a GeoJSON Feature."""
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [[lon, lat] for lat, lon in route.points]},
        "properties": {
            "streets": streets(graph, route),
            "length_m": round(route.length_m, 1),
            "seconds": round(route.seconds, 1),
        },
    }


def to_gpx(graph: RoadGraph, route: Route, name: str = "route") -> str:
    """Return the route as a GPX 1.1 track."""
    root = ElementTree.Element("gpx", {"version": "1.1", "creator": "Retrace", "xmlns": GPX})
    track = ElementTree.SubElement(root, "trk")
    ElementTree.SubElement(track, "name").text = name
    ElementTree.SubElement(track, "desc").text = _description(graph, route)
    segment = ElementTree.SubElement(track, "trkseg")
    for lat, lon in route.points:
        ElementTree.SubElement(segment, "trkpt", {"lat": f"{lat:.7f}", "lon": f"{lon:.7f}"})
    return _document(root)


def to_kml(graph: RoadGraph, route: Route, name: str = "route") -> str:
    """Return the route as a KML line."""
    root = ElementTree.Element("kml", {"xmlns": KML})
    placemark = ElementTree.SubElement(ElementTree.SubElement(root, "Document"), "Placemark")
    ElementTree.SubElement(placemark, "name").text = name
    ElementTree.SubElement(placemark, "description").text = _description(graph, route)
    line = ElementTree.SubElement(placemark, "LineString")
    ElementTree.SubElement(line, "tessellate").text = "1"
    ElementTree.SubElement(line, "coordinates").text = " ".join(f"{lon:.7f},{lat:.7f},0" for lat, lon in route.points)
    return _document(root)


def _description(graph: RoadGraph, route: Route) -> str:
    return f"{route.length_m / 1000:.1f} km, about {route.seconds / 60:.0f} min: " + ", ".join(streets(graph, route))


def _document(root: ElementTree.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
