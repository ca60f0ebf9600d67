"""Read the CSV table of a plate reader; columns are named by the user, or recognised by their usual names."""

import csv
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from index.errors import ArchiveError
from index.ingest.imports.external_sighting import ExternalSighting, ExternalSightings
from index.ingest.imports.half_days import HalfColumns, has_full_days, row_half
from index.ingest.imports.reported_plate import reported_plate
from index.ingest.tables import LONGEST_LINE, check_regular, lines_of, torn
from index.ingest.time_digits import clock_digits
from index.ingest.times import TimeReader, UnreadableTimeError, read_zone
from reid.clock.name_time import zone_before_clock
from reid.vehicle import COLOURS, VEHICLE_TYPES

USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "time": (
        *("time", "timestamp", "datetime", "dateandtime", "capturetime", "capturedat", "readtime", "readat", "seenat"),
        *("eventtime", "passagetime", "detectiontime", "epochtime", "timeutc", "utctime", "zeitpunkt", "zeitstempel"),
        *("zeit", "uhrzeit", "fechahora", "hora", "horodatage", "heure", "godzina", "ora", "tijd"),
    ),
    "date": ("date", "capturedate", "readdate", "datum", "fecha"),
    "half": ("ampm", "amorpm", "meridiem", "meridian", "halfday", "halfofday"),
    "zone": ("timezone", "tz", "tzname", "tzoffset", "utcoffset", "gmtoffset", "zeitzone"),
    "camera": (
        *("camera", "cameraid", "cameraname", "cam", "device", "deviceid", "devicename", "source", "sourceid"),
        *("sensor", "sensorid", "reader", "readerid", "site", "siteid", "station", "location", "lane", "kamera"),
    ),
    "plate": (
        *("plate", "platenumber", "plateno", "platetext", "platestring", "licenseplate", "licenceplate", "lp"),
        *("licenseplatenumber", "licenceplatenumber", "numberplate", "registration", "registrationnumber", "regno"),
        *("vrm", "vrn", "lpr", "anpr", "reg", "tag", "kennzeichen", "matricula", "immatriculation"),
    ),
    "confidence": ("confidence", "conf", "score", "platescore", "plateconfidence", "ocrscore", "probability"),
    "picture": (
        *("picture", "image", "imagepath", "imagefile", "crop", "croppath", "file", "filename", "path", "photo"),
        *("imageurl", "vehicleimage", "bild"),
    ),
    "type": ("type", "vehicletype", "class", "vehicleclass", "category", "vehiclecategory"),
    "colour": ("colour", "color", "vehiclecolour", "vehiclecolor", "farbe"),
}
"""Field -> names of columns that usually hold it, in small letters and digits only."""

REQUIRED = ("time", "camera")
DELIMITERS = ",;\t|"
LONGEST_CLOCK = len("08:30:00.000+02:00")
"""A longer text in the time column includes the date."""

LEAST_PERCENT = 2.0
"""A confidence above this is one in percent; one between 1 and this is none of either kind."""

EXAMPLE = "time,camera,plate"

MAYBE_ZONE = "maybe zone"
"""The name of a column that is one of time zones only if all its cells are."""


@dataclass(frozen=True, slots=True)
class PlateLogOptions:
    """How to read a table: its column by field, recognised where not given; how times are written; a fixed camera."""

    columns: Mapping[str, str] = field(default_factory=dict)
    times: TimeReader = field(default_factory=TimeReader)
    camera: str | None = None


def read_plate_log(path: Path, options: PlateLogOptions) -> ExternalSightings:
    """Return the sightings of a table; a row that cannot be used becomes a problem and does not stop the others."""
    check_regular(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline(LONGEST_LINE)
            file.seek(0)
            rows = csv.DictReader(lines_of(file), delimiter=_delimiter(header))
            columns = match_columns(path, rows.fieldnames or (), options)
            return _read_rows(path, rows, columns, options)
    except (UnicodeDecodeError, csv.Error):
        raise ArchiveError(f"{path} is not a CSV table in UTF-8: give one with columns such as {EXAMPLE}") from None


def match_columns(path: Path, names: Sequence[str], options: PlateLogOptions) -> dict[str, str]:
    """Return the column of each field; refuse a table without time, camera, and plate or picture."""
    columns = _given_columns(path, names, options.columns)
    for field_name, usual in USUAL_NAMES.items():
        free = {_simple(name): name for name in reversed(names) if name not in columns.values()}
        found = next((free[name] for name in usual if name in free), None)
        if field_name not in columns and found is not None:
            columns[field_name] = found
    missing = [name for name in REQUIRED if name not in columns and not (name == "camera" and options.camera)]
    if "date" in columns and missing == ["time"]:
        columns["time"], missing = columns.pop("date"), []
    if "plate" not in columns and "picture" not in columns:
        missing.append("plate")
    twice = sorted({name for name in columns.values() if list(names).count(name) > 1})
    if twice:
        raise ArchiveError(f"{path} has more than one column {twice[0]!r}: give the other one another name")
    if missing:
        there = ", ".join(names) or "nothing"
        raise ArchiveError(
            f"{path}: which column is the {missing[0]}? It has {there}: say it by --columns {missing[0]}=NAME"
        )
    return columns


def _given_columns(path: Path, names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    for field_name, name in given.items():
        if field_name not in USUAL_NAMES:
            raise ArchiveError(f"--columns {field_name}={name}: known are {', '.join(USUAL_NAMES)}")
        if name not in names:
            raise ArchiveError(f"{path} has no column {name!r}: it has {', '.join(names)}")
    return dict(given)


def _read_rows(
    path: Path, rows: "csv.DictReader[str]", columns: Mapping[str, str], options: PlateLogOptions
) -> ExternalSightings:
    sightings, problems, without_plate, read = [], [], [], []
    named = " ".join(columns[name] for name in ("date", "time") if name in columns)
    options = replace(options, times=replace(options.times, column=named))
    names = rows.fieldnames or ()
    taken = {**columns, **_maybe_zone(names, columns)}
    halves = HalfColumns(set() if "half" in columns else set(names) - set(taken.values()))
    for row in rows:
        where = f"{path.name}, line {rows.line_num}"
        problem = torn(row, rows)
        if problem is None:
            read.append((where, {name: (row.get(column) or "").strip() for name, column in taken.items()}))
            halves.add(row)
        else:
            problems.append(f"{where}: {problem}")
    if MAYBE_ZONE in taken and _are_zones([values[MAYBE_ZONE] for _, values in read]):
        columns = {**columns, "zone": taken[MAYBE_ZONE]}
        read = [(where, {**values, "zone": values[MAYBE_ZONE]}) for where, values in read]
    hours = [options.times.hour(_written(values)) for _, values in read]
    half = halves.chosen(path, _beside(names, columns), hours)
    if half is not None:
        columns = {**columns, "half": half}
        read = [
            (where, {**values, "half": cells.get(half, "")})
            for (where, values), cells in zip(read, halves.rows, strict=True)
        ]
    full_days = has_full_days(hours)
    digits = [None if options.times.layout else clock_digits(_written(values)) for _, values in read]
    most_digits = max((number for number in digits if number is not None), default=0)
    most = _most_confidence([values.get("confidence", "") for _, values in read])
    for (where, values), hour, number in zip(read, hours, digits, strict=True):
        if not any(values.values()):
            continue
        known, no_plate = _with_known_plate(values)
        try:
            if number is not None and number < most_digits:
                raise UnreadableTimeError(
                    f"{_written(values)!r} has fewer digits than other times here, as where a spreadsheet dropped "
                    "zeros: write them, as in 003000"
                )
            if no_plate is not None and not known.get("picture"):
                raise no_plate
            sightings.append(_sighting(path.parent, where, known, _of_row(options, known, hour, full_days), most))
        except ArchiveError as error:
            problems.append(f"{where}: {error}")
        else:
            without_plate += [f"{where}: {no_plate}"] if no_plate is not None else []
    guesses = _guesses(path, columns, options)
    if without_plate:
        guesses += (f"of {len(without_plate)} rows only the picture is taken over; {without_plate[0]}",)
    return ExternalSightings(tuple(sightings), tuple(problems), guesses)


def _written(values: Mapping[str, str]) -> str:
    """Return the time of a row as it is written, with its date."""
    written = values["time"]
    return f"{values['date']} {written}".strip() if values.get("date") and len(written) <= LONGEST_CLOCK else written


def _beside(names: Sequence[str], columns: Mapping[str, str]) -> list[str]:
    """Return the columns that stand beside those of the time."""
    at = [index for index, name in enumerate(names) if name in (columns["time"], columns.get("date"))]
    return [name for index, name in enumerate(names) if index - 1 in at or index + 1 in at]


def _of_row(options: PlateLogOptions, values: Mapping[str, str], hour: int | None, full_days: bool) -> PlateLogOptions:
    """Return how to read a row in which the half of the day may stand in another cell."""
    if "half" not in values or (hour is None and options.times.layout and "%p" in options.times.layout):
        return options
    return replace(options, times=replace(options.times, half=row_half(values["half"], hour, full_days=full_days)))


def _maybe_zone(names: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return the column that is called zone and nothing more: of time, or a part of a town or a car park."""
    free = [name for name in names if _simple(name) == "zone" and name not in columns.values()]
    return {MAYBE_ZONE: free[0]} if free and "zone" not in columns else {}


def _are_zones(texts: Sequence[str]) -> bool:
    """Tell whether all that is written there are time zones, and not parts of a car park, as A and Z are."""
    written = {text for text in texts if text}
    try:
        return bool(written) and all(
            len(text) > 1 and (zone_before_clock(text) == text or read_zone(text) is not None) for text in written
        )
    except ArchiveError:
        return False


def _with_known_plate(values: Mapping[str, str]) -> tuple[Mapping[str, str], ArchiveError | None]:
    """Return the values of a row with the plate as it is stored; none, and why, where it cannot be."""
    try:
        return {**values, "plate": reported_plate(values.get("plate", "")) or ""}, None
    except ArchiveError as error:
        return {**values, "plate": ""}, error


def _sighting(
    folder: Path, where: str, values: Mapping[str, str], options: PlateLogOptions, most: float
) -> ExternalSighting:
    """Return the sighting of one row; pictures are relative to the table's folder, `most` is full confidence."""
    written = _written(values)
    if not written:
        raise UnreadableTimeError("the time is empty")
    time = _time(written, values.get("zone"), options.times)
    camera = values.get("camera") or options.camera
    if not camera:
        raise ArchiveError("the camera is empty")
    plate, picture = values.get("plate"), values.get("picture")
    if not plate and not picture:
        raise ArchiveError("neither a plate nor a picture: nothing to know the vehicle by")
    if picture and "\0" in picture:
        raise ArchiveError("the name of the picture holds the character NUL, which no file has")
    return ExternalSighting(
        where=where,
        camera=camera,
        pictures=((time, folder / picture),) if picture else (),
        time=time,
        plate=plate or None,
        confidence=_confidence(values.get("confidence", ""), most),
        type=_if_known(values.get("type", ""), VEHICLE_TYPES),
        colour=_if_known(values.get("colour", "").lower().replace("gray", "grey"), COLOURS),
    )


def _time(written: str, zone: str | None, times: TimeReader) -> datetime:
    """Return the time of a row; if it names no zone, in that of another cell of the row, else of `times`."""
    if zone:
        with suppress(UnreadableTimeError):
            return replace(times, zone=None).read(written)
        times = replace(times, zone=read_zone(zone))
    return times.read(written)


def _most_confidence(texts: Sequence[str]) -> float:
    """Return what full confidence is in a table, 1 or 100: beside numbers that are percent, a 1 is one percent."""
    numbers = [_number(text) or 0.0 for text in texts if not text.endswith("%")]
    return 100.0 if any(LEAST_PERCENT < number <= 100 for number in numbers) else 1.0


def _confidence(text: str, most: float) -> float | None:
    """Return a confidence from 0 to 1; one with % is in percent, another as those of its table are."""
    if not text:
        return None
    number = _number(text)
    if number is None:
        raise ArchiveError(f"confidence {text!r} is not a number from 0 to 1, or to 100")
    share = number / (100.0 if text.endswith("%") else most)
    if not 0 <= share <= 1:
        raise ArchiveError(f"confidence {text!r} is not from 0 to 1, or to 100")
    return share


def _number(text: str) -> float | None:
    try:
        return float(text.rstrip("% "))
    except ValueError:
        return None


def _if_known(text: str, names: Sequence[str]) -> str | None:
    """Return the text if it is one of the names, else None: other systems have types and colours of their own."""
    return text.lower() if text.lower() in names else None


def _guesses(path: Path, columns: Mapping[str, str], options: PlateLogOptions) -> tuple[str, ...]:
    guessed = [f"{field_name}={name}" for field_name, name in columns.items() if field_name not in options.columns]
    return (f"{path.name}: columns taken are {', '.join(guessed)} (others by --columns)",) if guessed else ()


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def _simple(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
