"""Hold the question of the page as one frozen value that goes to and from the address."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote_plus, urlencode

from index.answers import Query
from index.dates import YEARS, utc_time
from reid.clock.iso_time import iso_time
from reid.vehicle import COLOURS, VEHICLE_TYPES, Box, Image
from ui.web.map_base import Place

DIRECTIONS = ("both", "after", "before")
HORIZON_S = 1800.0
HITS = 500
"""The likeliest sightings that an answer shows, in pages."""

LONGEST_TEXT = 200
LONGEST_PLATE = 100
LONGEST_SHOWN = 60
LONGEST_HORIZON_S = 7 * 86400.0
MOST_PICTURES = 6
ASKED = "ask"


class QuestionError(ValueError):
    """An address holds a question that cannot be read."""


@dataclass(frozen=True, slots=True)
class PicturePart:
    """An uploaded picture by the SHA-256 of its bytes, and the box of the vehicle in it; None is the whole picture."""

    sha256: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """Everything that a visitor asked; what is not known is None or empty.

    `asked` tells a question from a form that is still being filled in. `trail` holds the questions from which this one
    was reached by going on, the first one first, each as its own address.
    """

    pictures: tuple[PicturePart, ...] = ()
    sighting: str | None = None
    plate: str | None = None
    type: str | None = None
    colour: str | None = None
    camera: str | None = None
    point: Place | None = None
    radius_m: float = 50.0
    time: datetime | None = None
    slack_s: float = 0.0
    direction: str = "both"
    horizon_s: float = HORIZON_S
    at: datetime | None = None
    case: str | None = None
    reason: str | None = None
    trail: tuple[str, ...] = ()
    asked: bool = False

    @property
    def names_vehicle(self) -> bool:
        """Tell whether the question names or describes a vehicle."""
        return bool(self.pictures or self.sighting or self.plate or self.type or self.colour)

    @property
    def key(self) -> str:
        """Return what tells this question from others whose answers are kept."""
        return urlencode(to_params(replace(self, trail=())))

    def query(self, images: tuple[Image, ...]) -> Query:
        """Return the query for the search; `images` are the pixels of the pictures, cut to their boxes."""
        return Query(
            pictures=images,
            sighting=self.sighting,
            plate=self.plate,
            type=self.type,
            colour=self.colour,
            camera=self.camera,
            place=self.point,
            radius_m=self.radius_m if self.point else 0.0,
            time=self.time,
            slack_s=self.slack_s,
            direction=self.direction,
            horizon_s=self.horizon_s,
            at=self.at,
            top=HITS,
            reason=self.reason,
            case=self.case,
        )

    def go_on(self, sighting: str) -> "PageQuestion":
        """Return the question about a sighting of the answer; case, reason, direction and horizon stay."""
        here = urlencode(to_params(replace(self, trail=())))
        return PageQuestion(
            sighting=sighting,
            direction=self.direction,
            horizon_s=self.horizon_s,
            case=self.case,
            reason=self.reason,
            trail=(*self.trail, here),
            asked=True,
        )

    def back_to(self, step: int) -> "PageQuestion":
        """Return the question of a step of the trail."""
        earlier = from_params(dict(parse_qsl(self.trail[step])))
        return replace(earlier, trail=self.trail[:step], case=self.case, reason=self.reason)


def to_params(question: PageQuestion) -> dict[str, str]:
    """Return the question as the parameters of an address; what has its usual value is left out."""
    usual = PageQuestion()
    written = {
        "pic": " ".join(_picture_text(part) for part in question.pictures),
        "sighting": question.sighting,
        "plate": question.plate,
        "type": question.type,
        "colour": question.colour,
        "camera": question.camera,
        "point": "{:.6f},{:.6f}".format(*question.point) if question.point else None,
        "radius": _changed(question.radius_m, usual.radius_m) if question.point else None,
        "time": _time_text(question.time),
        "slack": _changed(question.slack_s, usual.slack_s),
        "direction": question.direction if question.direction != usual.direction else None,
        "minutes": _changed(question.horizon_s / 60, usual.horizon_s / 60),
        "at": _time_text(question.at),
        "case": question.case,
        "reason": question.reason,
        "trail": " ".join(urlencode({"q": step})[2:] for step in question.trail),
        ASKED: "1" if question.asked else None,
    }
    return {name: text for name, text in written.items() if text}


def from_params(params: Mapping[str, str]) -> PageQuestion:
    """Return the question that an address holds; QuestionError says what in it cannot be read."""
    direction = params.get("direction", "both")
    _check(direction in DIRECTIONS, "direction", direction, f"one of {', '.join(DIRECTIONS)}")
    type_, colour = params.get("type"), params.get("colour")
    _check(type_ in (None, *VEHICLE_TYPES), "type", type_, f"one of {', '.join(VEHICLE_TYPES)}")
    _check(colour in (None, *COLOURS), "colour", colour, f"one of {', '.join(COLOURS)}")
    return PageQuestion(
        pictures=tuple(_read_picture(text) for text in params.get("pic", "").split()[:MOST_PICTURES]),
        sighting=_text(params, "sighting"),
        plate=_text(params, "plate", LONGEST_PLATE),
        type=type_,
        colour=colour,
        camera=_text(params, "camera"),
        point=_read_point(params["point"]) if "point" in params else None,
        radius_m=_number(params, "radius", 50.0, 0.0, 5000.0),
        time=_read_time(params, "time"),
        slack_s=_number(params, "slack", 0.0, 0.0, 3600.0),
        direction=direction,
        horizon_s=_number(params, "minutes", HORIZON_S / 60, 0.1, LONGEST_HORIZON_S / 60) * 60.0,
        at=_read_time(params, "at"),
        case=_text(params, "case"),
        reason=_text(params, "reason"),
        trail=tuple(unquote_plus(step) for step in params.get("trail", "").split()),
        asked=params.get(ASKED) == "1",
    )


PARAMETERS = frozenset(
    {"pic", "point", "radius", "slack", "minutes", "at", ASKED} | {field.name for field in fields(PageQuestion)}
)
"""The names in an address that belong to the question."""


def _changed(number: float, usual: float) -> str | None:
    return None if number == usual else f"{number:g}"


def _picture_text(part: PicturePart) -> str:
    if part.box is None:
        return part.sha256
    return f"{part.sha256}.{part.box.x:.0f}.{part.box.y:.0f}.{part.box.width:.0f}.{part.box.height:.0f}"


def _read_picture(text: str) -> PicturePart:
    sha256, *numbers = text.split(".")
    whole = len(sha256) == 64 and set(sha256) <= set("0123456789abcdef")
    box_right = len(numbers) in (0, 4) and all(number.isdecimal() and len(number) < 7 for number in numbers)
    _check(whole and box_right, "pic", text, "a SHA-256 and x.y.width.height in pixels")
    return PicturePart(sha256, Box(*(float(number) for number in numbers)) if numbers else None)


def _time_text(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_time(params: Mapping[str, str], name: str) -> datetime | None:
    text = params.get(name)
    if text is None:
        return None
    try:
        time = iso_time(text)
        in_utc = utc_time(time, text) if time.tzinfo is not None else None
    except ValueError:
        in_utc = None
    years = f"of the years {YEARS[0]} to {YEARS[-1]}"
    _check(in_utc is not None, name, text, f"a time with its zone, as 2026-05-04T10:00:08Z, {years}")
    return in_utc


def _read_point(text: str) -> Place:
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        lat, lon = 999.0, 999.0
    _check(abs(lat) <= 90 and abs(lon) <= 180, "point", text, "latitude,longitude as 48.2082,16.3738")
    return lat, lon


def _number(params: Mapping[str, str], name: str, usual: float, least: float, most: float) -> float:
    try:
        number = float(params.get(name, usual))
    except ValueError:
        number = -1.0
    _check(least <= number <= most, name, params.get(name), f"a number from {least:g} to {most:g}")
    return number


def _text(params: Mapping[str, str], name: str, longest: int = LONGEST_TEXT) -> str | None:
    text = params.get(name, "").strip()
    _check(len(text) <= longest, name, f"{text[:20]}...", f"{longest} characters at most, it has {len(text):,}")
    return text or None


def _check(is_right: bool, name: str, value: object, rule: str) -> None:
    if not is_right:
        shown = str(value)
        shown = shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}..."
        raise QuestionError(f"the address has {name}={shown}: it must be {rule}")
