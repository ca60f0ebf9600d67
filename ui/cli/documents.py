"""Turn queries, sightings and answers into JSON documents."""

from collections.abc import Mapping

from index.access.browse import best_shot
from index.answers import Candidate, Gap, Itinerary, LikelyArea, Query, Ranking, RestsOn, Stop
from index.records import CropRef, Sighting
from reid.appearance.marks import NamedAttributes
from reid.vehicle import Attributes, Box

Document = dict[str, object]
Named = Mapping[str, NamedAttributes]
"""Marks by sighting; empty where the installed weights tell none."""


def query_document(query: Query) -> Document:
    """Return a query; of its pictures only their number."""
    return {
        "pictures": len(query.pictures),
        "sighting": query.sighting,
        "plate": query.plate,
        "type": query.type,
        "colour": query.colour,
        "camera": query.camera,
        "place": list(query.place) if query.place else None,
        "radius_m": query.radius_m,
        "time": query.time,
        "slack": query.slack_s,
        "direction": query.direction,
        "horizon": query.horizon_s / 60,
        "at": query.at,
        "cameras": list(query.cameras),
        "reason": query.reason,
        "case": query.case,
    }


def likely_area_document(likely: LikelyArea | None) -> Document | None:
    """Return the smaller area with its probability."""
    if likely is None:
        return None
    return {"probability": likely.probability, "km": round(likely.km, 3), "area": likely.area}


def ranking_document(query: Query, ranking: Ranking, named: Named | None = None) -> Document:
    """Return the whole answer of a search."""
    return {
        "query": query_document(query),
        "stages": [
            {"name": stage.name, "seconds": stage.seconds, "cameras": stage.cameras, "sightings": stage.sightings}
            for stage in ranking.stages
        ],
        "candidates": [candidate_document(candidate, named) for candidate in ranking.candidates],
        "itinerary": [stop_document(stop) for stop in ranking.itinerary.stops] if ranking.itinerary else [],
        "itinerary_probability": ranking.itinerary.probability if ranking.itinerary else None,
        "route": route_document(ranking.itinerary),
        "alternatives": [itinerary_document(itinerary) for itinerary in ranking.alternatives],
        "area_now": ranking.area_now,
        "area_likely": likely_area_document(ranking.area_likely),
        "off_map": ranking.off_map,
        "in_circle": ranking.in_circle,
        "nobody": ranking.nobody,
        "fitting": ranking.fitting,
        "likely": ranking.likely,
        "rivals": ranking.rivals,
        "unknown": ranking.unknown,
        "rests_on": _rests_on_document(ranking.rests_on),
        "settings": list(ranking.settings),
        "doubts": [str(doubt) for doubt in ranking.doubts],
        "searched": {
            "cameras": ranking.searched.cameras,
            "sightings": ranking.searched.inside,
            "inside": ranking.searched.inside,
            "compared": ranking.searched.compared,
            "ruled_out": ranking.searched.ruled_out,
            "of": ranking.searched.of,
            "unwatched": ranking.searched.unwatched,
            "gaps": [gap_document(gap) for gap in ranking.searched.gaps],
        },
    }


def _rests_on_document(rests_on: RestsOn | None) -> Document | None:
    if rests_on is None:
        return None
    return {
        "road_map": rests_on.road_map,
        "places": rests_on.places,
        "known_passages": rests_on.known_passages,
        "no_way": list(rests_on.no_way),
        "moved": list(rests_on.moved),
        "words": rests_on.words,
    }


def candidate_document(candidate: Candidate, named: Named | None = None) -> Document:
    """Return a candidate; its evidence is in llrs, `time` is true time, and marks are there with `named`."""
    sighting, evidence = candidate.sighting, candidate.evidence
    return {
        "sighting": sighting.id,
        "camera": sighting.camera,
        "time": candidate.time,
        "probability": candidate.probability,
        "why": candidate.why,
        "evidence": {
            "appearance": evidence.appearance,
            "plate": evidence.plate,
            "travel": evidence.travel,
            "direction": evidence.direction,
            "way_back": evidence.way_back,
            "links": evidence.links,
        },
        "crop": _best_crop(sighting),
        "vehicle": vehicle_document(sighting.attributes) | _named_document(sighting, named),
        "plate": _plate_text(sighting),
        "pieces": list(candidate.pieces),
    }


def sighting_document(sighting: Sighting, named: Named | None = None) -> Document:
    """Return a sighting; its times are the camera's own clock, and `box` is None if it has no picture.

    Its marks are there only if `named` is given.
    """
    return {
        "id": sighting.id,
        "camera": sighting.camera,
        "footage": sighting.footage,
        "first": sighting.first,
        "best": sighting.best,
        "last": sighting.last,
        "box": box_document(sighting.box) if sighting.shots else None,
        "vehicle": vehicle_document(sighting.attributes) | _named_document(sighting, named),
        "plate": _plate_text(sighting),
        "crop": _best_crop(sighting),
    }


def vehicle_document(look: Attributes) -> Document:
    """Return the most probable type and colour, each with its probability."""
    return {
        "type": look.type,
        "type_probability": look.types.get(look.type) if look.type else None,
        "colour": look.colour,
        "colour_probability": look.colours.get(look.colour) if look.colour else None,
        "heading_deg": look.heading_deg,
    }


def box_document(box: Box) -> list[float]:
    """Return [x, y, width, height] in pixels."""
    return [box.x, box.y, box.width, box.height]


def crop_document(crop: CropRef) -> Document:
    """Return the place of a picture in the crop packs, and its hash."""
    return {"pack": crop.pack, "offset": crop.offset, "length": crop.length, "sha256": crop.sha256}


def itinerary_document(itinerary: Itinerary) -> Document:
    """Return an alternative story."""
    return {"probability": itinerary.probability, "stops": [stop_document(stop) for stop in itinerary.stops]}


def stop_document(stop: Stop) -> Document:
    """Return one stop of a story."""
    return {"sighting": stop.sighting, "camera": stop.camera, "time": stop.time, "probability": stop.probability}


def route_document(itinerary: Itinerary | None) -> Document | None:
    """Return the route as a GeoJSON line, None if there is none."""
    if itinerary is None or len(itinerary.route) < 2:
        return None
    return {"type": "LineString", "coordinates": [list(point) for point in itinerary.route]}


def gap_document(gap: Gap) -> Document:
    """Return a time without footage, and why; its times are the camera's own clock."""
    return {"camera": gap.camera, "start": gap.start, "end": gap.end, "why": gap.why}


def _best_crop(sighting: Sighting) -> Document | None:
    shot = best_shot(sighting)
    return crop_document(shot.crop) if shot else None


def _plate_text(sighting: Sighting) -> str | None:
    return sighting.plate.text if sighting.plate else None


def _named_document(sighting: Sighting, named: Named | None) -> Document:
    """Return the probability of each mark; None where nothing is told, what is too small to see is absent."""
    if named is None:
        return {}
    told = named.get(sighting.id)
    return {"marks": None if told is None else dict(told.marks)}
