"""Write the blocks of a report as one HTML file that needs nothing else: no script, no font, no network."""

import base64
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

from ui.report.blocks import Block, ExhibitCard, Facts, Grid, Heading, MapSpot, ReportPicture, RouteMap, Row, Text

STYLE = Path(__file__).with_name("report.css")

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
"""What a browser may load: nothing but what stands in the file, whatever a note of the case says."""

MAP_WIDTH = 1000


def html_document(title: str, blocks: Sequence[Block]) -> str:
    """Return the whole file."""
    body = "\n".join(_block(block) for block in blocks)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>\n<style>{_style()}</style></head>\n<body><main>\n{body}\n</main></body></html>\n"
    )


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Text(text, kind):
            lines = escape(text).replace("\n", "<br>")
            return f'<p class="{kind}">{lines}</p>'
        case Facts(rows):
            return _facts(rows)
        case Grid():
            return _grid(block)
        case ExhibitCard():
            return _card(block)
        case RouteMap():
            return _map(block)


def _facts(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in rows)}</dl>"


def _grid(grid: Grid) -> str:
    whole = sum(grid.shares)
    widths = "".join(f'<col style="width:{100 * share / whole:.1f}%">' for share in grid.shares)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in grid.columns)
    rows = "".join(
        f"<tr>{''.join(_cell(text, at in grid.mono) for at, text in enumerate(row))}</tr>" for row in grid.rows
    )
    return f"<table><colgroup>{widths}</colgroup><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(text: str, mono: bool) -> str:
    return f'<td class="mono">{escape(text)}</td>' if mono else f"<td>{escape(text)}</td>"


def _card(card: ExhibitCard) -> str:
    pictures = "".join(_picture(picture, card) for picture in card.pictures)
    remarks = "".join(f'<p class="remark">{escape(remark)}</p>' for remark in card.remarks)
    facts = _facts(card.facts.rows)
    if card.clip is not None:
        name = escape(card.clip, quote=True)
        facts = facts.replace(f"<dd>{name}", f'<dd><a href="{name}">{name}</a>', 1)
    return (
        f'<section class="card {card.role}"><header><b>{escape(card.label)}</b><h3>{escape(card.title)}</h3>'
        f"<span>{escape(card.role_words)}</span></header>"
        f'<div class="pictures">{pictures}</div>{facts}{remarks}</section>'
    )


def _picture(picture: ReportPicture, card: ExhibitCard) -> str:
    data = base64.b64encode(picture.jpeg).decode("ascii")
    box = ""
    if picture.box is not None:
        one, size = picture.box, f"{picture.width_px} {picture.height_px}"
        rectangle = f'<rect x="{one.x:.1f}" y="{one.y:.1f}" width="{one.width:.1f}" height="{one.height:.1f}"/>'
        box = f'<svg viewBox="0 0 {size}" aria-hidden="true">{rectangle}</svg>'
    wide = picture.width_px / max(picture.height_px, 1)
    words = escape(f"{card.label}: {card.title}", quote=True)
    return (
        f'<figure style="--wide:{wide:.3f}"><div><img src="data:image/jpeg;base64,{data}" alt="{words}">{box}</div>'
        f"<figcaption>{escape(picture.caption)}</figcaption></figure>"
    )


def _map(plan: RouteMap) -> str:
    """Return the map as an SVG; north is up."""
    scale = MAP_WIDTH / plan.width_m
    height = plan.height_m * scale

    def path(line: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{east * scale:.1f},{height - north * scale:.1f}" for east, north in line)

    roads = "".join(f'<polyline points="{path(line)}"/>' for line in plan.roads)
    route = "".join(f'<polyline class="route" points="{path(line)}"/>' for line in plan.route)
    bar = f'<path class="bar" d="M10 {height - 12:.0f}h{plan.bar_m * scale:.1f}"/>'
    bar += f'<text class="bar" x="10" y="{height - 20:.0f}">{plan.bar_m:,} m</text>'
    spots = "".join(_spot(spot, spot.east_m * scale, height - spot.north_m * scale) for spot in plan.spots)
    return (
        f'<svg class="map" viewBox="0 0 {MAP_WIDTH} {height:.0f}" role="img" aria-label="Map of the sightings">'
        f'<g class="roads">{roads}</g>{route}{spots}{bar}</svg>'
    )


def _spot(spot: MapSpot, x: float, y: float) -> str:
    radius = 9 if spot.kind != "none" else 5
    return (
        f'<g class="spot {spot.kind}" transform="translate({x:.1f} {y:.1f})"><circle r="{radius}"/>'
        f'<text x="14" y="6">{escape(spot.name)}</text></g>'
    )


@cache
def _style() -> str:
    return STYLE.read_text(encoding="utf-8")
