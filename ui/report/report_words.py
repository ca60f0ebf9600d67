"""Write times, probabilities, roles and question fields of a report in words."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from index.answers import Candidate, Evidence
from index.casework.contents import Exhibit, KnownClock
from index.store.catalogue.cases import Mark
from ui.cells import plain as plain
from ui.web.words import llr_words, span, vehicle_words, zone_name
from ui.web.words import percent as percent

NOTHING = "–"

ROLES = {
    "question": "the sighting asked about",
    "yes": "marked as the same vehicle",
    "unsure": "marked as unsure",
    "open": "not marked by anybody",
    "no": "marked as another vehicle",
}

EVIDENCE = (
    ("appearance", "Looks"),
    ("plate", "Plate"),
    ("travel", "Travel time"),
    ("way", "Direction"),
    ("links", "Other sightings"),
)

FIELDS = {
    "pictures": "Pictures (SHA-256)",
    "sighting": "Sighting asked about",
    "plate": "Plate pattern",
    "type": "Type of vehicle",
    "colour": "Colour",
    "camera": "Seen by camera",
    "place": "Seen at (latitude, longitude)",
    "radius_m": "Within (m)",
    "time": "Seen at (time)",
    "slack_s": "Time may be off by",
    "direction": "Direction in time",
    "horizon_s": "Horizon",
    "at": "Area computed for",
    "cameras": "Only these cameras",
    "area": "Only this area",
    "top": "Most candidates",
    "reason": "Reason",
    "case": "Case",
}


def when(time: datetime, zone: tzinfo) -> str:
    """Return day, time of day to a tenth of a second, and zone, as in "Mon 4 May 2026, 10:00:08.4 CEST"."""
    local = time.astimezone(zone)
    name = local.tzname() or ""
    shown = name if name.isalpha() else f"UTC{local:%z}"
    return f"{local:%a} {local.day} {local:%b} {local.year}, {local:%H:%M:%S}.{local.microsecond // 100_000} {shown}"


def between(start: datetime, end: datetime, zone: tzinfo) -> str:
    """Return a stretch of time, the day and the zone once where both ends are of one."""
    first, last = when(start, zone), when(end, zone)
    day, _, clock = last.partition(", ")
    if not first.startswith(f"{day}, ") or first.rpartition(" ")[2] != last.rpartition(" ")[2]:
        return f"{first} to {last}"
    return f"{first.rpartition(' ')[0]} to {clock}"


def zone_words(time: datetime, zone: tzinfo) -> str:
    """Return the zone of a report with its distance from UTC at a time."""
    key = getattr(zone, "key", None)
    return zone_name(time, zone) if key is None else f"{key} ({zone_name(time, zone)} at the first sighting)"


def probability(candidate: Candidate | None) -> str:
    """Return the probability of a candidate, a dash where the program did not name it or compared nothing."""
    return NOTHING if candidate is None or candidate.probability is None else percent(candidate.probability)


def evidence_words(evidence: Evidence) -> tuple[str, ...]:
    """Return a line for each kind of evidence."""
    return tuple(f"{label}: {llr_words(getattr(evidence, name))}" for name, label in EVIDENCE)


def vehicle_of(exhibit: Exhibit) -> str:
    """Return colour and type as the program sees them."""
    return vehicle_words(exhibit.sighting.attributes)


def plate_of(exhibit: Exhibit) -> str:
    """Return the plate of an exhibit as it was read; withheld for a vehicle that nobody has confirmed."""
    plate = exhibit.sighting.plate
    if plate is None or plate.text is None:
        return "not readable" if plate is not None else "none found"
    if not exhibit.shows_plate:
        return "withheld (not confirmed)"
    # Of an imported one another system may have said nothing of how sure it is.
    read = "read" if exhibit.sighting.footage is not None else "taken as read"
    return f"{plain(plate.text)} ({read} with {percent(plate.confidence)} confidence)"


def overruled(mark: Mark | None) -> str:
    """Return that another person said something else before, "" where nobody did."""
    return "" if mark is None else f"; {plain(mark.person)} said {mark.verdict} before"


_SOURCES = {
    "files": "told by the starts of its files, one after the other",
    "picture": "told by the clock in its pictures",
}


def clock_words(clock: KnownClock | None) -> str:
    """Return how a camera's clock was off and who says so."""
    if clock is None:
        return "nobody compared this clock: taken as right"
    offset = clock.offset
    ahead = f"{abs(offset.offset_s):.1f} s {'ahead' if offset.offset_s >= 0 else 'behind'}"
    bounds = f"between {offset.low_s:+.1f} and {offset.high_s:+.1f} s"
    return f"{ahead} ({bounds}){gain_words(clock)}, {clock_source(clock)}"


def gain_words(clock: KnownClock) -> str:
    """Return what a clock gains, or loses, from the moment for which it is known."""
    offset = clock.offset
    if offset.drift == 0.0 or offset.at is None:
        return ""
    return f" at {offset.at.isoformat(timespec='seconds')}, gaining {offset.drift * 86_400:+.1f} s a day from there"


def clock_source(clock: KnownClock) -> str:
    """Return who set a clock."""
    if clock.set_by is not None:
        return f"set by {plain(clock.set_by)} (audit row {clock.audit_row})"
    if clock.offset.source == "given":
        return "set by a person whom the audit does not name"
    return _SOURCES.get(clock.offset.source, "learned by the program from vehicles that passed two cameras")


def question_rows(detail: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a question, each with its name in words; what was left open is left out."""
    named = [name for name in FIELDS if name in detail] + sorted(set(detail) - set(FIELDS))
    said = [name for name in named if name not in ("reason", "case") and detail[name] != 0]
    return tuple((FIELDS.get(name, name), _said(name, detail[name])) for name in said)


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def area_digest(area: object) -> str:
    """Return the SHA-256 of an area as it stands in question.json."""
    return hashlib.sha256(json.dumps(area, sort_keys=True).encode()).hexdigest()


def _said(name: str, value: object) -> str:
    if name in ("slack_s", "horizon_s") and isinstance(value, (int, float)):
        return span(value)
    return f"a GeoJSON area, SHA-256 {area_digest(value)[:16]}" if name == "area" else _value(value)


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(one) for one in value)
    return plain(str(value))
