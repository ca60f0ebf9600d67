"""Write the sightings and the route of a report as GeoJSON, GPX and KML."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from index.answers import Itinerary
from index.casework.contents import CaseContents, Exhibit
from ui.report.report_words import ROLES, plain, plate_of, probability

GPX = "http://www.topografix.com/GPX/1/1"
KML = "http://www.opengis.net/kml/2.2"
CAUTION = "Sightings are leads to be checked by a person; the route between them is the likeliest way, seen by nobody."


def geojson(contents: CaseContents) -> str:
    """Return the shown sightings as points, and the route as a line."""
    features = [_feature(exhibit) for exhibit in _shown(contents)]
    story = _story(contents)
    if story is not None and len(story.route) > 1:
        line = {"type": "LineString", "coordinates": [list(point) for point in story.route]}
        properties = {"kind": "likeliest way", "probability": story.probability, "note": CAUTION}
        features.append({"type": "Feature", "geometry": line, "properties": properties})
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def gpx(contents: CaseContents) -> str:
    """Return the shown sightings as way points with their true times, and the route without times."""
    root = Element("gpx", {"version": "1.1", "creator": "Retrace", "xmlns": GPX})
    SubElement(SubElement(root, "metadata"), "desc").text = CAUTION
    for exhibit, lat, lon in _points(contents):
        point = SubElement(root, "wpt", {"lat": f"{lat:.7f}", "lon": f"{lon:.7f}"})
        SubElement(point, "time").text = _utc(exhibit.time)
        SubElement(point, "name").text = _name(exhibit)
        SubElement(point, "desc").text = _description(exhibit)
    story = _story(contents)
    if story is not None and len(story.route) > 1:
        track = SubElement(root, "trk")
        SubElement(track, "name").text = "likeliest way"
        segment = SubElement(track, "trkseg")
        for lon, lat in story.route:
            SubElement(segment, "trkpt", {"lat": f"{lat:.7f}", "lon": f"{lon:.7f}"})
    return _xml(root)


def kml(contents: CaseContents) -> str:
    """Return the shown sightings as placemarks with their true times, and the route."""
    root = Element("kml", {"xmlns": KML})
    document = SubElement(root, "Document")
    SubElement(document, "name").text = plain(f"Case {contents.file.case.id}")
    SubElement(document, "description").text = CAUTION
    for exhibit, lat, lon in _points(contents):
        mark = SubElement(document, "Placemark")
        SubElement(mark, "name").text = _name(exhibit)
        SubElement(mark, "description").text = _description(exhibit)
        SubElement(SubElement(mark, "TimeStamp"), "when").text = _utc(exhibit.time)
        SubElement(SubElement(mark, "Point"), "coordinates").text = f"{lon:.7f},{lat:.7f}"
    story = _story(contents)
    if story is not None and len(story.route) > 1:
        mark = SubElement(document, "Placemark")
        SubElement(mark, "name").text = "likeliest way"
        way = " ".join(f"{lon:.7f},{lat:.7f}" for lon, lat in story.route)
        SubElement(SubElement(mark, "LineString"), "coordinates").text = way
    return _xml(root)


def _feature(exhibit: Exhibit) -> dict[str, object]:
    camera = exhibit.camera
    place = None if camera is None else {"type": "Point", "coordinates": [camera.lon, camera.lat]}
    properties = {
        "no": exhibit.label,
        "role": exhibit.role,
        "sighting": exhibit.sighting.id,
        "camera": exhibit.sighting.camera,
        "time": _utc(exhibit.time),
        "mark": exhibit.mark.verdict if exhibit.mark else None,
        "probability_alone": exhibit.alone.probability if exhibit.alone else None,
        "plate": plate_of(exhibit),
    }
    return {"type": "Feature", "geometry": place, "properties": properties}


def _shown(contents: CaseContents) -> list[Exhibit]:
    return [one for one in contents.exhibits if one.is_shown]


def _points(contents: CaseContents) -> Iterator[tuple[Exhibit, float, float]]:
    for exhibit in _shown(contents):
        if exhibit.camera is not None:
            yield exhibit, exhibit.camera.lat, exhibit.camera.lon


def _story(contents: CaseContents) -> Itinerary | None:
    return None if contents.answer is None else contents.answer.marked.itinerary


def _name(exhibit: Exhibit) -> str:
    return plain(f"{exhibit.label} {exhibit.sighting.camera}")


def _description(exhibit: Exhibit) -> str:
    chance = f"; {probability(exhibit.alone)} alone" if exhibit.alone else ""
    return f"{ROLES[exhibit.role]}{chance}; plate {plate_of(exhibit)}"


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _xml(root: Element) -> str:
    indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"
