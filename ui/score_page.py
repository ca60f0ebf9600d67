"""Write the score of a city as lines of text and as a self-contained HTML page."""

from collections.abc import Iterator, Mapping
from html import escape
from types import MappingProxyType

from ui.failure_page import FAILURES, STYLE, failures_html, failures_of

_TITLES = {
    "passages": "Passages found",
    "attributes": "Type and colour",
    "plates": "Plates read",
    "questions": "Questions",
    "ranking": "Ranking by stage",
    "itinerary": "Itinerary",
    "area_now": "Where it can be now, minutes after",
    "calibration": "Probabilities",
    "peers": "What other tools would find",
    "steps": "What each step brings, and all of them over cosines with equal plates first",
    "absent": "Vehicles that no other camera saw, of a thousand",
    "gap": "Vehicles that drove through a gap in the footage, of a thousand",
    "without": "Without a part, and what it brings (gain)",
}

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:1.6rem 0 .3rem}
table{border-collapse:collapse;width:100%}td{padding:.15rem .6rem .15rem 0;border-bottom:1px solid #e6e8eb}
td.figure{text-align:right;font-variant-numeric:tabular-nums;width:5rem}td.interval{color:#6a737d;width:9rem}
td.bar{width:12rem}td.bar div{background:#2f6fb2;height:.6rem;border-radius:.3rem}
@media(prefers-color-scheme:dark){body{background:#16191d;color:#e4e6e9}td{border-color:#30363d}}
"""


def score_lines(score: Mapping[str, object]) -> Iterator[str]:
    """Yield a heading for each section, and a line for each figure with its interval."""
    for section, figures in _sections(score).items():
        yield _TITLES.get(section, section)
        for name, value, interval in _figures(figures):
            yield f"  {name:<28}{_number(value):>8}  {_interval(interval)}".rstrip()


def score_page(score: Mapping[str, object], *, title: str, pictures: Mapping[str, bytes] = MappingProxyType({})) -> str:
    """Return the score as an HTML page without external files; `pictures` are those of the failures, by sighting."""
    sections = "".join(
        f"<h2>{escape(_TITLES.get(section, section))}</h2><table>{''.join(map(_row, _figures(figures)))}</table>"
        for section, figures in _sections(score).items()
    )
    failures = failures_of(score)
    worst = f"<h2>Wrong first answers, the surest first</h2>{failures_html(failures, pictures)}" if failures else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Score of {escape(title)}</title><style>{_STYLE}{STYLE}</style><h1>Score of {escape(title)}</h1>"
        f"<p>95 % intervals by bootstrap over vehicles, 1,000 resamples.</p>{sections}{worst}</html>\n"
    )


def _sections(score: Mapping[str, object]) -> Mapping[str, object]:
    """Return the sections that hold figures."""
    return {name: figures for name, figures in score.items() if name != FAILURES}


Line = tuple[str, object, object]


def _figures(part: object, path: str = "") -> Iterator[Line]:
    """Yield the name, value and interval of each figure; names of nested figures are joined."""
    if not isinstance(part, Mapping):
        return
    for name, value in part.items():
        if name.endswith("_ci"):
            continue
        if isinstance(value, Mapping):
            yield from _figures(value, f"{path}{name} ")
        else:
            yield f"{path}{name}", value, part.get(f"{name}_ci")


def _row(line: Line) -> str:
    name, value, interval = line
    is_share = isinstance(value, float) and 0 <= value <= 1
    bar = f'<div style="width:{100 * value:.1f}%"></div>' if is_share and isinstance(value, float) else ""
    return (
        f'<tr><td>{escape(name)}</td><td class="figure">{_number(value)}</td>'
        f'<td class="interval">{_interval(interval)}</td><td class="bar">{bar}</td></tr>'
    )


def _number(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _interval(interval: object) -> str:
    match interval:
        case [float(low), float(high)]:
            return f"{low:.3f} to {high:.3f}"
        case _:
            return ""
