"""Make the rows of hits: a picture, where, when, how likely and why, and the way to frame and clip."""

from index.access.browse import best_shot
from index.access.footage_view import LEAD_S
from index.access.plate_view import plate_shot
from index.answers import Candidate, Evidence
from index.records import Sighting
from index.store.catalogue.footage import Footage
from reid.appearance.marks import NamedAttributes
from ui.web import words
from ui.web.addresses import archive_url
from ui.web.board_setting import BoardSetting, Row
from ui.web.language import say
from ui.web.time_strip import milliseconds


def hit_row(rank: int, candidate: Candidate, setting: BoardSetting) -> Row:
    """Return one hit; in a listing nothing was compared, and no probability is shown."""
    sighting, zone = candidate.sighting, setting.zone
    shots = [picture_url(sighting.id, shot.number, setting) for shot in sighting.shots]
    best = best_shot(sighting)
    film = setting.films.get(sighting.footage or "")
    asked = setting.asked.time
    return {
        "id": sighting.id,
        "rank": rank,
        "cam": sighting.camera,
        "t": milliseconds(candidate.time),
        "day": (words.short_date if setting.names_years else words.day)(candidate.time, zone),
        "clock": words.clock(candidate.time, zone),
        "moment": words.moment(candidate.time, zone),
        "distance": words.time_apart(candidate.time, asked) if asked else "",
        "p": candidate.probability or 0.0,
        "pct": "" if candidate.probability is None else words.percent(candidate.probability),
        "street": setting.streets.get(sighting.id, ""),
        "why": "; ".join(say(reason.text, **reason.values) for reason in candidate.reasons),
        "look": words.vehicle_words(sighting.attributes),
        "named": _named_rows(setting.named.get(sighting.id)),
        "plate": sighting.plate.text if sighting.plate else None,
        "platePic": plate_url(sighting, setting),
        "plateSure": _plate_sure(sighting),
        "evidence": [] if candidate.probability is None else evidence_rows(candidate.evidence),
        "pic": picture_url(sighting.id, best.number, setting) if best else None,
        "shots": shots,
        "mark": setting.marks.get(sighting.id),
        **_footage_row(sighting, film, setting),
    }


def evidence_rows(evidence: Evidence) -> list[Row]:
    """Return the kinds of evidence in words and numbers; nothing where none was weighed."""
    kinds = (
        (say("Looks"), evidence.appearance),
        (say("Plate"), evidence.plate),
        (say("Travel time"), evidence.travel),
        (say("Direction"), evidence.way),
        (say("Other sightings"), evidence.links),
    )
    return [{"label": label, "llr": llr, "words": words.llr_words(llr)} for label, llr in kinds]


def _named_rows(told: NamedAttributes | None) -> list[Row]:
    """Return the marks that are likely, each with its probability."""
    likely = [] if told is None else told.likely
    return [{"label": say(name), "pct": words.percent(probability)} for name, probability in likely]


def picture_url(sighting: str, shot: int, setting: BoardSetting) -> str:
    """Return the address of a picture; case and reason go with it into the audit."""
    return archive_url("picture", sighting, shot=shot, case=setting.case, reason=setting.reason)


def plate_url(sighting: Sighting, setting: BoardSetting) -> str | None:
    """Return the address of the picture of a plate, None where no plate was found."""
    if plate_shot(sighting) is None:
        return None
    return archive_url("plate", sighting.id, case=setting.case, reason=setting.reason)


def _footage_row(sighting: Sighting, film: Footage | None, setting: BoardSetting) -> Row:
    if film is None:
        return {"frame": None, "clip": None, "box": None, "noFrame": say("Imported without footage.")}
    if film.id in setting.gone:
        return {"frame": None, "clip": None, "box": None, "noFrame": say("The footage is no longer on this machine.")}
    first_s, last_s = ((time - film.start).total_seconds() for time in (sighting.first, sighting.last))
    clip = {
        "url": archive_url("clip", sighting.id, case=setting.case, reason=setting.reason),
        "from": max(0.0, first_s - LEAD_S),
        "to": min(film.duration_s, last_s + LEAD_S),
    }
    frame = archive_url("frame", sighting.id, case=setting.case, reason=setting.reason)
    shot = best_shot(sighting)
    box = shot.box if shot else sighting.box
    shares = None
    if film.width and film.height:
        shares = [box.x / film.width, box.y / film.height, box.width / film.width, box.height / film.height]
    return {"frame": frame, "clip": clip, "box": shares, "noFrame": ""}


def _plate_sure(sighting: Sighting) -> str:
    plate = sighting.plate
    if plate is None or not plate.text:
        return ""
    percent = words.percent(plate.confidence)
    if sighting.footage is None:
        # Another system read it, and may have said nothing of how sure it is.
        return say("taken as read with {percent} confidence", percent=percent)
    return say("read with {percent} confidence", percent=percent)
