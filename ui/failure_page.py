"""Write the worst failures of a score as HTML, each with its pictures and reasons."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape

FAILURES = "failures"
WORST = "surest_wrong"
"""The name of the list of failures in its section of a score."""

STYLE = """
.failure{display:flex;gap:1rem;margin:.8rem 0;border-bottom:1px solid #e6e8eb}.failure div{flex:1}
.failure img{display:block;max-width:100%;max-height:10rem}.failure p{margin:.3rem 0;font-size:.85rem}
"""


def failures_of(score: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return the failures that a score tells, none where it was not asked for them."""
    section = score.get(FAILURES)
    found = section.get(WORST) if isinstance(section, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, Sequence) else []


def pictured(failures: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the sightings whose pictures a page of failures shows, each once."""
    ids = [id_ for one in failures for id_ in (one.get("sighting"), _part(one, "wrong"), _part(one, "right"))]
    return [id_ for id_ in dict.fromkeys(ids) if isinstance(id_, str)]


def failures_html(failures: Sequence[Mapping[str, object]], pictures: Mapping[str, bytes]) -> str:
    """Return the failures as HTML: what was asked, what was answered, and the right answer with its rank."""
    return "".join(f'<div class="failure">{_asked(one, pictures)}{_answers(one, pictures)}</div>' for one in failures)


def _part(failure: Mapping[str, object], name: str) -> object:
    given = failure.get(name)
    return given.get("sighting") if isinstance(given, Mapping) else None


def _asked(failure: Mapping[str, object], pictures: Mapping[str, bytes]) -> str:
    words = f"asked: {failure['sighting']}, {failure['camera']}, {failure['time']}"
    return f"<div>{_picture(failure['sighting'], pictures)}<p>{escape(words)}</p></div>"


def _answers(failure: Mapping[str, object], pictures: Mapping[str, bytes]) -> str:
    return "".join(_given(name, failure.get(name), pictures) for name in ("wrong", "right"))


def _given(name: str, given: object, pictures: Mapping[str, bytes]) -> str:
    if not isinstance(given, Mapping):
        return f"<div><p>{name}: no sighting was compared that shows it</p></div>"
    words = f"{name}, number {given['rank']}, {given['probability']:.1%}: {given['sighting']}; {given['why']}"
    return f"<div>{_picture(given['sighting'], pictures)}<p>{escape(words)}</p></div>"


def _picture(sighting: object, pictures: Mapping[str, bytes]) -> str:
    jpeg = pictures.get(str(sighting))
    if jpeg is None:
        return ""
    return f'<img alt="" src="data:image/jpeg;base64,{b64encode(jpeg).decode("ascii")}">'
