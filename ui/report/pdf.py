"""Write the blocks of a report as a PDF: A4, embedded typeface, numbered pages; the same blocks give the same bytes."""

import io
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from reportlab.graphics.shapes import Circle, Drawing, PolyLine, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Image, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from ui.report.blocks import Block, ExhibitCard, Facts, Grid, Heading, Line, ReportPicture, RouteMap, Row, Text
from ui.report.pdf_text import BOLD, REGULAR, face_of, markup, register_faces

INK, SOFT, RULE, WASH = HexColor("#16202b"), HexColor("#55616e"), HexColor("#c9cfd6"), HexColor("#f4f6f8")
BLUE, AMBER, MAGENTA, CAUTION_WASH = (HexColor(code) for code in ("#1f5fa8", "#c98a2b", "#a31f56", "#fdf6ec"))
ROAD, LAND = HexColor("#c4c9ce"), HexColor("#f7f7f4")
ROLE_COLOURS = {"yes": BLUE, "question": MAGENTA, "unsure": AMBER, "open": AMBER}

MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
FRAME_PADDING = 6
"""ReportLab keeps so many points free around each page's text."""

LABELS_WIDTH = 36 * mm
TALLEST_PICTURE = 46 * mm
GAP = 4 * mm
MOST_IN_A_CELL = 500
"""So many characters fit into the narrowest column of a page."""

NEEDED_BELOW_HEADING = 38 * mm

Flowables = list[Any]


def pdf_document(title: str, blocks: Sequence[Block]) -> bytes:
    """Return the whole file; it is set twice, because every page names the number of pages."""
    register_faces()
    pages = _set(title, blocks, None)[1]
    return _set(title, blocks, pages)[0]


def _set(title: str, blocks: Sequence[Block], pages: int | None) -> tuple[bytes, int]:
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN - FRAME_PADDING,
        rightMargin=MARGIN - FRAME_PADDING,
        topMargin=17 * mm,
        bottomMargin=20 * mm,
        title=title,
        author="Retrace",
        lang="en",
        invariant=1,
    )
    foot = _foot(title, pages)
    document.build(_story(blocks), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue(), document.page


def _story(blocks: Sequence[Block]) -> Flowables:
    """Return all blocks in order; a heading stays with the card that follows it."""
    story: Flowables = []
    above: Flowables = []
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        if isinstance(block, Heading) and isinstance(after, ExhibitCard):
            above = _heading(block.text, block.level)
        elif isinstance(block, ExhibitCard):
            story += _card(block, above)
            above = []
        else:
            story += _block(block)
    return story


def _foot(title: str, pages: int | None) -> Callable[[Any, Any], None]:
    def draw(canvas: Any, document: Any) -> None:
        foot = Paragraph(markup(title[:160]), _style(7.5, colour=SOFT))
        foot.wrap(WIDTH - 30 * mm, 20)
        foot.drawOn(canvas, MARGIN, 11 * mm)
        canvas.setFont(REGULAR, 7.5)
        canvas.setFillColor(SOFT)
        canvas.drawRightString(A4[0] - MARGIN, 11.8 * mm, f"{document.page} / {pages or document.page}")

    return draw


def _block(block: Block) -> Flowables:
    match block:
        case Heading(text, level):
            return [CondPageBreak(NEEDED_BELOW_HEADING), *_heading(text, level)]
        case Text(text, kind):
            return _text(text, kind)
        case Facts(rows):
            return [_facts(rows, WIDTH), Spacer(1, 2 * mm)] if rows else []
        case Grid():
            return [_grid(block), Spacer(1, 2.5 * mm)]
        case ExhibitCard():
            return _card(block, [])
        case RouteMap():
            return [_map(block), Spacer(1, 1.5 * mm)]


def _heading(text: str, level: int) -> Flowables:
    if level == 1:
        return [Paragraph(markup(text), _style(20, font=BOLD, leading=1.25))]
    rule = Table([[""]], colWidths=[WIDTH], rowHeights=[1], style=[("LINEABOVE", (0, 0), (-1, 0), 1.1, INK)])
    heading = Paragraph(markup(text), _style(11.5, font=BOLD, after=1.5 * mm))
    return [Spacer(1, 6 * mm), rule, Spacer(1, 1.2 * mm), heading]


def _text(text: str, kind: str) -> Flowables:
    words = markup(text).replace("\n", "<br/>")
    if kind == "caution":
        return [Spacer(1, 3 * mm), _boxed(Paragraph(words, _style(8.5)), CAUTION_WASH, AMBER), Spacer(1, 1 * mm)]
    if kind == "verbatim":
        return [_boxed(Paragraph(words, _style(7)), WASH, WASH), Spacer(1, 2 * mm)]
    styles = {"lead": _style(11, colour=SOFT, after=5 * mm), "small": _style(7.5, colour=SOFT, after=2 * mm)}
    return [Paragraph(words, styles.get(kind, _style(8.8, after=2 * mm)))]


def _boxed(content: Any, background: Any, edge: Any) -> Any:
    style = [
        ("BACKGROUND", (0, 0), (-1, -1), background),
        ("LINEBEFORE", (0, 0), (0, -1), 3, edge),
        *_padding(3 * mm, 2 * mm),
    ]
    return Table([[content]], colWidths=[WIDTH], style=style, splitInRow=1)


def _facts(rows: Sequence[Row], width: float, *, splits: bool = True) -> Any:
    label, value = _style(7.5, colour=SOFT), _style(7.5)
    cells = [[Paragraph(markup(_shortened(name)), label), Paragraph(markup(text), value)] for name, text in rows]
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), *_padding(0, 0.5 * mm)]
    return Table(cells, colWidths=[LABELS_WIDTH, width - LABELS_WIDTH], style=style, splitInRow=int(splits))


def _grid(grid: Grid) -> Any:
    whole = sum(grid.shares)
    head = [Paragraph(markup(_shortened(name)), _style(7.5, font=BOLD)) for name in grid.columns]
    body = [
        [Paragraph(markup(_shortened(text)), _style(6.6 if at in grid.mono else 7.5)) for at, text in enumerate(row)]
        for row in grid.rows
    ]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
        *_padding(0, 1.1 * mm, right=2 * mm),
    ]
    widths = [WIDTH * share / whole for share in grid.shares]
    return Table([head, *body], colWidths=widths, repeatRows=1, style=style)


def _card(card: ExhibitCard, above: Flowables) -> Flowables:
    """Return a card with what must stand above it, and below it what people wrote."""
    inner = WIDTH - 8 * mm
    head = Table(
        [
            [
                Paragraph(markup(card.label), _style(12, font=BOLD)),
                Paragraph(markup(_shortened(card.title)), _style(9.2, font=BOLD)),
                Paragraph(markup(_shortened(card.role_words)), _style(7.8, colour=SOFT, right=True)),
            ]
        ],
        colWidths=[14 * mm, inner - 66 * mm, 52 * mm],
        style=[("VALIGN", (0, 0), (-1, -1), "MIDDLE"), *_padding(0, 1 * mm)],
    )
    parts: Flowables = [head]
    if card.pictures:
        parts.append(_pictures(card.pictures, inner))
    if card.facts.rows:
        parts.append(_facts([(name, _shortened(text)) for name, text in card.facts.rows], inner, splits=False))
    colour = ROLE_COLOURS.get(card.role, SOFT)
    style = [
        ("BOX", (0, 0), (-1, -1), 0.5, RULE),
        ("LINEABOVE", (0, 0), (-1, 0), 2.5, colour),
        *_padding(4 * mm, 0.6 * mm),
    ]
    box = Table([[part] for part in parts], colWidths=[WIDTH], style=style)
    remarks = [
        Paragraph(f"<b>{markup(card.label)}</b> {markup(one)}", _style(8, after=1.5 * mm)) for one in card.remarks
    ]
    return [KeepTogether([*above, Spacer(1, 2 * mm), box]), Spacer(1, 1.5 * mm), *remarks, Spacer(1, 2.5 * mm)]


def _pictures(pictures: Sequence[ReportPicture], width: float) -> Any:
    """Return pictures side by side at one height, as large as the width allows."""
    ratios = [picture.width_px / max(picture.height_px, 1) for picture in pictures]
    room = width - GAP * (len(pictures) - 1)
    height = min(TALLEST_PICTURE, room / sum(ratios))
    widths = [height * ratio for ratio in ratios]
    cells = [_picture(picture, size, height) for picture, size in zip(pictures, widths, strict=True)]
    captions = [Paragraph(markup(_shortened(picture.caption)), _style(6.5, colour=SOFT)) for picture in pictures]
    columns = [size + GAP for size in widths]
    spare = max(0.0, width - sum(columns))
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), *_padding(0, 0.5 * mm, right=GAP)]
    return Table([[*cells, ""], [*captions, ""]], colWidths=[*columns, spare], style=style)


def _picture(picture: ReportPicture, width: float, height: float) -> Any:
    image = Image(io.BytesIO(picture.jpeg), width=width, height=height)
    if picture.box is None:
        return image
    scale, box = width / picture.width_px, picture.box
    frame = Drawing(width, height)
    top = height - box.y * scale
    frame.add(
        Rect(
            box.x * scale,
            top - box.height * scale,
            box.width * scale,
            box.height * scale,
            fillColor=None,
            strokeColor=HexColor("#ff2f92"),
            strokeWidth=1.2,
        )
    )
    # The drawing lies over the picture: a negative space takes it back to the picture's top.
    return [image, Spacer(1, -height), frame]


def _map(plan: RouteMap) -> Any:
    scale = WIDTH / plan.width_m
    drawing = Drawing(WIDTH, plan.height_m * scale)
    drawing.add(Rect(0, 0, WIDTH, plan.height_m * scale, fillColor=LAND, strokeColor=RULE, strokeWidth=0.5))
    for line in plan.roads:
        drawing.add(_line(line, scale, ROAD, 1.3))
    for line in plan.route:
        drawing.add(_line(line, scale, BLUE, 2.4))
    drawing.add(_line(((5 / scale, 6 / scale), (5 / scale + plan.bar_m, 6 / scale)), scale, INK, 1.4))
    drawing.add(String(5, 9, f"{plan.bar_m:,} m", fontName=REGULAR, fontSize=6))
    for spot in plan.spots:
        colour, radius = ROLE_COLOURS.get(spot.kind, HexColor("#7b8794")), 4.0 if spot.kind != "none" else 2.4
        east, north = spot.east_m * scale, spot.north_m * scale
        drawing.add(Circle(east, north, radius, fillColor=colour, strokeColor=HexColor("#ffffff"), strokeWidth=0.8))
        size = 7.5 if spot.kind != "none" else 6
        drawing.add(String(east + 6, north - 2.5, spot.name, fontName=face_of(spot.name, BOLD), fontSize=size))
    return drawing


def _line(line: Line, scale: float, colour: Any, width: float) -> Any:
    points = [side * scale for point in line for side in point]
    return PolyLine(points, strokeColor=colour, strokeWidth=width, strokeLineJoin=1)


def _shortened(text: str) -> str:
    """Return a text that fits into a cell: a row of a table must fit on one page."""
    return text if len(text) <= MOST_IN_A_CELL else f"{text[:MOST_IN_A_CELL]}… (all of it is in report.html)"


def _padding(side: float, height: float, *, right: float | None = None) -> list[tuple[object, ...]]:
    everywhere = ((0, 0), (-1, -1))
    return [
        ("LEFTPADDING", *everywhere, side),
        ("RIGHTPADDING", *everywhere, side if right is None else right),
        ("TOPPADDING", *everywhere, height),
        ("BOTTOMPADDING", *everywhere, height),
    ]


@cache
def _style(
    size: float, *, font: str = REGULAR, colour: Any = INK, after: float = 0, leading: float = 1.42, right: bool = False
) -> Any:
    return ParagraphStyle(
        f"{font}{size}",
        fontName=font,
        fontSize=size,
        leading=size * leading,
        textColor=colour,
        spaceAfter=after,
        alignment=2 if right else 0,
    )
